// Rules, groups, outbox and channels, joined.
import type { Clock } from '@tidewatch/core/clock.ts'
import { createAlertSink } from '../alerting/deliver.ts'
import { RuleManager } from '../alerting/manager.ts'
import { addRuleMetrics } from '../alerting/rule-metrics.ts'
import { createAlertStates } from '../alerting/state.ts'
import type { ConfigFollower, ServeOptions } from '../config/port.ts'
import { environmentChannels, joined } from '../notify/integrations.ts'
import { type Notify, openNotify } from '../notify/open.ts'
import type { QueryService } from '../query/port.ts'
import type { StateStore } from '../state/port.ts'
import { baseDirOf, type Configuration, channelsOf } from './configuration.ts'
import { fired, whileLeading } from './leadership.ts'
import { createOutside } from './outside.ts'
import type { Roles } from './roles.ts'
import type { SelfParts } from './server.ts'
import type { Telemetry } from './telemetry.ts'

export interface AlertingOptions {
  readonly options: ServeOptions
  readonly self: SelfParts
  readonly state: StateStore
  readonly telemetry: Telemetry
  readonly queries: QueryService
  readonly roles: Roles
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  /** What stands in links that leave the house; known once the server listens. */
  readonly externalUrl: () => string
}

export interface Alerting extends ConfigFollower<Configuration>, AsyncDisposable {
  readonly rules: RuleManager
  readonly notify: Notify
}

export function openAlerting(parts: AlertingOptions): Alerting {
  const { self, state, telemetry, queries, clock } = parts
  let baseDir = process.cwd()
  const outside = createOutside({ env: parts.env, clock, baseDir: () => baseDir, templateFiles: () => noFiles })
  const notify = openNotify({ ...self, state, outside, clock, externalUrl: parts.externalUrl })
  let isSending = false
  const sink = createAlertSink({ state, notifications: notify.writer, clock, externalUrl: parts.externalUrl })
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
  const sendWhileLeading = (signal: AbortSignal) =>
    whileLeading({ locks: state.locks, name: 'outbox', clock, signal }, (leading) => notify.run(leading))
  return {
    rules,
    notify,
    async apply(configuration) {
      baseDir = baseDirOf(configuration)
      await notify.follow(joined(channelsOf(configuration), environmentChannels(parts.env).integrations))
      // not before: what waits from a former run would find no channel, and count as undeliverable
      if (!isSending) self.tasks.run('outbox', (signal) => sendWhileLeading(signal), { restart: true })
      isSending = true
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
    async [Symbol.asyncDispose]() {
      await rules[Symbol.asyncDispose]()
      await notify[Symbol.asyncDispose]()
    },
  }
}

const noFiles: readonly never[] = []

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
