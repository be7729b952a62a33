import type { CardinalityReport } from '@tidewatch/api/cardinality.ts'
import type { CSSProperties } from 'react'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMinute, type Zone } from '../../ui/times.ts'
import { formatNumber } from '../../ui/units.ts'
import { CountTable } from './tables.tsx'

type Churn = CardinalityReport['churn']

/** Series that appeared: hour by hour, and where. */
export function ChurnSection({ churn }: { readonly churn: Churn }) {
  const total = churn.hours.reduce((sum, { created }) => sum + created, 0)
  const { zone } = usePreferences()
  return (
    <section className="section" aria-label="New series">
      <div className="section-head">
        <h2>New series</h2>
        <span className="third small">
          {formatNumber(total)} since {formatMinute(churn.sinceMs, zone)}, by hour
        </span>
      </div>
      {total === 0 ? (
        <p className="second">No series appeared that was not there before.</p>
      ) : (
        <>
          <HourBars hours={churn.hours} zone={zone} />
          <div className="cardinality-two">
            <CountTable
              name="New series by metric"
              title="Metric"
              countTitle="New series"
              rows={churn.metrics.slice(0, 10)}
            />
            <CountTable name="New series by job" title="Job" countTitle="New series" rows={churn.jobs.slice(0, 10)} />
          </div>
        </>
      )}
    </section>
  )
}

/** A bar an hour against the hour with the most; each says its hour and count. */
function HourBars({ hours, zone }: { readonly hours: Churn['hours']; readonly zone: Zone }) {
  const most = Math.max(...hours.map(({ created }) => created))
  return (
    <>
      <ol className="hour-bars" aria-label="New series by hour">
        {hours.map(({ startMs, created }, i) => {
          const text = `${formatMinute(startMs, zone)}: ${formatNumber(created)} new${i === hours.length - 1 ? ' so far' : ''}`
          return (
            <li key={startMs} title={text} style={{ '--part': created / most } as CSSProperties}>
              <span className="hidden-text">{text}</span>
            </li>
          )
        })}
      </ol>
      <p className="hour-ends small third" aria-hidden>
        <span>{formatMinute(hours[0]?.startMs ?? 0, zone)}</span>
        <span>most: {formatNumber(most)} in an hour</span>
        <span>now</span>
      </p>
    </>
  )
}
