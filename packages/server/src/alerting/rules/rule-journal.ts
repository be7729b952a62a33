// Changes of a rule's alerts from one evaluation to the next, as lines of the journal.
import { fingerprintOf } from '@tidewatch/alertmanager/fingerprint.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { printNumber } from '@tidewatch/promql/print.ts'
import type { JournalEntry } from '../port.ts'
import type { ActiveAlert, AlertsByKey } from './lifecycle.ts'
import { type RuleAlertContext, ruleAlert } from './rule-alert.ts'
import type { Rule } from './rule-file.ts'

export function lifecycleSteps(
  former: AlertsByKey,
  next: AlertsByKey,
  { rule, context, atMs }: { readonly rule: Rule; readonly context: RuleAlertContext; readonly atMs: number },
): JournalEntry[] {
  if (rule.kind !== 'alerting') return []
  const steps: JournalEntry[] = []
  const tell = (alert: ActiveAlert, stage: JournalEntry['stage'], text: string): void => {
    const { labels } = ruleAlert(alert, rule, context)
    const detail = { rule: rule.name, value: printNumber(alert.value), ...shownLabels(labels) }
    steps.push({ atMs, fingerprint: fingerprintOf(labels), stage, text, detail })
  }
  for (const [key, alert] of next) {
    const before = former.get(key)
    if (before?.state === alert.state && before.activeAtMs === alert.activeAtMs) continue
    const value = printNumber(alert.value)
    if (alert.state === 'pending')
      tell(
        alert,
        'pending',
        `the condition of ${rule.name} holds, with the value ${value}; it fires after ${formatDurationMs(rule.forMs)}`,
      )
    else if (alert.state === 'firing') tell(alert, 'firing', `${rule.name} fires, with the value ${value}`)
    else if (before !== undefined) tell(alert, 'resolved', `the condition of ${rule.name} holds no more`)
  }
  for (const [key, alert] of former) {
    if (next.has(key) || alert.state === 'inactive') continue
    tell(
      alert,
      'resolved',
      alert.state === 'pending'
        ? `the condition of ${rule.name} ended after ${formatDurationMs(atMs - alert.activeAtMs)} of its ${formatDurationMs(rule.forMs)}, before it fired`
        : `${rule.name} is gone`,
    )
  }
  return steps
}

/** With more, the line says nothing of them. */
const longestLabels = 3000

/** So that what is told of an alert that is gone can say which one it was. */
export function shownLabels(labels: Labels): { readonly labels?: string } {
  const text = JSON.stringify(labels.toObject())
  return text.length > longestLabels ? {} : { labels: text }
}
