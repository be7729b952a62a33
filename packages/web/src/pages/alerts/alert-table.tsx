import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { FiringGroup, FiringRow, PendingAlerts, PendingRow } from '@tidewatch/api/firing-alerts.ts'
import { type KeyboardEvent, useState } from 'react'
import { alertHref, type FiringQuestion, groupQuery } from '../../data/alerts.ts'
import { linkSearch } from '../../data/search.ts'
import { Glyph, severityState } from '../../ui/glyph.tsx'
import { useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment } from '../../ui/times.ts'
import { formatAge, formatSeconds } from '../../ui/units.ts'
import { type ChosenAlert, heldWords, joinRows, maxRows, restLabels } from './firing-model.ts'
import { LabelChips } from './label-chips.tsx'

interface AlertTableProps {
  readonly groups: readonly FiringGroup[]
  readonly question: FiringQuestion
  readonly pending: PendingAlerts
  readonly chosen: ReadonlyMap<string, ChosenAlert>
  readonly onChoose: (rows: readonly FiringRow[], isChosen: boolean) => void
  /** All of a group, drawn or not. */
  readonly onChooseGroup: (id: string) => void
}

const everyMs = 10_000

/** One body a group; j and k move, x chooses, Enter opens. */
export function AlertTable({ groups, pending, ...shared }: AlertTableProps) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const nowMs = useTicking(1000)
  return (
    <table className="table alert-table" aria-label="Alerts">
      <thead className="hidden-head">
        <tr>
          <th scope="col">Choose</th>
          <th scope="col">Alert</th>
          <th scope="col">State</th>
          <th scope="col">For</th>
        </tr>
      </thead>
      {groups.map((group) =>
        opened.has(group.id) ? (
          <OpenedGroup key={group.id} group={group} nowMs={nowMs} {...shared} />
        ) : (
          <GroupBody
            key={group.id}
            group={group}
            rows={group.rows}
            nowMs={nowMs}
            onMore={() => setOpened((before) => new Set([...before, group.id]))}
            {...shared}
          />
        ),
      )}
      {pending.total > 0 && <Pending pending={pending} nowMs={nowMs} />}
    </table>
  )
}

interface GroupProps extends Pick<AlertTableProps, 'question' | 'chosen' | 'onChoose' | 'onChooseGroup'> {
  readonly group: FiringGroup
  readonly nowMs: number
}

/** A group of which more is wanted than the list of all groups has. */
function OpenedGroup(props: GroupProps) {
  const { group, question } = props
  const answer = useInfiniteQuery({ ...groupQuery(question, group.id), refetchInterval: everyMs })
  const rows = answer.data === undefined ? group.rows : joinRows(answer.data.pages)
  const more = rows.length < maxRows ? () => void answer.fetchNextPage() : undefined
  return <GroupBody {...props} rows={rows} onMore={more} />
}

interface GroupBodyProps extends GroupProps {
  readonly rows: readonly FiringRow[]
  /** Undefined: no more are drawn. */
  readonly onMore: (() => void) | undefined
}

function GroupBody({ group, rows, nowMs, chosen, onChoose, onChooseGroup, onMore }: GroupBodyProps) {
  const left = group.total - rows.length
  return (
    <tbody>
      <GroupHead {...{ group, rows, chosen, onChoose, onChooseGroup }} />
      {rows.map((row) => (
        <AlertRow
          key={row.fingerprint}
          row={row}
          group={group}
          nowMs={nowMs}
          isChosen={chosen.has(row.fingerprint)}
          onChoose={onChoose}
        />
      ))}
      {left > 0 && (
        <tr>
          <td />
          <td colSpan={3}>
            {onMore === undefined ? (
              <span className="small second">
                {left} more are not drawn. Narrow the list by severity, receiver or a label.
              </span>
            ) : (
              <button type="button" className="link small" onClick={onMore}>
                {left} more in this group
              </button>
            )}
          </td>
        </tr>
      )}
    </tbody>
  )
}

type GroupHeadProps = Pick<GroupBodyProps, 'group' | 'rows' | 'chosen' | 'onChoose' | 'onChooseGroup'>

function GroupHead({ group, rows, chosen, onChoose, onChooseGroup }: GroupHeadProps) {
  const count = rows.filter(({ fingerprint }) => chosen.has(fingerprint)).length
  const isDrawn = rows.length >= group.total
  const isAll = count === rows.length && (isDrawn || chosen.size >= group.total)
  const change = () => (isAll || isDrawn ? onChoose(rows, !isAll) : onChooseGroup(group.id))
  return (
    <tr className="group-row">
      <td className="choose">
        <label className="choose-label">
          <input
            type="checkbox"
            aria-label={`Choose all ${group.total} of ${group.receiver}`}
            checked={isAll}
            ref={(box) => {
              if (box !== null) box.indeterminate = count > 0 && !isAll
            }}
            onChange={change}
          />
        </label>
      </td>
      <th scope="rowgroup" colSpan={3}>
        <span className="row wrap">
          <span className="second">
            To <b>{group.receiver}</b>
          </span>
          {Object.entries(group.labels).map(([name, value]) => (
            <span key={name} className="chip">
              {name}=<b>{value}</b>
            </span>
          ))}
          <span className="third end">{group.total}</span>
        </span>
      </th>
    </tr>
  )
}

interface AlertRowProps extends Pick<AlertTableProps, 'onChoose'> {
  readonly row: FiringRow
  readonly group: FiringGroup
  readonly nowMs: number
  readonly isChosen: boolean
}

function AlertRow({ row, group, nowMs, isChosen, onChoose }: AlertRowProps) {
  const { fingerprint, name, sentence, standing, taker, startsAtMs } = row
  const severity = severityState(row.severity)
  const { zone } = usePreferences()
  const open = useOpenAlert(fingerprint)
  const choose = () => onChoose([row], !isChosen)
  return (
    <tr
      className={`open-row ${standing}`}
      tabIndex={0}
      onClick={({ target }) => isBesideBox(target) || open()}
      onKeyDown={(event) => rowKeys(event, { open, choose })}
    >
      <td className="choose">
        <label className="choose-label">
          <input type="checkbox" aria-label={`Choose ${name}`} checked={isChosen} onChange={choose} />
        </label>
      </td>
      <td>
        <div className="alert-cell">
          <Glyph state={standing === 'suppressed' ? 'held' : severity} name={severity} />
          <div className="grow">
            <span className="label break">{name}</span> <span className="second break">{sentence}</span>
            <LabelChips labels={restLabels(row, group)} />
            {standing !== 'open' && (
              <p className="small phone-only">
                <Standing row={row} nowMs={nowMs} />
              </p>
            )}
          </div>
        </div>
      </td>
      <td className="wide-only standing">
        {standing === 'open' && taker === undefined ? (
          <span className="label">{severity}</span>
        ) : (
          <Standing row={row} nowMs={nowMs} />
        )}
      </td>
      <td className="number" title={formatMoment(startsAtMs, zone)}>
        {formatAge(nowMs - startsAtMs)}
      </td>
    </tr>
  )
}

/** Who has it since when, or why nobody is told. */
function Standing({ row, nowMs }: Pick<AlertRowProps, 'row' | 'nowMs'>) {
  const { zone } = usePreferences()
  const { standing, taker } = row
  return (
    <>
      {standing === 'suppressed' && <span className="second break">{heldWords(row)}</span>}
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

function Pending({ pending, nowMs }: { readonly pending: PendingAlerts; readonly nowMs: number }) {
  return (
    <tbody>
      <tr className="group-row">
        <td className="choose" />
        <th scope="rowgroup" colSpan={3}>
          <span className="row">
            <span className="second">About to fire</span>
            <span className="third end">{pending.total}</span>
          </span>
        </th>
      </tr>
      {pending.rows.map((row) => (
        <PendingLine key={row.fingerprint} row={row} nowMs={nowMs} />
      ))}
      {pending.total > pending.rows.length && (
        <tr>
          <td />
          <td colSpan={3}>
            <span className="small second">{pending.total - pending.rows.length} more are about to fire.</span>
          </td>
        </tr>
      )}
    </tbody>
  )
}

function PendingLine({ row, nowMs }: { readonly row: PendingRow; readonly nowMs: number }) {
  const open = useOpenAlert(row.fingerprint)
  return (
    <tr className="open-row" tabIndex={0} onClick={open} onKeyDown={(event) => rowKeys(event, { open })}>
      <td className="choose" />
      <td>
        <div className="alert-cell">
          <Glyph state="pending" name="pending" />
          <div className="grow">
            <span className="label break">{row.name}</span> <span className="second break">{row.sentence}</span>
            <LabelChips labels={restLabels(row, noLabels)} />
          </div>
        </div>
      </td>
      <td className="wide-only second">
        <span>pending</span>
        <span className="small third"> of {formatSeconds(row.forMs / 1000)}</span>
      </td>
      <td className="number">{formatAge(nowMs - row.sinceMs)}</td>
    </tr>
  )
}

const noLabels = { labels: {} }

function useOpenAlert(fingerprint: string): () => void {
  const navigate = useNavigate()
  return () => {
    void navigate({ to: alertHref(fingerprint), search: linkSearch() })
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
