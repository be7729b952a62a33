import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, useState } from 'react'
import { alertHref, nameOf, sentenceOf } from '../../data/alerts.ts'
import { alertName, alertSentence, type LiveAlert, ownLabels } from '../../data/rules.ts'
import { linkSearch } from '../../data/search.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment } from '../../ui/times.ts'
import { formatAge, formatSeconds } from '../../ui/units.ts'
import { drawnRows, heldWords, restLabels, type ShownAlert, type ShownGroup } from './firing-model.ts'
import { LabelChips } from './label-chips.tsx'

interface AlertTableProps {
  readonly groups: readonly ShownGroup[]
  readonly pending: readonly LiveAlert[]
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (fingerprints: readonly string[], isChosen: boolean) => void
  readonly nameOfFingerprint: (fingerprint: string) => string
}

/** One body a group; j and k move, x chooses, Enter opens. */
export function AlertTable({ groups, pending, chosen, onChoose, nameOfFingerprint }: AlertTableProps) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const nowMs = useTicking(1000)
  const rows = drawnRows(groups, opened)
  const hidden = groups.filter(({ key }) => rows.get(key) === 0)
  return (
    <>
      <table className="table alert-table" aria-label="Alerts">
        <thead className="hidden-head">
          <tr>
            <th scope="col">Choose</th>
            <th scope="col">Alert</th>
            <th scope="col">State</th>
            <th scope="col">For</th>
          </tr>
        </thead>
        {groups.map((group) => {
          const count = rows.get(group.key) ?? 0
          if (count === 0) return null
          return (
            <tbody key={group.key}>
              <GroupHead group={group} chosen={chosen} onChoose={onChoose} />
              {group.alerts.slice(0, count).map((shown) => (
                <AlertRow
                  key={shown.alert.fingerprint}
                  shown={shown}
                  group={group}
                  nowMs={nowMs}
                  isChosen={chosen.has(shown.alert.fingerprint)}
                  onChoose={onChoose}
                  nameOfFingerprint={nameOfFingerprint}
                />
              ))}
              {count < group.alerts.length && (
                <tr>
                  <td />
                  <td colSpan={3}>
                    <button
                      type="button"
                      className="link small"
                      onClick={() => setOpened((before) => new Set([...before, group.key]))}
                    >
                      {group.alerts.length - count} more in this group
                    </button>
                  </td>
                </tr>
              )}
            </tbody>
          )
        })}
        {pending.length > 0 && <Pending pending={pending} nowMs={nowMs} />}
      </table>
      {hidden.length > 0 && (
        <p className="small second">
          {hidden.length} more groups are not drawn. Narrow the list by severity, receiver or a label.
        </p>
      )}
    </>
  )
}

type Choosing = Pick<AlertTableProps, 'chosen' | 'onChoose'>

function GroupHead({ group, chosen, onChoose }: Choosing & { readonly group: ShownGroup }) {
  const fingerprints = group.alerts.map(({ alert }) => alert.fingerprint)
  const count = fingerprints.filter((fingerprint) => chosen.has(fingerprint)).length
  const isAll = count === fingerprints.length
  return (
    <tr className="group-row">
      <td className="choose">
        <label className="choose-label">
          <input
            type="checkbox"
            aria-label={`Choose all ${fingerprints.length} of ${group.receiver}`}
            checked={isAll}
            ref={(box) => {
              if (box !== null) box.indeterminate = count > 0 && !isAll
            }}
            onChange={() => onChoose(fingerprints, !isAll)}
          />
        </label>
      </td>
      <th scope="rowgroup" colSpan={3}>
        <span className="row wrap">
          <span className="second">
            To <b>{group.receiver}</b>
          </span>
          {group.labels.map(([name, value]) => (
            <span key={name} className="chip">
              {name}=<b>{value}</b>
            </span>
          ))}
          <span className="third end">{group.alerts.length}</span>
        </span>
      </th>
    </tr>
  )
}

interface AlertRowProps extends Pick<AlertTableProps, 'onChoose' | 'nameOfFingerprint'> {
  readonly shown: ShownAlert
  readonly group: ShownGroup
  readonly nowMs: number
  readonly isChosen: boolean
}

function AlertRow({ shown, group, nowMs, isChosen, onChoose, nameOfFingerprint }: AlertRowProps) {
  const { alert, severity, standing, taker } = shown
  const { zone } = usePreferences()
  const open = useOpenAlert(alert.fingerprint)
  const choose = () => onChoose([alert.fingerprint], !isChosen)
  const startsAtMs = Date.parse(alert.startsAt)
  return (
    <tr
      className={`open-row ${standing}`}
      tabIndex={0}
      onClick={({ target }) => isBesideBox(target) || open()}
      onKeyDown={(event) => rowKeys(event, { open, choose })}
    >
      <td className="choose">
        <label className="choose-label">
          <input type="checkbox" aria-label={`Choose ${nameOf(alert)}`} checked={isChosen} onChange={choose} />
        </label>
      </td>
      <td>
        <div className="alert-cell">
          <Glyph state={standing === 'suppressed' ? 'held' : severity} name={severity} />
          <div className="grow">
            <span className="label break">{nameOf(alert)}</span>{' '}
            <span className="second break">{sentenceOf(alert)}</span>
            <LabelChips labels={restLabels(alert, group)} />
            {standing !== 'open' && (
              <p className="small phone-only">
                <Standing shown={shown} nameOfFingerprint={nameOfFingerprint} nowMs={nowMs} />
              </p>
            )}
          </div>
        </div>
      </td>
      <td className="wide-only standing">
        {standing === 'open' && taker === undefined ? (
          <span className="label">{severity}</span>
        ) : (
          <Standing shown={shown} nameOfFingerprint={nameOfFingerprint} nowMs={nowMs} />
        )}
      </td>
      <td className="number" title={formatMoment(startsAtMs, zone)}>
        {formatAge(nowMs - startsAtMs)}
      </td>
    </tr>
  )
}

/** Who has it since when, or why nobody is told. */
function Standing({
  shown: { alert, standing, taker },
  nameOfFingerprint,
  nowMs,
}: Pick<AlertRowProps, 'shown' | 'nameOfFingerprint' | 'nowMs'>) {
  const { zone } = usePreferences()
  return (
    <>
      {standing === 'suppressed' && <span className="second break">{heldWords(alert, nameOfFingerprint)}</span>}
      {taker !== undefined && (
        <span className="row tide" title={formatMoment(taker.atMs, zone)}>
          <Glyph state="acknowledged" />
          <span className="break">
            {taker.by} has it, {formatAge(nowMs - taker.atMs)}
          </span>
        </span>
      )}
    </>
  )
}

function Pending({ pending, nowMs }: { readonly pending: readonly LiveAlert[]; readonly nowMs: number }) {
  return (
    <tbody>
      <tr className="group-row">
        <td className="choose" />
        <th scope="rowgroup" colSpan={3}>
          <span className="row">
            <span className="second">About to fire</span>
            <span className="third end">{pending.length}</span>
          </span>
        </th>
      </tr>
      {pending.slice(0, 200).map((live) => (
        <PendingRow key={live.key} live={live} nowMs={nowMs} />
      ))}
    </tbody>
  )
}

function PendingRow({ live, nowMs }: { readonly live: LiveAlert; readonly nowMs: number }) {
  const open = useOpenAlert(live.alert.fingerprint)
  const forMs = nowMs - (live.sinceMs ?? nowMs)
  return (
    <tr className="open-row" tabIndex={0} onClick={open} onKeyDown={(event) => rowKeys(event, { open })}>
      <td className="choose" />
      <td>
        <div className="alert-cell">
          <Glyph state="pending" name="pending" />
          <div className="grow">
            <span className="label break">{alertName(live.alert)}</span>{' '}
            <span className="second break">{alertSentence(live)}</span>
            <LabelChips labels={ownLabels(live.alert)} />
          </div>
        </div>
      </td>
      <td className="wide-only second">
        <span>pending</span>
        <span className="small third"> of {formatSeconds(live.rule.duration)}</span>
      </td>
      <td className="number">{formatAge(forMs)}</td>
    </tr>
  )
}

function useOpenAlert(fingerprint: string | undefined): () => void {
  const navigate = useNavigate()
  return () => {
    if (fingerprint !== undefined) void navigate({ to: alertHref(fingerprint), search: linkSearch() })
  }
}

/** Who aims at the box and misses does not want to leave the list. */
const isBesideBox = (target: EventTarget): boolean => target instanceof Element && target.closest('.choose') !== null

function rowKeys(
  event: KeyboardEvent<HTMLTableRowElement>,
  { open, choose }: { readonly open: () => void; readonly choose?: () => void },
): void {
  if (event.target !== event.currentTarget) return
  const { currentTarget: row } = event
  if (event.key === 'Enter') open()
  else if (event.key === 'x' || event.key === ' ') choose?.()
  else if (event.key === 'j' || event.key === 'ArrowDown') focusBeside(row, 1)
  else if (event.key === 'k' || event.key === 'ArrowUp') focusBeside(row, -1)
  else return
  event.preventDefault()
}

/** The next alert, also where it is of another group. */
function focusBeside(row: HTMLTableRowElement, by: 1 | -1): void {
  const all = [...(row.closest('table')?.querySelectorAll<HTMLElement>('tr.open-row') ?? [])]
  all[all.indexOf(row) + by]?.focus()
}
