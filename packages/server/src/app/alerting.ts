// Rules, groups, outbox and channels, joined.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Transaction } from 'kysely'
import { type EpisodeTables, noteSteps } from '../alerting/history/state.ts'
import { Journal } from '../alerting/journal.ts'
import type { PackBook } from '../alerting/packs/pack-book.ts'
import { RuleManager } from '../alerting/rules/manager.ts'
import { addRuleMetrics } from '../alerting/rules/rule-metrics.ts'
import { createAlertStates } from '../alerting/rules/state.ts'
import type { ConfigFile, ConfigFollower, ServeOptions } from '../config/port.ts'
import { environmentChannels, joined } from '../notify/integrations.ts'
import { type Notify, openNotify } from '../notify/open.ts'
import { createRuleQueries } from '../query/logs/rule-queries.ts'
import type { QueryService } from '../query/port.ts'
import type { StateStore } from '../state/port.ts'
import { alertmanagerOf } from './alertmanager-file.ts'
import { baseDirOf, type Configuration, channelsOf, restraintOf } from './configuration.ts'
import { deliverySteps } from './delivery-journal.ts'
import { type Dispatch, openDispatch } from './dispatch.ts'
import { fired, whileLeading } from './leadership.ts'
import type { Logs } from './logs.ts'
import { createOutside } from './outside.ts'
import { drillGroups, openPeople, type People } from './people.ts'
import type { Roles } from './roles.ts'
import { openRulesInForce } from './rules-in-force.ts'
import type { SelfParts } from './server.ts'
import type { Telemetry } from './telemetry.ts'

export interface AlertingOptions {
  readonly options: ServeOptions
  readonly self: SelfParts
  readonly state: StateStore
  readonly telemetry: Telemetry
  readonly queries: QueryService
  readonly logs: Pick<Logs, 'queries'>
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
  /** Ready rules that were chosen. */
  readonly packs: PackBook
  /** Who hears of alerts and who has taken them. */
  readonly people: People
}

export function openAlerting(parts: AlertingOptions): Alerting {
  const { self, state, telemetry, clock } = parts
  const queries = createRuleQueries({ queries: parts.queries, logs: parts.logs.queries, clock })
  let baseDir = process.cwd()
  let templateFiles: readonly ConfigFile[] = []
  const journal = new Journal({
    ...{ state, clock },
    also: (transaction, entries) => noteSteps(transaction as Transaction<EpisodeTables>, entries),
  })
  const files = { baseDir: () => baseDir, templateFiles: () => templateFiles }
  const notify = openSending(parts, files, { people: () => people, journal })
  let isSending = false
  const dispatch = openDispatch({
    ...{ self, state, clock, journal, externalUrl: parts.externalUrl, notifications: notify.writer },
    acknowledgements: () => people.acknowledgements,
    links: (groupKey) => people.linksFor(groupKey),
  })
  const states = createAlertStates(state)
  const rules = openRules(self)
  const people = openPeople({
    ...{ self, state, clock, journal, rules, externalUrl: parts.externalUrl, acceptor: telemetry.acceptor },
    ...{ sink: dispatch.dispatcher, alerts: dispatch.dispatcher.firing, notifications: notify.writer },
  })
  const inForce = openRulesInForce({ rules, state, clock, ...self })
  const applied = Promise.withResolvers<void>()
  const lead = leadWith({ applied: applied.promise, people, dispatch, rules }, (isNow) => inForce.lead(isNow))
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
    people,
    packs: inForce.packs,
    async apply(configuration) {
      baseDir = baseDirOf(configuration)
      const setup = alertmanagerOf(configuration)
      templateFiles = setup?.templateFiles ?? []
      const channels = joined(channelsOf(configuration), environmentChannels(parts.env).integrations)
      const all = [...channels, ...(setup?.integrations ?? [])]
      await notify.follow([...all, ...(await people.follow(configuration, all))])
      await dispatch.follow(setup, channels, restraintOf(configuration))
      applied.resolve()
      // not before: what waits from a former run would find no channel, and count as undeliverable
      if (!isSending) self.tasks.run('outbox', (signal) => sendWhileLeading(signal), { restart: true })
      isSending = true
      const groups = [...configuration.rules.flatMap((file) => file.rules), ...drillGroups(configuration)]
      await inForce.follow(groups, () => ({
        ...{ queries, sink: dispatch.dispatcher, states, journal, clock },
        ...{ acceptor: telemetry.acceptor, externalUrl: parts.externalUrl() },
        ...evaluationDefaults(configuration),
      }))
    },
    async [Symbol.asyncDispose]() {
      await rules[Symbol.asyncDispose]()
      await notify[Symbol.asyncDispose]()
    },
  }
}

const evaluationDefaults = ({ prometheus: { global } }: Configuration) => ({
  externalLabels: global.external_labels,
  defaultIntervalMs: global.evaluation_interval,
  defaultQueryOffsetMs: global.rule_query_offset,
})

function openSending(
  { self, state, clock, env, externalUrl }: AlertingOptions,
  files: { readonly baseDir: () => string; readonly templateFiles: () => readonly ConfigFile[] },
  { people, journal }: { readonly people: () => People; readonly journal: Journal },
): Notify {
  const outside = createOutside({
    ...{ env, clock, ...files },
    escalations: { tell: (policy, notification, key) => people().desk.tell(policy, notification, key) },
  })
  return openNotify({
    ...{ ...self, state, outside, clock, externalUrl },
    onDelivery(seen) {
      journal.record(deliverySteps(seen))
      people().seen(seen)
    },
  })
}

/** What only one process of an installation does: the set of alerts first, then rules and what follows from them. */
function leadWith(
  parts: {
    readonly applied: Promise<void>
    readonly people: People
    readonly dispatch: Dispatch
    readonly rules: RuleManager
  },
  onChange: (isLeader: boolean) => Promise<void>,
) {
  const { applied, people, dispatch, rules } = parts
  return async (leading: AbortSignal): Promise<void> => {
    // groups of the last run belong to the routes of the configuration
    await Promise.race([applied, fired(leading)])
    const stop = new AbortController()
    const stopping = AbortSignal.any([leading, stop.signal])
    const ready = Promise.withResolvers<void>()
    // what was taken must be known before the first group is looked at
    await people.acknowledgements.refresh()
    const dispatching = dispatch.run(stopping, ready.resolve)
    let following: Promise<void> | undefined
    try {
      await Promise.race([ready.promise, dispatching])
      await onChange(true)
      following = people.lead(stopping)
      await Promise.race([fired(leading), dispatching])
    } finally {
      await onChange(false)
      await rules.stop()
      stop.abort()
      await following
      await dispatching
    }
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
