import { useQuery } from '@tanstack/react-query'
import type { EscalationItem, OnCallPlanAnswer } from '@tidewatch/api/oncall.ts'
import { useState } from 'react'
import { toLoadable } from '../../../data/loadable.ts'
import { escalationsQuery, onCallNowQuery } from '../../../data/oncall.ts'
import { searchText } from '../../../data/search.ts'
import { usePageSearch, useSetSearch } from '../../../data/use-range.ts'
import { Age, Ahead } from '../../../ui/age.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { Glyph, severityState } from '../../../ui/glyph.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import type { PersonColours } from '../person.tsx'
import { EscalationDetail } from './escalation-detail.tsx'
import { EscalationState, labelText } from './escalation-words.tsx'
import { Policies } from './policies.tsx'

interface EscalationsTabProps {
  readonly plan: OnCallPlanAnswer
  readonly colours: PersonColours
}

const first = 100
const most = 1000

/** Who is being called for what, who was, and in which order people are. */
export function EscalationsTab({ plan, colours }: EscalationsTabProps) {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const onlyOpen = searchText(search, 'only') === 'open'
  const chosen = searchText(search, 'escalation')
  const [limit, setLimit] = useState(first)
  const escalations = toLoadable(useQuery({ ...escalationsQuery({ open: onlyOpen, limit }), refetchInterval: 5000 }))
  const now = useQuery({ ...onCallNowQuery, refetchInterval: 30_000 })
  return (
    <>
      <section className="section" aria-label="Escalations">
        <div className="section-head">
          <h2>Escalations</h2>
          <label className="row small nowrap end">
            <input
              type="checkbox"
              checked={onlyOpen}
              onChange={(event) => setSearch({ only: event.target.checked ? 'open' : undefined }, { replace: true })}
            />
            Only what is not over
          </label>
        </div>
        <Loaded
          of={escalations}
          what="escalations"
          height={120}
          isEmpty={(list) => list.length === 0}
          empty={<NoEscalation onlyOpen={onlyOpen} hasPolicy={plan.policies.length > 0} />}
        >
          {(list) => {
            const one = list.find(({ id }) => id === chosen)
            return (
              <>
                {one !== undefined && (
                  <EscalationDetail
                    escalation={one}
                    plan={plan}
                    now={now.data}
                    colours={colours}
                    onClose={() => setSearch({ escalation: undefined }, { replace: true })}
                  />
                )}
                <DataTable
                  name="Escalations"
                  columns={columns}
                  rows={list}
                  rowKey={({ id }) => id}
                  onOpen={({ id }) => setSearch({ escalation: id }, { replace: true })}
                />
                {list.length === limit && limit < most && (
                  <button type="button" className="link small" onClick={() => setLimit(most)}>
                    Show up to {most.toLocaleString('en')}
                  </button>
                )}
              </>
            )
          }}
        </Loaded>
      </section>
      <Policies plan={plan} now={now.data} colours={colours} />
    </>
  )
}

function NoEscalation({ onlyOpen, hasPolicy }: { readonly onlyOpen: boolean; readonly hasPolicy: boolean }) {
  if (onlyOpen) return <p className="second">All are over.</p>
  return (
    <p className="second">
      Nobody was called yet.
      {hasPolicy && ' An alert that is routed to a channel of the kind oncall begins one; a fire drill tries it.'}
    </p>
  )
}

const columns: readonly Column<EscalationItem>[] = [
  {
    key: 'what',
    title: 'What',
    sortBy: (one) => labelText(one),
    cell: (one) => (
      <div className="cell-lines">
        <span className="row">
          <Glyph state={severityState(one.severity)} name={one.severity} />
          <span className="label break">{labelText(one)}</span>
        </span>
        <span className="small third">
          {one.alerts} {one.alerts === 1 ? 'alert' : 'alerts'}, policy {one.policy}
        </span>
      </div>
    ),
  },
  { key: 'state', title: 'State', sortBy: ({ status }) => status, cell: (one) => <EscalationState escalation={one} /> },
  {
    key: 'called',
    title: 'Called',
    wideOnly: true,
    cell: (one) => <span className="break">{calledText(one)}</span>,
  },
  {
    key: 'next',
    title: 'Next step',
    wideOnly: true,
    cell: ({ nextAtMs }) => (nextAtMs === null ? <span className="third">none</span> : <Ahead atMs={nextAtMs} />),
  },
  {
    key: 'since',
    title: 'Began',
    numeric: true,
    sortBy: ({ openedAtMs }) => openedAtMs,
    cell: ({ openedAtMs }) => <Age atMs={openedAtMs} />,
  },
]

function calledText({ steps }: EscalationItem): string {
  const names = new Set(steps.flatMap(({ recipients }) => recipients.map(({ name }) => name)))
  return names.size === 0 ? 'nobody' : [...names].join(', ')
}
