import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { GettableAlertGroup } from '@tidewatch/api/alertmanager.ts'
import { useMemo, useState } from 'react'
import { useTakers } from '../../data/acknowledgements.ts'
import { alertGroupsQuery, nameOf } from '../../data/alerts.ts'
import { toLoadable } from '../../data/loadable.ts'
import { countRules, type LiveAlert, liveAlerts, rulesQuery } from '../../data/rules.ts'
import { linkSearch } from '../../data/search.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { AlertTable } from './alert-table.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { FiringFilters, useFiringFilter } from './firing-filters.tsx'
import { countFiring, distinct, hasFilter, receiversOf, shownGroups } from './firing-model.ts'

const everyMs = 10_000

/** What fires, as routes group it, and what is about to; several can be silenced or taken at once. */
export function FiringTab() {
  const { filter, matchers } = useFiringFilter()
  const groups = toLoadable(useQuery({ ...alertGroupsQuery(matchers), refetchInterval: everyMs }))
  const rules = useQuery({ ...rulesQuery, refetchInterval: everyMs })
  const pending = useMemo(() => liveAlerts(rules.data ?? []).filter(({ state }) => state === 'pending'), [rules.data])
  const isNarrowed = hasFilter(filter) || matchers.length > 0
  return (
    <>
      <FiringFilters receivers={receiversOf(groups.data ?? [])} problem={groups.problem} />
      <Loaded of={groups} what="alerts" height={300}>
        {(list) =>
          list.length === 0 && pending.length === 0 && !isNarrowed ? (
            <Quiet rules={rules.data === undefined ? undefined : countRules(rules.data).rules} />
          ) : (
            <Firing groups={list} pending={isNarrowed ? [] : pending} isNarrowed={isNarrowed} />
          )
        }
      </Loaded>
    </>
  )
}

interface FiringProps {
  readonly groups: readonly GettableAlertGroup[]
  readonly pending: readonly LiveAlert[]
  readonly isNarrowed: boolean
}

function Firing({ groups, pending, isNarrowed }: FiringProps) {
  const { filter, clear } = useFiringFilter()
  const takers = useTakers(everyMs)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const shown = useMemo(() => shownGroups(groups, takers, filter), [groups, takers, filter])
  const names = useMemo(
    () => new Map(groups.flatMap(({ alerts }) => alerts.map((alert) => [alert.fingerprint, nameOf(alert)] as const))),
    [groups],
  )
  const all = useMemo(() => distinct(shown), [shown])
  const choose = (fingerprints: readonly string[], isChosen: boolean) =>
    setChosen((before) => {
      const next = new Set(before)
      for (const fingerprint of fingerprints) {
        if (isChosen) next.add(fingerprint)
        else next.delete(fingerprint)
      }
      return next
    })
  const counts = countFiring(shown)
  const selected = all.filter(({ alert }) => chosen.has(alert.fingerprint))
  return (
    <>
      <p className="small third alert-counts" role="status">
        {counts.open} open, {counts.taken} taken, {counts.suppressed} quiet on purpose
        {pending.length > 0 && `, ${pending.length} pending`}
      </p>
      {shown.length === 0 && isNarrowed ? (
        <div>
          <p className="label">No alert matches.</p>
          <p style={{ marginTop: 10 }}>
            <button type="button" className="button little" onClick={clear}>
              Remove the filter
            </button>
          </p>
        </div>
      ) : (
        <AlertTable
          groups={shown}
          pending={pending}
          chosen={chosen}
          onChoose={choose}
          nameOfFingerprint={(fingerprint) => names.get(fingerprint) ?? fingerprint}
        />
      )}
      <BulkBar
        selected={selected}
        total={all.length}
        onAll={() =>
          choose(
            all.map(({ alert }) => alert.fingerprint),
            true,
          )
        }
        onClear={() => setChosen(new Set())}
      />
    </>
  )
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
