// Each attempt to tell people of alerts, as lines of the journal.
import type { JournalEntry } from '../alerting/port.ts'
import type { AttemptSeen } from '../notify/outbox.ts'

const outcomes: Readonly<Record<string, string>> = {
  delivered: 'was delivered',
  retry: 'was not delivered and is tried again',
  failed: 'was not delivered and is given up',
}

export function deliverySteps({ delivery, notification }: AttemptSeen): JournalEntry[] {
  const { atMs, integration, outcome, detail, attempt, outboxId } = delivery
  const text = `the message by ${integration} ${outcomes[outcome] ?? outcome} (attempt ${attempt}): ${detail}`
  const facts = {
    integration,
    outcome,
    attempt,
    outboxId,
    groupKey: notification.groupKey,
    reason: notification.reason,
  }
  return notification.alerts.map(({ fingerprint }) => ({ atMs, fingerprint, stage: 'delivery', text, detail: facts }))
}
