import { useQuery } from '@tanstack/react-query'
import type { OnCallPlanAnswer } from '@tidewatch/api/oncall.ts'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { toLoadable } from '../../data/loadable.ts'
import { onCallNowQuery, shiftsQuery } from '../../data/oncall.ts'
import { searchText } from '../../data/search.ts'
import { useMay } from '../../data/session.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { Loaded, useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatSeconds } from '../../ui/units.ts'
import { Calendar } from './calendar/calendar.tsx'
import { type CalendarView, calendarSpan, hoursOf } from './calendar/lanes.ts'
import { addDays, startOf, timeIn } from './calendar/zoned.ts'
import { NowRow } from './now-row.tsx'
import { draftOf, newDraft, type OverrideDraft } from './overrides/draft.ts'
import { OverrideDialog } from './overrides/override-dialog.tsx'
import { OverrideList } from './overrides/override-list.tsx'
import { type PersonColours, PersonName } from './person.tsx'
import './calendar/calendar.css'

interface ScheduleTabProps {
  readonly plan: OnCallPlanAnswer
  readonly colours: PersonColours
}

/** Who is on call now, the calendar of one schedule, and who stands in for whom. */
export function ScheduleTab({ plan, colours }: ScheduleTabProps) {
  const now = toLoadable(useQuery({ ...onCallNowQuery, refetchInterval: 30_000 }))
  const [draft, setDraft] = useState<OverrideDraft>()
  const zoneOf = (name: string): string => plan.schedules.find((one) => one.name === name)?.timeZone ?? 'UTC'
  return (
    <>
      <Loaded of={now} what="who is on call" height={110}>
        {(answer) => <NowRow now={answer} colours={colours} />}
      </Loaded>
      <CalendarSection plan={plan} colours={colours} onDraft={setDraft} />
      <OverrideList
        plan={plan}
        colours={colours}
        onChange={(override) => setDraft(draftOf(override, zoneOf(override.schedule)))}
      />
      {draft !== undefined && <OverrideDialog start={draft} plan={plan} onClose={() => setDraft(undefined)} />}
    </>
  )
}

const views = [
  { id: 'week', title: 'Week' },
  { id: 'month', title: 'Month' },
] as const

/** Nobody plans further, and the server tells no more than a few years. */
const mostAway = 60

interface Shown {
  readonly schedule: string
  readonly timeZone: string
  readonly view: CalendarView
  readonly offset: number
  /** In the zone of the one who looks, instead of the schedule's. */
  readonly local: boolean
}

/** What the URL asks for. */
function useShown(plan: OnCallPlanAnswer): Shown {
  const search = usePageSearch()
  const chosen = searchText(search, 'schedule')
  const schedule = plan.schedules.find(({ name }) => name === chosen) ?? plan.schedules[0]
  const offset = Math.trunc(Number(searchText(search, 'away') ?? 0)) || 0
  return {
    schedule: schedule?.name ?? '',
    timeZone: schedule?.timeZone ?? 'UTC',
    view: searchText(search, 'view') === 'month' ? 'month' : 'week',
    offset: Math.max(-mostAway, Math.min(mostAway, offset)),
    local: searchText(search, 'times') === 'local',
  }
}

function CalendarSection({
  plan,
  colours,
  onDraft,
}: ScheduleTabProps & { readonly onDraft: (draft: OverrideDraft) => void }) {
  const { schedule, timeZone, view, offset, local } = useShown(plan)
  const nowMs = useTicking(30_000)
  const { zone } = usePreferences()
  const mayEdit = useMay('editor')
  const shownZone = local ? (zone === 'utc' ? 'UTC' : undefined) : timeZone
  const span = calendarSpan({ view, offset, nowMs, timeZone: shownZone })
  const shifts = toLoadable(
    useQuery({ ...shiftsQuery(schedule, { fromMs: span.startMs, toMs: span.endMs }), refetchInterval: 60_000 }),
  )
  const draft = (startMs: number, endMs: number) => onDraft(newDraft({ schedule, timeZone, startMs, endMs }))
  return (
    <section className="section" aria-label={`Calendar of ${schedule}`}>
      <CalendarHead plan={plan} title={span.title} />
      <Loaded of={shifts} what="shifts" height={380}>
        {(list) => (
          <>
            <Calendar
              lanes={span.lanes}
              shifts={list}
              view={view}
              timeZone={shownZone}
              nowMs={nowMs}
              colours={colours}
              onPick={mayEdit ? ({ startMs, endMs }) => draft(startMs, endMs) : undefined}
            />
            <Sums hours={hoursOf(list, span)} colours={colours} />
          </>
        )}
      </Loaded>
      {mayEdit && (
        <p className="oncall-tools" style={{ paddingTop: 12 }}>
          <button
            type="button"
            className="button primary"
            onClick={() => {
              const tomorrow = addDays(timeIn(nowMs, timeZone), 1)
              draft(startOf(tomorrow, timeZone), startOf(addDays(tomorrow, 1), timeZone))
            }}
          >
            Somebody stands in
          </button>
        </p>
      )}
    </section>
  )
}

function CalendarHead({ plan, title }: { readonly plan: OnCallPlanAnswer; readonly title: string }) {
  const setSearch = useSetSearch()
  const { schedule, timeZone, view, offset, local } = useShown(plan)
  const move = (away: number) => setSearch({ away: away === 0 ? undefined : String(away) }, { replace: true })
  return (
    <div className="calendar-head">
      <select
        className="select"
        aria-label="Schedule"
        value={schedule}
        onChange={(event) => setSearch({ schedule: event.target.value }, { replace: true })}
      >
        {plan.schedules.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <fieldset className="segments" aria-label="Move in time">
        <button type="button" aria-label={`Earlier ${view}`} onClick={() => move(offset - 1)}>
          <ChevronLeft className="icon" aria-hidden />
        </button>
        <button type="button" className={offset === 0 ? 'on' : ''} aria-pressed={offset === 0} onClick={() => move(0)}>
          Today
        </button>
        <button type="button" aria-label={`Later ${view}`} onClick={() => move(offset + 1)}>
          <ChevronRight className="icon" aria-hidden />
        </button>
      </fieldset>
      <h2 className="title" aria-live="polite">
        {title}
      </h2>
      <fieldset className="segments end" aria-label="Length">
        {views.map((one) => (
          <button
            key={one.id}
            type="button"
            className={one.id === view ? 'on' : ''}
            aria-pressed={one.id === view}
            onClick={() =>
              setSearch({ view: one.id === 'week' ? undefined : one.id, away: undefined }, { replace: true })
            }
          >
            {one.title}
          </button>
        ))}
      </fieldset>
      <select
        className="select"
        aria-label="Times of"
        value={local ? 'local' : 'schedule'}
        onChange={(event) =>
          setSearch({ times: event.target.value === 'local' ? 'local' : undefined }, { replace: true })
        }
      >
        <option value="schedule">Times of {timeZone}</option>
        <option value="local">My times</option>
      </select>
    </div>
  )
}

/** How long each has it in what is shown, and how long nobody. */
function Sums({
  hours,
  colours,
}: {
  readonly hours: ReadonlyMap<string | null, number>
  readonly colours: PersonColours
}) {
  const sums = [...hours].sort(([, a], [, b]) => b - a)
  return (
    <ul className="calendar-sums small" aria-label="Time on call">
      {sums.map(([person, ms]) => (
        <li key={person ?? ''} className={person === null ? 'warn' : 'second'}>
          <PersonName person={person} colours={colours} /> {formatSeconds(ms / 1000)}
        </li>
      ))}
    </ul>
  )
}
