import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { FiringAlerts, FiringRow, PendingAlerts } from '@tidewatch/api/firing-alerts.ts'
import { useState } from 'react'
import {
  alertsSummaryQuery,
  type FiringQuestion,
  fetchFiringLabels,
  firingQuery,
  pendingQuery,
} from '../../data/alerts.ts'
import { problemOf } from '../../data/client.ts'
import { toLoadable } from '../../data/loadable.ts'
import { linkSearch } from '../../data/search.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { AlertTable } from './alert-table.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { FiringFilters, useFiringFilter } from './firing-filters.tsx'
import { type ChosenAlert, chosenOf, hasFilter, joinGroups, maxRows, questionOf } from './firing-model.ts'

const everyMs = 10_000

/** What fires, as routes group it, and what is about to; several can be silenced or taken at once. */
export function FiringTab() {
  const { filter, matchers } = useFiringFilter()
  const question = questionOf(filter, matchers)
  const answer = useInfiniteQuery({ ...firingQuery(question), refetchInterval: everyMs })
  const { data: pending } = useQuery({ ...pendingQuery, refetchInterval: everyMs })
  const { data: summary } = useQuery(alertsSummaryQuery)
  const isNarrowed = hasFilter(filter) || matchers.length > 0
  const firing = toLoadable(answer)
  return (
    <>
      <FiringFilters receivers={answer.data?.pages[0]?.receivers ?? []} problem={firing.problem} />
      <Loaded of={firing} what="alerts" height={300}>
        {({ pages }) =>
          pages[0]?.groupCount === 0 && (pending?.total ?? 0) === 0 && !isNarrowed ? (
            <Quiet rules={summary?.rules.total} />
          ) : (
            <Firing
              pages={pages}
              question={question}
              pending={isNarrowed || pending === undefined ? nonePending : pending}
              isNarrowed={isNarrowed}
              onMore={answer.hasNextPage ? () => void answer.fetchNextPage() : undefined}
            />
          )
        }
      </Loaded>
    </>
  )
}

const nonePending: PendingAlerts = { total: 0, rows: [] }

interface FiringProps {
  readonly pages: readonly FiringAlerts[]
  readonly question: FiringQuestion
  readonly pending: PendingAlerts
  readonly isNarrowed: boolean
  /** Undefined: all groups are here. */
  readonly onMore: (() => void) | undefined
}

function Firing({ pages, question, pending, isNarrowed, onMore }: FiringProps) {
  const { clear } = useFiringFilter()
  const { chosen, choose, chooseAll, clearChosen } = useChosen(question)
  const groups = joinGroups(pages)
  const first = pages[0]
  const counts = first?.counts ?? { open: 0, taken: 0, suppressed: 0 }
  const drawn = groups.reduce((sum, { rows }) => sum + rows.length, 0)
  return (
    <>
      <p className="small third alert-counts" role="status">
        {counts.open} open, {counts.taken} taken, {counts.suppressed} quiet on purpose
        {pending.total > 0 && `, ${pending.total} pending`}
      </p>
      {groups.length === 0 && isNarrowed ? (
        <div>
          <p className="label">No alert matches.</p>
          <p style={{ marginTop: 10 }}>
            <button type="button" className="button little" onClick={clear}>
              Remove the filter
            </button>
          </p>
        </div>
      ) : (
        <AlertTable {...{ groups, question, pending, chosen }} onChoose={choose} onChooseGroup={chooseAll} />
      )}
      <MoreGroups left={(first?.groupCount ?? 0) - groups.length} onMore={drawn < maxRows ? onMore : undefined} />
      <BulkBar
        selected={[...chosen.values()]}
        total={counts.open + counts.taken + counts.suppressed}
        onAll={() => chooseAll()}
        onClear={clearChosen}
      />
    </>
  )
}

function MoreGroups({ left, onMore }: { readonly left: number; readonly onMore: (() => void) | undefined }) {
  if (left <= 0) return null
  if (onMore === undefined) {
    return (
      <p className="small second">
        {left} more groups are not drawn. Narrow the list by severity, receiver or a label.
      </p>
    )
  }
  return (
    <p>
      <button type="button" className="button little" onClick={onMore}>
        {left} more {left === 1 ? 'group' : 'groups'}
      </button>
    </p>
  )
}

/** Those that are chosen, also such as are not drawn; of a whole group or of all, the server tells which. */
function useChosen(question: FiringQuestion) {
  const toast = useToast()
  const [chosen, setChosen] = useState<ReadonlyMap<string, ChosenAlert>>(new Map())
  const add = (alerts: readonly ChosenAlert[]) =>
    setChosen((before) => new Map([...before, ...alerts.map((one) => [one.fingerprint, one] as const)]))
  const fetching = useMutation({
    mutationFn: (group: string | undefined) => fetchFiringLabels(question, group),
    onSuccess({ alerts, truncated }) {
      add(alerts)
      if (truncated) toast({ text: `The first ${alerts.length} are chosen: more cannot be done at once.` })
    },
    onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
  })
  return {
    chosen,
    choose(rows: readonly FiringRow[], isChosen: boolean) {
      if (isChosen) return add(rows.map(chosenOf))
      const gone = new Set(rows.map(({ fingerprint }) => fingerprint))
      setChosen((before) => new Map([...before].filter(([fingerprint]) => !gone.has(fingerprint))))
    },
    chooseAll: (group?: string) => fetching.mutate(group),
    clearChosen: () => setChosen(new Map()),
  }
}

function Quiet({ rules }: { readonly rules: number | undefined }) {
  if (rules !== 0) {
    return (
      <p className="row quiet">
        <Glyph state="fine" /> <span className="label">Nothing is on fire.</span>{' '}
        <span className="second">No rule fires or is about to.</span>
      </p>
    )
  }
  return (
    <p className="second quiet">
      No rule is loaded, so nothing can fire.{' '}
      <Link to="/rules" search={linkSearch()} className="link">
        Bring your rules
      </Link>
      , or let your Prometheus send its alerts here: <code>{`alertmanagers: [{ static_configs: [{ targets: ['`}</code>
      <code>{location.host}</code>
      <code>{`'] }] }]`}</code>
    </p>
  )
}
