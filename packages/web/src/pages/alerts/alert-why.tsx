import type { AlertDetail } from '@tidewatch/api/alert-why.ts'
import { useState } from 'react'
import { Glyph, severityState } from '../../ui/glyph.tsx'
import { useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatDay, formatMoment, formatSecond, type Zone } from '../../ui/times.ts'
import { formatAge, formatSeconds } from '../../ui/units.ts'
import { toldRows, type WhyRow, whyRows } from './why-model.ts'
import './why.css'

/** The newest ones; the rest comes on demand. */
const firstRows = 60

/** Why it fired and who was told: every decision in order, then what comes. */
export function AlertWhy({ detail }: { readonly detail: AlertDetail }) {
  const nowMs = useTicking(1000)
  const { zone } = usePreferences()
  const [isWhole, setWhole] = useState(false)
  const rows = whyRows(detail, nowMs, severityState(detail.severity))
  const shown = isWhole ? rows : rows.slice(-firstRows)
  return (
    <section className="section" aria-label="Why it fired, and who was told">
      <div className="section-head">
        <h2>Why it fired, and who was told</h2>
        <span className="third small">every decision, in order</span>
      </div>
      {shown.length < rows.length && (
        <button type="button" className="link small" onClick={() => setWhole(true)}>
          {rows.length - shown.length} earlier ones
        </button>
      )}
      {rows.length === 0 && <p className="second">Nothing is kept of it.</p>}
      <ol className="why">
        {shown.map((row, index) => (
          <Row key={row.key} row={row} isBeforeFuture={shown[index + 1]?.isFuture === true} nowMs={nowMs} zone={zone} />
        ))}
      </ol>
    </section>
  )
}

interface RowProps {
  readonly row: WhyRow
  readonly isBeforeFuture: boolean
  readonly nowMs: number
  readonly zone: Zone
}

function Row({ row: { atMs, title, text, glyph, isFuture }, isBeforeFuture, nowMs, zone }: RowProps) {
  const isToday = formatDay(atMs, zone) === formatDay(nowMs, zone)
  return (
    <li className={isFuture ? 'future' : isBeforeFuture ? 'before-future' : ''}>
      <time className="third small nowrap" dateTime={new Date(atMs).toISOString()} title={formatMoment(atMs, zone)}>
        {isToday ? '' : `${formatDay(atMs, zone)} `}
        {formatSecond(atMs, zone)}
      </time>
      <span className="why-point" aria-hidden>
        {glyph === undefined ? <span className="why-dot" /> : <Glyph state={glyph} />}
      </span>
      <div className="break">
        <span className={isFuture ? 'second' : 'label'}>{title}</span>{' '}
        {isFuture && <span className="third">in {formatSeconds(Math.ceil((atMs - nowMs) / 1000))}</span>}{' '}
        <span className="second">{text}</span>
      </div>
    </li>
  )
}

/** Whose turn it is, and who was told when. */
export function AlertTold({ detail }: { readonly detail: AlertDetail }) {
  const nowMs = useTicking(1000)
  const { zone } = usePreferences()
  const rows = toldRows(detail)
  const { next, holding } = detail
  return (
    <section className="section" aria-label="Who was told">
      <div className="section-head">
        <h2>Who was told</h2>
      </div>
      <p className="label break">
        {next.text}
        {next.atMs !== undefined && next.atMs > nowMs && (
          <span className="second"> In {formatSeconds(Math.ceil((next.atMs - nowMs) / 1000))}.</span>
        )}
      </p>
      <ul className="told-list">
        {holding.map(({ stage, text, receiver }) => (
          <li key={`${stage} ${receiver ?? ''} ${text}`} className="row told-held">
            <Glyph state={stage === 'acknowledged' ? 'acknowledged' : 'held'} />
            <span className="second break">
              {receiver !== undefined && <b>{receiver}: </b>}
              {text}
            </span>
          </li>
        ))}
      </ul>
      {rows.length > 0 && (
        <dl className="facts small told-facts">
          {rows.map(({ receiver, integration, atMs, firing, isUndelivered }) => (
            <div key={`${receiver} ${integration}`}>
              <dt className="break">{integration}</dt>
              <dd title={atMs === undefined ? undefined : formatMoment(atMs, zone)}>
                {isUndelivered && <span className="crit label">not delivered, </span>}
                {atMs === undefined ? 'not yet' : `${formatAge(nowMs - atMs)} ago${firing ? '' : ', that it ended'}`}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}
