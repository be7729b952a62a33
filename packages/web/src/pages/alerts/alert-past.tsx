import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AlertPast, AlertSuspect } from '@tidewatch/api/alert-why.ts'
import { alertHref, alertPastQuery } from '../../data/alerts.ts'
import { toLoadable } from '../../data/loadable.ts'
import { linkSearch } from '../../data/search.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment } from '../../ui/times.ts'
import { formatAge, formatSeconds } from '../../ui/units.ts'
import { daysOf, pastWords } from './past-model.ts'
import './past.css'

/** What happened shortly before the alert began, and when it fired in the last 30 days. */
export function AlertPastSections({ fingerprint }: { readonly fingerprint: string }) {
  const past = toLoadable(useQuery({ ...alertPastQuery(fingerprint), refetchInterval: 30_000 }))
  return (
    <Loaded of={past} what="its past" height={90}>
      {(known) => (
        <div className="alert-past">
          <Suspects past={known} />
          <Strip past={known} />
        </div>
      )}
    </Loaded>
  )
}

function Suspects({ past: { suspects, beganMs } }: { readonly past: AlertPast }) {
  if (beganMs === undefined) return null
  return (
    <section className="section" aria-label="Suspects">
      <div className="section-head">
        <h2>Suspects</h2>
        <span className="third small">what happened in the half hour before, the most unusual first</span>
      </div>
      {suspects.length === 0 ? (
        <p className="second">No other alert began then, nothing was deployed, and nobody changed anything here.</p>
      ) : (
        <ul className="suspects">
          {suspects.map((one) => (
            <Suspect key={`${one.atMs} ${one.title} ${one.fingerprint ?? ''}`} suspect={one} beganMs={beganMs} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Suspect({ suspect, beganMs }: { readonly suspect: AlertSuspect; readonly beganMs: number }) {
  const { kind, atMs, title, text, fingerprint, timesBefore } = suspect
  const { zone } = usePreferences()
  const distance = `${formatAge(Math.abs(beganMs - atMs))} ${atMs <= beganMs ? 'before' : 'after it began'}`
  const often =
    timesBefore === undefined ? '' : timesBefore === 0 ? ' · first in 30 days' : ` · ${timesBefore} times in 30 days`
  return (
    <li className="row wrap">
      <Glyph state={kind === 'alert' ? 'warning' : 'info'} name={kind} />
      {fingerprint === undefined ? (
        <span className="label break">{title}</span>
      ) : (
        <Link to={alertHref(fingerprint)} search={linkSearch()} className="label break link">
          {title}
        </Link>
      )}
      <span className="second break">{text}</span>
      <span className="third small nowrap end" title={formatMoment(atMs, zone)}>
        {distance}
        {often}
      </span>
    </li>
  )
}

/** One bar a day: high where it fired. */
function Strip({ past }: { readonly past: AlertPast }) {
  const days = daysOf(past)
  const { times, lastedMs, medianMs } = pastWords(past)
  const words =
    times === 0
      ? 'did not fire'
      : `fired ${times === 1 ? 'once' : `${times} times`}, ${formatSeconds(Math.round(lastedMs / 1000))} in all`
  return (
    <section className="section" aria-label="Last 30 days">
      <div className="section-head">
        <h2>Last 30 days</h2>
        <span className="third small">{words}</span>
      </div>
      <svg className="past-strip" viewBox="0 0 239 16" preserveAspectRatio="none" role="img" aria-label={words}>
        {days.map(({ fired }, day) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a day is its place
            key={day}
            className={fired ? 'fired' : ''}
            x={day * 8}
            y={fired ? 0 : 13}
            width={6}
            height={fired ? 16 : 3}
          />
        ))}
      </svg>
      <p className="row small third past-foot">
        <span>30 days ago</span>
        {medianMs !== undefined && <span>median {formatSeconds(Math.round(medianMs / 1000))}</span>}
        <span>now</span>
      </p>
    </section>
  )
}
