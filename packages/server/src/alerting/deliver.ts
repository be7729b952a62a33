// From alerts to notifications. What a group has told and what is in the outbox change in one transaction: a kill at any moment neither
// loses a notification nor writes it twice.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { NotificationWriter } from '../notify/port.ts'
import type { StateStore } from '../state/port.ts'
import { decide, groupKeyOf, notificationId } from './group-alerts.ts'
import type { Alert, AlertSink } from './port.ts'
import { type AlertingTables, loadGroup, saveGroup } from './state.ts'

export interface DeliverOptions {
  readonly state: StateStore
  readonly notifications: NotificationWriter
  readonly clock: Clock
  readonly externalUrl: () => string
}

export function createAlertSink(options: DeliverOptions): AlertSink {
  // one at a time: two deliveries to a group must see one another
  let last: Promise<unknown> = Promise.resolve()
  return {
    deliver: (alerts) => {
      const turn = last.then(() => deliverAll(alerts, options))
      last = turn.catch(() => undefined)
      return turn
    },
  }
}

async function deliverAll(alerts: readonly Alert[], options: DeliverOptions): Promise<void> {
  for (const [key, group] of Map.groupBy(alerts, groupKeyOf)) await deliverGroup(key, group, options)
  options.notifications.wake()
}

async function deliverGroup(
  key: string,
  alerts: readonly Alert[],
  { state, notifications, clock, externalUrl }: DeliverOptions,
): Promise<void> {
  const nowMs = clock.nowMs()
  await state
    .database<AlertingTables>()
    .transaction()
    .execute(async (transaction) => {
      const { notification, memory } = decide(await loadGroup(transaction, key), alerts, externalUrl(), nowMs)
      await saveGroup(transaction, memory)
      if (notification === undefined) return
      for (const integration of [...notifications.integrations().values()].flat()) {
        if (notification.status === 'resolved' && !integration.sendsResolved) continue
        const own = { ...notification, receiver: integration.receiver }
        const id = notificationId(own, integration.key, nowMs)
        await notifications.enqueue(transaction, id, integration.key, own, nowMs)
      }
    })
}
