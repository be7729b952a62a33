import type { BacktestReport } from '@tidewatch/api/backtest.ts'
import type { CSSProperties } from 'react'
import { usePreferences } from '../../../ui/preferences.ts'
import { formatDay, formatMoment } from '../../../ui/times.ts'
import { formatSeconds } from '../../../ui/units.ts'
import { PageTable } from './page-table.tsx'
import { counted, dayBars, headline, hourText, otherMessages } from './report-words.ts'
import { BacktestedRules } from './rule-report.tsx'

/** What would have happened: in words, by day, by rule, by person, one by one. */
export function Report({ report, tookMs }: { readonly report: BacktestReport; readonly tookMs: number | undefined }) {
  const { zone } = usePreferences()
  const { night } = report
  const other = otherMessages(report)
  const failed = report.rules.filter(({ failure }) => failure !== undefined).length
  return (
    <div className="report">
      <h2 className="report-headline">{headline(report)}</h2>
      {failed > 0 && (
        <p className="crit">
          {failed === 1 ? '1 rule' : `${failed} rules`} could not be evaluated:{' '}
          {failed === 1 ? 'it counts' : 'they count'} as quiet here. The reason stands beside each.
        </p>
      )}
      {other !== undefined && <p className="second">{other}</p>}
      <p className="small third">
        {formatMoment(report.startMs, zone)} to {formatMoment(report.endMs, zone)}. Night is {hourText(night.fromHour)}{' '}
        to {hourText(night.toHour)}, {night.timeZone}.{tookMs !== undefined && ` Took ${formatSeconds(tookMs / 1000)}.`}
      </p>
      {report.notes.map((note) => (
        <p key={note} className="small warn break">
          {note}
        </p>
      ))}
      {report.pages > 0 && <Days report={report} />}
      <BacktestedRules report={report} />
      <Together report={report} />
      <Told report={report} />
      <PageTable report={report} />
    </div>
  )
}

/** Pages a day, those at night at the foot of the bar, hatched. */
function Days({ report }: { readonly report: BacktestReport }) {
  const bars = dayBars(report)
  const most = Math.max(...bars.map(({ pages }) => pages), 1)
  return (
    <section className="section" aria-label="Pages a day">
      <div className="section-head">
        <h3>Pages a day</h3>
        <span className="small third row">
          <i className="day-key" aria-hidden /> by day <i className="day-key night" aria-hidden /> at night
        </span>
      </div>
      <ol className="day-bars" aria-label="Pages by day">
        {bars.map(({ startMs, pages, atNight, text }) => (
          <li
            key={startMs}
            title={text}
            style={{ '--part': pages / most, '--night': pages === 0 ? 0 : atNight / pages } as CSSProperties}
          >
            <span className="hidden-text">{text}</span>
          </li>
        ))}
      </ol>
      <p className="day-ends small third" aria-hidden>
        <span>{formatDay(bars[0]?.startMs ?? 0, 'utc')}</span>
        <span>most: {counted(most, 'page')} in a day (UTC)</span>
        <span>{formatDay(bars.at(-1)?.startMs ?? 0, 'utc')}</span>
      </p>
    </section>
  )
}

function Together({ report: { together, pages } }: { readonly report: BacktestReport }) {
  if (pages === 0) return null
  return (
    <section className="section" aria-label="These would have been one">
      <div className="section-head">
        <h3>These would have been one</h3>
      </div>
      {together.length === 0 ? (
        <p className="second small">No two pages came together in a way that another grouping would have joined.</p>
      ) : (
        <ul className="together">
          {together.map(({ groupBy, receiver, pages: were, wouldBe, alertNames }) => (
            <li key={`${receiver} ${groupBy.join()}`}>
              <span className="label">
                {counted(were, 'page')} would have been {wouldBe.toLocaleString('en-US')}
              </span>{' '}
              <span className="second break">
                with <code>group_by: [{groupBy.join(', ')}]</code> for {receiver}: {alertNames.join(', ')}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Who would have been told how often. */
function Told({ report }: { readonly report: BacktestReport }) {
  if (report.pages === 0) return null
  const kinds = [
    { title: 'By receiver', counts: report.receivers },
    { title: 'By person', counts: report.people },
  ]
  return (
    <div className="report-two">
      {kinds.map(({ title, counts }) => {
        const most = Math.max(...counts.map(({ pages }) => pages), 1)
        return (
          <section key={title} className="section" aria-label={title}>
            <div className="section-head">
              <h3>{title}</h3>
            </div>
            {counts.length === 0 ? (
              <p className="second small">No schedule was on its way; on-call is set up in tidewatch.yml.</p>
            ) : (
              <ul className="told small">
                {counts.map(({ name, pages, atNight }) => (
                  <li key={name}>
                    <span className="break">{name}</span>
                    <span className="meter" aria-hidden>
                      <i style={{ width: `${(pages / most) * 100}%` }} />
                    </span>
                    <span className="nowrap">
                      {counted(pages, 'page')}
                      {atNight > 0 && `, ${atNight} at night`}
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </section>
        )
      })}
    </div>
  )
}
