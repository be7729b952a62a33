// Rules, groups, outbox and channels, joined.
import type { Clock } from '@tidewatch/core/clock.ts'
import { Journal } from '../alerting/journal.ts'
import { RuleManager } from '../alerting/manager.ts'
import type { Acknowledgements } from '../alerting/port.ts'
import { addRuleMetrics } from '../alerting/rule-metrics.ts'
import { createAlertStates } from '../alerting/state.ts'
import type { ConfigFile, ConfigFollower, ServeOptions } from '../config/port.ts'
import { environmentChannels, joined } from '../notify/integrations.ts'
import { type Notify, openNotify } from '../notify/open.ts'
import type { QueryService } from '../query/port.ts'
import type { StateStore } from '../state/port.ts'
import { alertmanagerOf } from './alertmanager-file.ts'
import { baseDirOf, type Configuration, channelsOf } from './configuration.ts'
import { type Dispatch, openDispatch } from './dispatch.ts'
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
  readonly dispatch: Dispatch
  readonly journal: Journal
  /** Who holds repeats back; nobody until then. */
  useAcknowledgements(acknowledgements: Pick<Acknowledgements, 'of'>): void
}

export function openAlerting(parts: AlertingOptions): Alerting {
  const { self, state, telemetry, queries, clock } = parts
  let baseDir = process.cwd()
  let templateFiles: readonly ConfigFile[] = []
  let acknowledgements: Pick<Acknowledgements, 'of'> | undefined
  const outside = createOutside({ env: parts.env, clock, baseDir: () => baseDir, templateFiles: () => templateFiles })
  const journal = new Journal({ state, clock })
  const notify = openNotify({ ...self, state, outside, clock, externalUrl: parts.externalUrl })
  let isSending = false
  const page = (): string => `${parts.externalUrl()}/alerts`
  const dispatch = openDispatch({
    ...{ self, state, clock, journal, externalUrl: parts.externalUrl, notifications: notify.writer },
    acknowledgements: () => acknowledgements,
    links: () => ({ alert: page(), acknowledge: page(), silence: page() }),
  })
  const states = createAlertStates(state)
  const rules = openRules(self)
  let configured: (() => Promise<void>) | undefined
  let isLeader = false
  const applied = Promise.withResolvers<void>()
  const lead = async (leading: AbortSignal): Promise<void> => {
    // groups of the last run belong to the routes of the configuration
    await Promise.race([applied.promise, fired(leading)])
    const stop = new AbortController()
    const ready = Promise.withResolvers<void>()
    const dispatching = dispatch.run(AbortSignal.any([leading, stop.signal]), ready.resolve)
    try {
      await Promise.race([ready.promise, dispatching])
      isLeader = true
      await configured?.()
      await Promise.race([fired(leading), dispatching])
    } finally {
      isLeader = false
      await rules.stop()
      stop.abort()
      await dispatching
    }
  }
  self.tasks.run('journal of alerts', (signal) => journal.run(signal), { restart: true })
  if (parts.roles.evaluatesRules) {
    self.tasks.run('rules', (signal) => whileLeading({ locks: state.locks, name: 'rules', clock, signal }, lead), {
      restart: true,
    })
  }
  const sendWhileLeading = (signal: AbortSignal) =>
    whileLeading({ locks: state.locks, name: 'outbox', clock, signal }, (leading) => notify.run(leading))
  return {
    rules,
    notify,
    dispatch,
    journal,
    useAcknowledgements: (those) => {
      acknowledgements = those
    },
    async apply(configuration) {
      baseDir = baseDirOf(configuration)
      const setup = alertmanagerOf(configuration)
      templateFiles = setup?.templateFiles ?? []
      const channels = joined(channelsOf(configuration), environmentChannels(parts.env).integrations)
      await notify.follow([...channels, ...(setup?.integrations ?? [])])
      await dispatch.follow(setup, channels)
      applied.resolve()
      // not before: what waits from a former run would find no channel, and count as undeliverable
      if (!isSending) self.tasks.run('outbox', (signal) => sendWhileLeading(signal), { restart: true })
      isSending = true
      const { global } = configuration.prometheus
      const groups = configuration.rules.flatMap((file) => file.rules)
      configured = () =>
        rules.apply(groups, {
          ...{
            queries,
            sink: dispatch.dispatcher,
            states,
            clock,
            acceptor: telemetry.acceptor,
            externalUrl: parts.externalUrl(),
          },
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
