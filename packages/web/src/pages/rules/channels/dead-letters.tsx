import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { problemOf } from '../../../data/client.ts'
import { toLoadable } from '../../../data/loadable.ts'
import { type DeadLetter, deadLettersQuery, useDropLetters, useResendLetters } from '../../../data/notify.ts'
import { useMay } from '../../../data/session.ts'
import { Age } from '../../../ui/age.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { Glyph, severityState } from '../../../ui/glyph.tsx'
import { Loaded } from '../../../ui/loaded.tsx'
import { SureButton } from '../../../ui/sure-button.tsx'
import { useToast } from '../../../ui/toasts.tsx'

/** The server takes no more in one call. */
const mostAtOnce = 1000

/** Messages that were given up: to be sent again once the receiver is well, or to be forgotten. */
export function DeadLetters({ integration }: { readonly integration: string | undefined }) {
  const letters = useInfiniteQuery({ ...deadLettersQuery(integration), refetchInterval: 10_000 })
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const mayEdit = useMay('editor')
  const actions = useLetterActions(() => setChosen(new Set()))
  const toggle = (ids: readonly string[], on: boolean) =>
    setChosen((before) => {
      const after = new Set(before)
      for (const id of ids) {
        if (on) after.add(id)
        else after.delete(id)
      }
      return after
    })
  return (
    <section className="section" aria-label="Given up">
      <div className="section-head">
        <h2>Given up</h2>
        <span className="small third">Kept for 30 days.</span>
      </div>
      <Loaded
        of={toLoadable(letters)}
        what="messages that were given up"
        height={60}
        isEmpty={({ pages }) => pages.every(({ deadLetters }) => deadLetters.length === 0)}
        empty={<p className="second">No message was given up.</p>}
      >
        {({ pages }) => {
          const list = pages.flatMap(({ deadLetters }) => deadLetters)
          const ids = list.map(({ id }) => id).filter((id) => chosen.has(id))
          return (
            <>
              {mayEdit && <LetterActions ids={ids} all={list.map(({ id }) => id)} toggle={toggle} actions={actions} />}
              <DataTable
                name="Messages that were given up"
                columns={letterColumns(mayEdit ? { chosen, toggle } : undefined)}
                rows={list}
                rowKey={({ id }) => id}
              />
              {letters.hasNextPage && (
                <button type="button" className="button little" onClick={() => void letters.fetchNextPage()}>
                  Show older ones
                </button>
              )}
            </>
          )
        }}
      </Loaded>
    </section>
  )
}

const words = (count: number): string => (count === 1 ? '1 message' : `${count} messages`)

/** Used where the list stands, not beside its rows: those go with the last message, and nobody would be told how it went. */
function useLetterActions(onDone: () => void) {
  const resend = useResendLetters()
  const drop = useDropLetters()
  const toast = useToast()
  const said = (verb: string) => ({
    onSuccess: (count: number) => {
      toast({ text: `${words(count)} ${verb}.` })
      onDone()
    },
    onError: (error: Error) => toast({ text: problemOf(error).what, tone: 'error' }),
  })
  return {
    isPending: resend.isPending || drop.isPending,
    resend: (ids: readonly string[]) => resend.mutate(ids, said('on the way again')),
    drop: (ids: readonly string[]) => drop.mutate(ids, said('forgotten')),
  }
}

interface LetterActionsProps {
  readonly ids: readonly string[]
  readonly all: readonly string[]
  readonly toggle: (ids: readonly string[], on: boolean) => void
  readonly actions: ReturnType<typeof useLetterActions>
}

function LetterActions({ ids, all, toggle, actions }: LetterActionsProps) {
  const sent = ids.slice(0, mostAtOnce)
  const isIdle = ids.length === 0 || actions.isPending
  return (
    <div className="row wrap letter-actions">
      <label className="row small nowrap">
        <input
          type="checkbox"
          checked={ids.length === all.length}
          onChange={(event) => toggle(all, event.target.checked)}
        />
        All {all.length}
      </label>
      <button type="button" className="button little" disabled={isIdle} onClick={() => actions.resend(sent)}>
        Send {ids.length === 0 ? '' : `${words(sent.length)} `}again
      </button>
      <SureButton word="Drop" what={words(sent.length)} disabled={isIdle} onSure={() => actions.drop(sent)} />
    </div>
  )
}

interface Choice {
  readonly chosen: ReadonlySet<string>
  readonly toggle: (ids: readonly string[], on: boolean) => void
}

const letterColumns = (choice: Choice | undefined): readonly Column<DeadLetter>[] => [
  ...(choice === undefined
    ? []
    : [
        {
          key: 'choose',
          title: 'Choose',
          titleHidden: true,
          width: '28px',
          cell: (one: DeadLetter) => (
            <input
              type="checkbox"
              aria-label={`Choose ${groupWords(one)} by ${one.integration}`}
              checked={choice.chosen.has(one.id)}
              onChange={(event) => choice.toggle([one.id], event.target.checked)}
            />
          ),
        },
      ]),
  {
    key: 'what',
    title: 'Message',
    cell: (one) => (
      <div className="cell-lines">
        <span className="row">
          <Glyph state={severityState(one.severity)} name={one.severity} />
          <span className="label break">{groupWords(one)}</span>
        </span>
        <span className="small third">
          {one.status === 'firing' ? 'firing' : 'over'}, {one.alerts} {one.alerts === 1 ? 'alert' : 'alerts'}
        </span>
      </div>
    ),
  },
  {
    key: 'channel',
    title: 'Channel',
    wideOnly: true,
    sortBy: ({ integration }) => integration,
    cell: ({ integration }) => <span className="break">{integration}</span>,
  },
  {
    key: 'why',
    title: 'Said last',
    cell: ({ detail, attempts, integration }) => (
      <div className="cell-lines">
        <span className="break">{detail}</span>
        <span className="small third">
          after {attempts} {attempts === 1 ? 'attempt' : 'attempts'}
          <span className="phone-only">, {integration}</span>
        </span>
      </div>
    ),
  },
  {
    key: 'when',
    title: 'Given up',
    numeric: true,
    sortBy: ({ failedAtMs }) => failedAtMs,
    cell: ({ failedAtMs }) => <Age atMs={failedAtMs} />,
  },
]

function groupWords({ groupLabels }: DeadLetter): string {
  const { alertname, ...rest } = groupLabels
  const others = Object.entries(rest).map(([name, value]) => `${name}=${value}`)
  return [...(alertname === undefined ? [] : [alertname]), ...others].join(', ') || 'All alerts'
}
