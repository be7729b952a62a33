// What a person at 3 a.m. wants to know of alerts on their way, by Alertmanager's names where they are true.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Counter, Family, Metrics } from '../../self/port.ts'
import type { Journal } from '../journal.ts'
import { stateOf } from '../silences/silence.ts'
import type { SilenceBook } from '../silences/silence-book.ts'
import { isResolved } from './held-alert.ts'
import type { Dispatcher } from './live.ts'

export interface DispatchMetricsParts {
  readonly dispatcher: Dispatcher
  readonly silences: SilenceBook
  readonly journal: Pick<Journal, 'lost' | 'counts'>
  readonly clock: Clock
}

/** The counters are those of posted alerts. */
export function addDispatchMetrics(
  metrics: Metrics,
  { dispatcher, silences, journal, clock }: DispatchMetricsParts,
): { readonly received: Family<Counter>; readonly invalid: Family<Counter> } {
  const alerts = metrics.gauge({ name: 'alertmanager_alerts', help: 'Alerts by state.', labels: ['state'] })
  const groups = metrics.gauge({
    name: 'alertmanager_dispatcher_aggregation_groups',
    help: 'Groups of alerts that are active.',
  })
  const silenced = metrics.gauge({ name: 'alertmanager_silences', help: 'Silences by state.', labels: ['state'] })
  const lost = metrics.counter({
    name: 'tidewatch_alert_journal_lost_total',
    help: 'Lines about alerts that were lost, since they came faster than they could be written.',
  })
  const steps = metrics.counter({
    name: 'tidewatch_alert_steps_total',
    help: 'What happened to alerts: begun, inhibited, silenced, folded under another one, throttled, flapping, notified, ended.',
    labels: ['stage'],
  })
  const counted = new Map<string, number>()
  let told = 0
  metrics.beforeRead(() => {
    const nowMs = clock.nowMs()
    const counts = { active: 0, suppressed: 0 }
    const { machine } = dispatcher
    for (const { alert } of machine?.alerts.values() ?? []) {
      if (isResolved(alert, nowMs)) continue
      const isHeld =
        silences.silencesOf(alert.labels, nowMs).length > 0 ||
        machine?.inhibitor.isInhibited(alert.labels, nowMs) !== undefined
      counts[isHeld ? 'suppressed' : 'active']++
    }
    for (const [state, count] of Object.entries(counts)) alerts.with(state).set(count)
    groups.with().set(machine?.groups.size ?? 0)
    const states = { active: 0, pending: 0, expired: 0 }
    for (const silence of silences.all) states[stateOf(silence, nowMs)]++
    for (const [state, count] of Object.entries(states)) silenced.with(state).set(count)
    lost.with().add(journal.lost - told)
    told = journal.lost
    for (const [stage, count] of journal.counts) {
      steps.with(stage).add(count - (counted.get(stage) ?? 0))
      counted.set(stage, count)
    }
  })
  return {
    received: metrics.counter({
      name: 'alertmanager_alerts_received_total',
      help: 'Alerts that were posted, by status and version of the API.',
      labels: ['status', 'version'],
    }),
    invalid: metrics.counter({
      name: 'alertmanager_alerts_invalid_total',
      help: 'Posted alerts that were no good, by version of the API.',
      labels: ['version'],
    }),
  }
}
