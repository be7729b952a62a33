import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AcknowledgementItem } from '@tidewatch/api/acknowledgements.ts'
import type { GettableAlert } from '@tidewatch/api/alertmanager.ts'
import { useTakers } from '../../data/acknowledgements.ts'
import { alertHref, firingQuery, nameOf, openAlerts, sentenceOf, severityOf } from '../../data/alerts.ts'
import { toLoadable } from '../../data/loadable.ts'
import { alertName, alertSentence, type LiveAlert, liveAlerts, rulesQuery } from '../../data/rules.ts'
import { linkSearch } from '../../data/search.ts'
import { Glyph, type State } from '../../ui/glyph.tsx'
import { Loaded, useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatSecond } from '../../ui/times.ts'
import { formatAge, formatSeconds, formatValue } from '../../ui/units.ts'

const maxFires = 5
const everyMs = 10_000

/** What fires, the worst first, then what is about to, before anything else on the page. */
export function Fires() {
  const firing = toLoadable(useQuery({ ...firingQuery, refetchInterval: everyMs }))
  const rules = useQuery({ ...rulesQuery, refetchInterval: everyMs })
  const takers = useTakers(everyMs)
  const live = liveAlerts(rules.data ?? [])
  return (
    <Loaded of={firing} what="alerts" height={40}>
      {(alerts) => {
        const open = openAlerts(alerts)
        const pending = live.filter(({ state }) => state === 'pending')
        if (open.length + pending.length === 0) return null
        const shown = open.slice(0, maxFires)
        const soon = pending.slice(0, maxFires - shown.length)
        const left = open.length + pending.length - shown.length - soon.length
        return (
          <section className="fires" aria-label="What is on fire">
            {shown.map((alert) => (
              <Fire
                key={alert.fingerprint}
                alert={alert}
                value={live.find((one) => one.alert.fingerprint === alert.fingerprint)?.alert.value}
                taker={takers.get(alert.fingerprint)}
              />
            ))}
            {soon.map((one) => (
              <Soon key={one.key} live={one} />
            ))}
            {left > 0 && (
              <p className="small fires-more">
                <Link to="/alerts" search={linkSearch()} className="link">
                  {left} more
                </Link>
              </p>
            )}
          </section>
        )
      }}
    </Loaded>
  )
}

interface FireProps {
  readonly alert: GettableAlert
  readonly value: string | undefined
  readonly taker: AcknowledgementItem | undefined
}

function Fire({ alert, value, taker }: FireProps) {
  const nowMs = useTicking(1000)
  const { zone } = usePreferences()
  const sinceMs = Date.parse(alert.startsAt)
  const words = [
    `firing since ${formatSecond(sinceMs, zone)}, ${formatAge(nowMs - sinceMs)}`,
    value === undefined ? '' : `value ${formatValue(Number(value), 'number')}`,
    taker === undefined ? '' : `${taker.by} has it`,
  ]
  return (
    <Row
      name={nameOf(alert)}
      sentence={sentenceOf(alert)}
      state={taker === undefined ? severityOf(alert) : 'acknowledged'}
      word={severityOf(alert)}
      second={words.filter((word) => word !== '').join(' · ')}
      fingerprint={alert.fingerprint}
    />
  )
}

function Soon({ live }: { readonly live: LiveAlert }) {
  const nowMs = useTicking(1000)
  const { zone } = usePreferences()
  const { alert, rule, sinceMs } = live
  const since = sinceMs === undefined ? '' : ` since ${formatSecond(sinceMs, zone)}, ${formatAge(nowMs - sinceMs)}`
  const value = formatValue(Number(alert.value), 'number')
  return (
    <Row
      name={alertName(alert)}
      sentence={alertSentence(live)}
      state="pending"
      word="pending"
      second={`pending${since}, fires after ${formatSeconds(rule.duration)} · value ${value}`}
      fingerprint={alert.fingerprint}
    />
  )
}

interface RowProps {
  readonly name: string
  readonly sentence: string
  readonly state: State
  readonly word: string
  readonly second: string
  readonly fingerprint: string | undefined
}

function Row({ name, sentence, state, word, second, fingerprint }: RowProps) {
  const to = fingerprint === undefined ? '/alerts' : alertHref(fingerprint)
  return (
    <div className="fire">
      <Glyph state={state} name={word} />
      <div className="grow">
        <div className="fire-title">
          <Link to={to} search={linkSearch()} className="title">
            {name}
          </Link>{' '}
          {sentence}
        </div>
        <div className="small second">{second}</div>
      </div>
      <Link to={to} search={linkSearch()} className="button" aria-label={`Open ${name}`}>
        Open
      </Link>
    </div>
  )
}
