import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { toLoadable } from '../../data/loadable.ts'
import { alertName, alertSentence, type LiveAlert, liveAlerts, rulesQuery } from '../../data/rules.ts'
import { linkSearch } from '../../data/search.ts'
import { Glyph } from '../../ui/glyph.tsx'
import { Loaded, useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatSecond } from '../../ui/times.ts'
import { formatAge, formatSeconds, formatValue } from '../../ui/units.ts'

const maxFires = 5

/** What fires, the worst first, before anything else on the page. */
export function Fires() {
  const rules = toLoadable(useQuery({ ...rulesQuery, refetchInterval: 10_000 }))
  return (
    <Loaded of={rules} what="alerts" height={40}>
      {(groups) => {
        const alerts = liveAlerts(groups)
        if (alerts.length === 0) return null
        return (
          <section className="fires" aria-label="What is on fire">
            {alerts.slice(0, maxFires).map((live) => (
              <Fire key={live.key} live={live} />
            ))}
            {alerts.length > maxFires && (
              <p className="small fires-more">
                <Link to="/alerts" search={linkSearch()} className="link">
                  {alerts.length - maxFires} more
                </Link>
              </p>
            )}
          </section>
        )
      }}
    </Loaded>
  )
}

function Fire({ live }: { readonly live: LiveAlert }) {
  const nowMs = useTicking(1000)
  const { zone } = usePreferences()
  const { alert, rule, state, severity, sinceMs } = live
  const since = sinceMs === undefined ? '' : `since ${formatSecond(sinceMs, zone)}, ${formatAge(nowMs - sinceMs)}`
  const waits =
    state === 'pending' ? `pending ${since}, fires after ${formatSeconds(rule.duration)}` : `firing ${since}`
  return (
    <div className="fire">
      <Glyph state={state === 'pending' ? 'pending' : severity} name={state === 'pending' ? 'pending' : severity} />
      <div className="grow">
        <div className="fire-title">
          <Link to="/alerts" search={linkSearch({ alert: live.key })} className="title">
            {alertName(alert)}
          </Link>{' '}
          {alertSentence(live)}
        </div>
        <div className="small second">
          {waits} · value {formatValue(Number(alert.value), 'number')}
        </div>
      </div>
      <Link
        to="/alerts"
        search={linkSearch({ alert: live.key })}
        className="button"
        aria-label={`Open ${alertName(alert)}`}
      >
        Open
      </Link>
    </div>
  )
}
