import { useQuery } from '@tanstack/react-query'
import type { OnCallPlanAnswer } from '@tidewatch/api/oncall.ts'
import { assignColours } from '../../charts/colours.ts'
import { toLoadable } from '../../data/loadable.ts'
import { escalationsQuery, onCallPlanQuery } from '../../data/oncall.ts'
import { searchText } from '../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Glyph } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { TabRow } from '../../ui/tab-row.tsx'
import { DrillsTab } from './drills/drills-tab.tsx'
import { EscalationsTab } from './escalations/escalations-tab.tsx'
import { escalationHeadline } from './escalations/headline.ts'
import { PeopleTab } from './people-tab.tsx'
import type { PersonColours } from './person.tsx'
import { ScheduleTab } from './schedule-tab.tsx'
import { onCallSnippets } from './teach.ts'
import './oncall.css'

const tabs = [
  { id: 'schedule', title: 'Schedule' },
  { id: 'escalations', title: 'Escalations' },
  { id: 'people', title: 'People' },
  { id: 'drills', title: 'Drills' },
] as const

/** Who is called, when, in which order; and whether it works. */
export function Page() {
  const chosen = searchText(usePageSearch(), 'tab')
  const setSearch = useSetSearch()
  const tab = tabs.find(({ id }) => id === chosen)?.id ?? 'schedule'
  const plan = toLoadable(useQuery({ ...onCallPlanQuery, refetchInterval: 60_000 }))
  return (
    <>
      <div className="page-head">
        <h1>On-call</h1>
        <OpenCount />
      </div>
      <div className="tab-row">
        <TabRow
          name="On-call"
          tabs={tabs}
          active={tab}
          onChoose={(id) => setSearch({ tab: id === 'schedule' ? undefined : id, escalation: undefined })}
        />
      </div>
      {tab === 'drills' ? (
        <DrillsTab />
      ) : (
        <Loaded of={plan} what="the plan" height={300} isEmpty={isEmptyPlan} empty={<NoPlan />}>
          {(data) => <Content tab={tab} plan={data} />}
        </Loaded>
      )}
    </>
  )
}

const isEmptyPlan = ({ people, schedules, policies }: OnCallPlanAnswer): boolean =>
  people.length + schedules.length + policies.length === 0

function Content({
  tab,
  plan,
}: {
  readonly tab: 'schedule' | 'escalations' | 'people'
  readonly plan: OnCallPlanAnswer
}) {
  const colours: PersonColours = assignColours(plan.people.map(({ name }) => name))
  switch (tab) {
    case 'schedule':
      return plan.schedules.length === 0 ? <NoSchedule /> : <ScheduleTab plan={plan} colours={colours} />
    case 'escalations':
      return <EscalationsTab plan={plan} colours={colours} />
    case 'people':
      return <PeopleTab plan={plan} colours={colours} />
    default:
      return tab satisfies never
  }
}

/** What nobody has taken yet; quiet where there is nothing. */
function OpenCount() {
  const { data } = useQuery({ ...escalationsQuery({ open: true, limit: 100 }), refetchInterval: 10_000 })
  const words = escalationHeadline(data ?? [])
  return words === undefined ? null : (
    <p className="note small row crit label">
      <Glyph state="critical" /> {words}
    </p>
  )
}

function NoPlan() {
  return (
    <section className="section" aria-label="Set up on-call">
      <p className="lead">Nobody is on call.</p>
      <p className="second">
        Alerts go to channels as they are. To call people in turns, and the next one when nobody answers, write into
        tidewatch.yml who they are, when it is whose turn, and who is called after whom. A channel of the kind{' '}
        <code>oncall</code> begins it.
      </p>
      <CodeBlock name="On-call in tidewatch.yml" snippets={onCallSnippets} />
    </section>
  )
}

function NoSchedule() {
  return (
    <section className="section" aria-label="Set up a schedule">
      <p className="lead">There are people, but no schedule.</p>
      <p className="second">Write under oncall in tidewatch.yml when it is whose turn:</p>
      <CodeBlock name="A schedule" snippets={onCallSnippets.filter(({ title }) => title === 'Schedule')} />
    </section>
  )
}
