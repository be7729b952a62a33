// Rules, groups, outbox and channels, joined.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Transaction } from 'kysely'
import { createAlertSink } from '../alerting/deliver.ts'
import { RuleManager } from '../alerting/manager.ts'
import { addRuleMetrics } from '../alerting/rule-metrics.ts'
import { createAlertStates } from '../alerting/state.ts'
import type { ConfigFollower, ServeOptions } from '../config/port.ts'
import { createOutgoingHttp } from '../notify/http.ts'
import { Outbox } from '../notify/outbox.ts'
import type { Integration } from '../notify/port.ts'
import { createOutboxRows, enqueueNotification, type NotifyTables } from '../notify/state.ts'
import type { QueryService } from '../query/port.ts'
import type { StateStore } from '../state/port.ts'
import { type Configuration, channelsOf } from './configuration.ts'
import { fired, whileLeading } from './leadership.ts'
import type { Roles } from './roles.ts'
import type { SelfParts } from './server.ts'
import type { Telemetry } from './telemetry.ts'
import { productVersion } from './version.ts'

export interface AlertingOptions {
  readonly options: ServeOptions
  readonly self: SelfParts
  readonly state: StateStore
  readonly telemetry: Telemetry
  readonly queries: QueryService
  readonly roles: Roles
  readonly clock: Clock
  /** What stands in links that leave the house; known once the server listens. */
  readonly externalUrl: () => string
}

export interface Alerting extends ConfigFollower<Configuration>, AsyncDisposable {
  readonly rules: RuleManager
}

export function openAlerting(parts: AlertingOptions): Alerting {
  const { self, state, telemetry, queries, clock } = parts
  let integrations: readonly Integration[] | undefined
  const sent = self.metrics.counter({
    name: 'tidewatch_notifications_total',
    help: 'Attempts to notify, by channel and outcome.',
    labels: ['channel', 'outcome'],
  })
  const outbox = new Outbox({
    rows: createOutboxRows(state),
    integrations: () => integrations ?? [],
    http: createOutgoingHttp({ userAgent: `Tidewatch/${productVersion}` }),
    clock,
    onDelivery: ({ integration, outcome, detail }) => {
      sent.with(integration, outcome).add()
      if (outcome !== 'delivered')
        self.logger.warn('a notification was not delivered', { part: 'notify', channel: integration, outcome, detail })
    },
  })
  const notifications = {
    enqueue: (
      transaction: unknown,
      id: string,
      integration: string,
      notification: Parameters<typeof enqueueNotification>[3],
      nowMs: number,
    ) => enqueueNotification(transaction as Transaction<NotifyTables>, id, integration, notification, nowMs),
    wake: () => outbox.wake(),
    integrations: () => Map.groupBy(integrations ?? [], ({ receiver }) => receiver),
  }
  const sink = createAlertSink({ state, notifications, clock, externalUrl: parts.externalUrl })
  const states = createAlertStates(state)
  const rules = openRules(self)
  let configured: (() => Promise<void>) | undefined
  let isLeader = false
  if (parts.roles.evaluatesRules) {
    self.tasks.run(
      'rules',
      (signal) =>
        whileLeading({ locks: state.locks, name: 'rules', clock, signal }, async (leading) => {
          isLeader = true
          await configured?.()
          await fired(leading)
          isLeader = false
          await rules.stop()
        }),
      { restart: true },
    )
  }
  return {
    rules,
    async apply(configuration) {
      const isFirst = integrations === undefined
      integrations = channelsOf(configuration)
      // not before: what waits from a former run would find no channel, and count as undeliverable
      if (isFirst) self.tasks.run('outbox', (signal) => outbox.run(signal), { restart: true })
      const { global } = configuration.prometheus
      const groups = configuration.rules.flatMap((file) => file.rules)
      configured = () =>
        rules.apply(groups, {
          ...{ queries, sink, states, clock, acceptor: telemetry.acceptor, externalUrl: parts.externalUrl() },
          externalLabels: global.external_labels,
          defaultIntervalMs: global.evaluation_interval,
          defaultQueryOffsetMs: global.rule_query_offset,
        })
      if (isLeader) await configured()
    },
    [Symbol.asyncDispose]: () => rules[Symbol.asyncDispose](),
  }
}

function openRules({ logger, metrics }: SelfParts): RuleManager {
  const rules = new RuleManager({
    onFailure: (group, error) => logger.error('a rule group ended', { part: 'alerting', group: group.name, error }),
    onRuleFailure: ({ name, file }, rule, { message }) =>
      logger.warn('a rule cannot be evaluated', {
        part: 'alerting',
        group: name,
        file,
        rule: rule.name,
        error: message,
      }),
  })
  addRuleMetrics(metrics, () => rules.groups)
  return rules
}
