import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { GettableSilence } from '@tidewatch/api/alertmanager.ts'
import type { SilencedAlerts } from '@tidewatch/api/firing-alerts.ts'
import { useState } from 'react'
import { alertHref, silencedQuery } from '../../data/alerts.ts'
import { problemOf } from '../../data/client.ts'
import { toLoadable } from '../../data/loadable.ts'
import { formatMatcher, fromApi } from '../../data/matchers.ts'
import { linkSearch, searchText } from '../../data/search.ts'
import { useMay } from '../../data/session.ts'
import { silencesQuery, useEndSilence, useSetSilence } from '../../data/silences.ts'
import { usePageSearch, useSetSearch } from '../../data/use-range.ts'
import { CodeBlock } from '../../ui/code-block.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { StateWord } from '../../ui/glyph.tsx'
import { Loaded, useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment, type Zone } from '../../ui/times.ts'
import { useToast } from '../../ui/toasts.tsx'
import { formatSeconds } from '../../ui/units.ts'
import { noMatchers, SilenceDialog } from './silence-dialog.tsx'
import { type SilenceStart, startOf } from './silence-model.ts'
import './silences.css'

const states = ['active', 'pending', 'expired'] as const
type SilenceState = (typeof states)[number]
const stateWords: Record<SilenceState, string> = { active: 'Active', pending: 'Planned', expired: 'Ended' }
/** More are not kept for long, and nobody reads them. */
const maxRows = 2000

/** All silences with what they hide: made, changed, ended, made again. */
export function SilencesTab() {
  const search = usePageSearch()
  const setSearch = useSetSearch()
  const may = useMay('editor')
  const silences = toLoadable(useQuery({ ...silencesQuery, refetchInterval: 10_000 }))
  const { data: hidden = nothing } = useQuery({ ...silencedQuery, refetchInterval: 10_000 })
  const [isNew, setNew] = useState(false)
  const state = states.find((one) => one === searchText(search, 'state')) ?? 'active'
  const edited = silences.data?.find(({ id }) => id === searchText(search, 'edit'))
  return (
    <section className="section" aria-label="Silences">
      <div className="section-head alert-filter">
        <fieldset className="segments" aria-label="State">
          {states.map((one) => (
            <button
              key={one}
              type="button"
              className={one === state ? 'on' : ''}
              aria-pressed={one === state}
              onClick={() => setSearch({ state: one === 'active' ? undefined : one }, { replace: true })}
            >
              {stateWords[one]}
              {silences.data !== undefined && <span className="third small">{countOf(silences.data, one)}</span>}
            </button>
          ))}
        </fieldset>
        <button type="button" className="button primary end" disabled={!may} onClick={() => setNew(true)}>
          New silence
        </button>
      </div>
      <Loaded of={silences} what="silences" height={200}>
        {(list) => (
          <SilenceTable silences={list.filter(({ status }) => status.state === state)} state={state} hidden={hidden} />
        )}
      </Loaded>
      {isNew && <SilenceDialog start={{ matchers: noMatchers }} onClose={() => setNew(false)} />}
      {edited !== undefined && (
        <SilenceDialog
          key={edited.id}
          start={startOf(edited, Date.now())}
          onClose={() => setSearch({ edit: undefined }, { replace: true })}
        />
      )}
    </section>
  )
}

const countOf = (silences: readonly GettableSilence[], state: SilenceState): number =>
  silences.filter(({ status }) => status.state === state).length

const nothing: SilencedAlerts = {}

interface SilenceTableProps {
  readonly silences: readonly GettableSilence[]
  readonly state: SilenceState
  readonly hidden: SilencedAlerts
}

function SilenceTable({ silences, state, hidden }: SilenceTableProps) {
  const nowMs = useTicking(10_000)
  const { zone } = usePreferences()
  if (silences.length === 0) return <NoSilences state={state} />
  return (
    <>
      <DataTable
        name="Silences"
        columns={columns(nowMs, { zone, hidden })}
        rows={silences.slice(0, maxRows)}
        rowKey={({ id }) => id}
      />
      {silences.length > maxRows && (
        <p className="small third">
          The first {maxRows} of {silences.length} are shown.
        </p>
      )}
    </>
  )
}

function NoSilences({ state }: { readonly state: SilenceState }) {
  if (state !== 'active') return <p className="second">None is {state === 'pending' ? 'planned' : 'ended'}.</p>
  const command = `amtool silence add --alertmanager.url=${location.origin} -d 2h -c "moving the database" team=db`
  return (
    <>
      <p className="second silences-teach">
        Nothing is silenced. A silence hides alerts by their labels for a while: choose some under Firing, or by
        command.
      </p>
      <CodeBlock name="Ways to silence" snippets={[{ title: 'amtool', text: command }]} />
    </>
  )
}

function columns(
  nowMs: number,
  { zone, hidden }: { readonly zone: Zone; readonly hidden: SilenceTableProps['hidden'] },
): readonly Column<GettableSilence>[] {
  return [
    {
      key: 'matchers',
      title: 'Alerts with',
      cell: (one) => (
        <div className="alert-cell">
          <div className="grow">
            <div className="row wrap silence-matchers">
              {(one.matcherSets ?? [one.matchers]).map((set) =>
                set.map((matcher) => {
                  const text = formatMatcher(fromApi(matcher))
                  return (
                    <span key={text} className="chip">
                      {text}
                    </span>
                  )
                }),
              )}
            </div>
            <p className="small break">
              {one.comment} <span className="third">{one.createdBy}</span>
            </p>
          </div>
        </div>
      ),
    },
    {
      key: 'hides',
      title: 'Hides now',
      numeric: true,
      width: '160px',
      sortBy: (one) => hidden[one.id]?.total ?? 0,
      cell: (one) => <Hidden of={hidden[one.id]} />,
    },
    {
      key: 'ends',
      title: 'Time',
      width: '150px',
      sortBy: (one) => Date.parse(one.endsAt),
      cell: (one) => <When silence={one} nowMs={nowMs} zone={zone} />,
    },
    {
      key: 'tools',
      title: 'Actions',
      titleHidden: true,
      numeric: true,
      width: '150px',
      cell: (one) => <Tools silence={one} />,
    },
  ]
}

function Hidden({ of }: { readonly of: SilencedAlerts[string] | undefined }) {
  if (of === undefined) return <span className="third">nothing</span>
  const { first, total } = of
  return (
    <>
      <Link to={alertHref(first.fingerprint)} search={linkSearch()} className="link break">
        {first.name}
      </Link>
      {total > 1 && <span className="second"> and {total - 1} more</span>}
    </>
  )
}

function When({
  silence,
  nowMs,
  zone,
}: {
  readonly silence: GettableSilence
  readonly nowMs: number
  readonly zone: Zone
}) {
  const [startsAtMs, endsAtMs] = [Date.parse(silence.startsAt), Date.parse(silence.endsAt)]
  const { state } = silence.status
  const atMs = state === 'pending' ? startsAtMs : endsAtMs
  const word = state === 'pending' ? 'begins in' : state === 'active' ? 'ends in' : 'ended'
  const distance = formatSeconds(Math.round(Math.abs(atMs - nowMs) / 1000))
  return (
    <span title={`${formatMoment(startsAtMs, zone)} to ${formatMoment(endsAtMs, zone)}`}>
      <StateWord state={state === 'active' ? 'held' : state === 'pending' ? 'info' : 'no-data'}>
        {`${word} ${distance}${state === 'expired' ? ' ago' : ''}`}
      </StateWord>
    </span>
  )
}

function Tools({ silence }: { readonly silence: GettableSilence }) {
  const may = useMay('editor')
  const setSearch = useSetSearch()
  const end = useExpire(silence)
  const isEnded = silence.status.state === 'expired'
  if (!may) return null
  return (
    <span className="row silence-tools">
      {silence.matcherSets === undefined && (
        <button type="button" className="button little" onClick={() => setSearch({ edit: silence.id })}>
          {isEnded ? 'Make again' : 'Change'}
        </button>
      )}
      {!isEnded && (
        <button type="button" className="button little danger" onClick={end}>
          End
        </button>
      )}
    </span>
  )
}

/** Ends it; Undo makes the same again for the rest of its time. */
function useExpire(silence: GettableSilence): () => void {
  const toast = useToast()
  const onError = (error: unknown) => toast({ text: problemOf(error).what, tone: 'error' })
  const set = useSetSilence({ onError })
  const again = () => {
    const { matchers, startsAtMs, endsAtMs = 0, comment = '' }: SilenceStart = startOf(silence, Date.now())
    const wish = { matchers, startsAtMs: Math.max(Date.now(), startsAtMs ?? 0), endsAtMs, comment }
    set.mutate({ ...wish, createdBy: silence.createdBy })
  }
  const onSuccess = () => {
    const text = 'It has ended: its alerts are told again.'
    // the form knows one set of matchers, and would make less than there was
    toast(silence.matcherSets === undefined ? { text, undo: again } : { text })
  }
  const end = useEndSilence({ onSuccess, onError })
  return () => end.mutate(silence.id)
}
