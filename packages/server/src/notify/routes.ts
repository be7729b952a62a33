// Channels with what they did last, the delivery log, what was given up, and the test button.
import {
  channelKindList,
  type DeliveryItem,
  deadLetterIds,
  deadLetterList,
  deadLetterQuery,
  deadLetterResult,
  deliveryList,
  deliveryQuery,
  type IntegrationList,
  integrationList,
  testAnswer,
  testRequest,
} from '@tidewatch/api/notify.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import { type AuditLog, defineRoute, type Route } from '../http/port.ts'
import { channels } from './channels/registry.ts'
import type { DeadLetter, Kept, LoggedDelivery } from './delivery-log.ts'
import type { Notify } from './open.ts'
import type { Delivery } from './outbox.ts'
import type { AnyChannel, Integration } from './port.ts'

const path = '/api/tidewatch/v1/notify'
const read = { method: 'GET', permission: 'view', errors: 'tidewatch' } as const
const change = { method: 'POST', permission: 'edit', errors: 'tidewatch', bodyKind: 'json' } as const

type Parts = Pick<Notify, 'log' | 'integrations' | 'test' | 'resend'>

export function notifyRoutes(notify: Parts, { audit }: { readonly audit: AuditLog }): readonly Route[] {
  return [...readingRoutes(notify), testRoute(notify, audit), ...deadLetterRoutes(notify, audit)]
}

function readingRoutes({ log, integrations }: Parts): readonly Route[] {
  return [
    defineRoute({
      ...read,
      path: `${path}/integrations`,
      summary: 'Every way in which somebody is told, with its last delivery.',
      response: integrationList,
      async handle() {
        const [latest, { byIntegration }] = await Promise.all([log.latest(), log.counts()])
        const items = integrations().map((one) => toItem(one, latest.get(one.key), byIntegration.get(one.key)))
        return { body: { integrations: items } }
      },
    }),
    defineRoute({
      ...read,
      path: `${path}/channels`,
      summary: 'The kinds of channels that there are, with their options and environment variables.',
      response: channelKindList,
      handle: () => ({ body: { channels: channels.map(toKind) } }),
    }),
    defineRoute({
      ...read,
      path: `${path}/deliveries`,
      summary: 'Each attempt to deliver a notification of the last 30 days, newest first.',
      query: deliveryQuery,
      response: deliveryList,
      async handle({ query: { notification, ...filter } }) {
        const { entries, next } = await log.deliveries({ ...filter, outboxId: notification })
        return { body: { deliveries: entries.map((entry) => toDelivery(entry, entry.id)), next: next ?? null } }
      },
    }),
    defineRoute({
      ...read,
      path: `${path}/dead-letters`,
      summary: 'Notifications that were given up, kept for 30 days.',
      query: deadLetterQuery,
      response: deadLetterList,
      async handle({ query }) {
        const { entries, next } = await log.deadLetters(query)
        return { body: { deadLetters: entries.map(toDeadLetter), next: next ?? null } }
      },
    }),
  ]
}

/** As many as a person can want to try at once. */
const mostTests = 50

function testRoute({ integrations, test }: Parts, audit: AuditLog): Route {
  return defineRoute({
    ...change,
    path: `${path}/test`,
    summary: 'Sends a test message through the real channel and answers what the receiver said.',
    body: testRequest,
    response: testAnswer,
    async handle({ body: { name }, identity, signal }) {
      const all = integrations()
      const chosen = all.filter(
        ({ key, receiver, channel }) => name === undefined || [key, receiver, channel.kind].includes(name),
      )
      if (chosen.length === 0) throw nothingToTest(name, all)
      const asked = chosen.slice(0, mostTests)
      await audit.record({ who: identity.name, action: 'notify.test', subject: name ?? 'all' })
      const deliveries = await Promise.all(asked.map(({ key }) => test(key, { signal, by: identity.name })))
      return { body: { deliveries: deliveries.map((one) => toDelivery(one, one.outboxId)) } }
    },
  })
}

function nothingToTest(name: string | undefined, all: readonly Integration[]): AppError {
  if (all.length === 0)
    return new AppError('http.not_found', 'there is no channel yet.', {
      fix: 'Write one under `channels` in tidewatch.yml, or bring an alertmanager.yml.',
    })
  return new AppError('http.not_found', `there is no channel ${quoteValue(name ?? '')}.`, {
    where: { key: 'name' },
    fix: `There are: ${all
      .slice(0, 20)
      .map(({ key }) => key)
      .join(', ')}.`,
  })
}

function deadLetterRoutes({ log, resend }: Parts, audit: AuditLog): readonly Route[] {
  const each = (name: string, summary: string, act: (id: string, by: string) => Promise<void>): Route =>
    defineRoute({
      ...change,
      path: `${path}/dead-letters/${name}`,
      summary,
      body: deadLetterIds,
      response: deadLetterResult,
      async handle({ body: { ids }, identity }) {
        for (const id of ids) {
          await audit.record({ who: identity.name, action: `notify.${name}`, subject: id })
          await act(id, identity.name)
        }
        return { body: { count: ids.length } }
      },
    })
  return [
    each('resend', 'Puts notifications that were given up back on their way, under the same keys.', resend),
    each('drop', 'Forgets notifications that were given up.', (id, by) => log.drop(id, by)),
  ]
}

function toItem(
  { key, receiver, channel, origin = 'tidewatch.yml', sendsResolved }: Integration,
  last: LoggedDelivery | undefined,
  { waiting, failed }: Kept = { waiting: 0, failed: 0 },
): IntegrationList['integrations'][number] {
  const isFailing = last?.outcome === 'retry' || last?.outcome === 'failed'
  return {
    ...{ key, receiver, kind: channel.kind, title: channel.title, origin, sendsResolved, waiting, failed },
    state: last === undefined ? 'idle' : isFailing ? 'failing' : 'working',
    last: last === undefined ? null : toDelivery(last, last.id),
  }
}

function toDelivery({ outboxId, ...delivery }: Delivery, id: string): DeliveryItem {
  return { ...delivery, id, notification: outboxId }
}

function toDeadLetter({ notification, ...letter }: DeadLetter) {
  const { receiver, status, severity, groupLabels, alerts } = notification
  return { ...letter, receiver, status, severity, groupLabels, alerts: alerts.length }
}

function toKind({ kind, title, config, environment, repeats }: AnyChannel) {
  const options = z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' })
  return { kind, title, options, environment: environment?.variables ?? {}, repeats }
}
