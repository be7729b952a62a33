// Who hears of alerts and who has taken them, joined: acknowledgements, links, on-call, drills, heartbeat.
import type { Clock } from '@tidewatch/core/clock.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { SampleBatchPool } from '@tidewatch/core/sample-batch.ts'
import { createAcknowledgements, type OpenAcknowledgements } from '../alerting/acknowledge/acknowledge.ts'
import { acknowledgeSection } from '../alerting/acknowledge/config.ts'
import { createAcknowledgeLinks } from '../alerting/acknowledge/links.ts'
import { type ReplySecrets, takeByTelegram } from '../alerting/acknowledge/replies.ts'
import { type AcknowledgeTables, createAcknowledgementRows } from '../alerting/acknowledge/state.ts'
import { TelegramUpdates } from '../alerting/acknowledge/telegram-updates.ts'
import { createAcknowledgeTokens } from '../alerting/acknowledge/token.ts'
import type { AlertJournal, AlertSink, FiringAlerts } from '../alerting/port.ts'
import type { RuleManager } from '../alerting/rules/manager.ts'
import { type RuleGroup, readRuleFile } from '../alerting/rules/rule-file.ts'
import { readWrittenYaml } from '../config/yaml.ts'
import { drillsSection, heartbeatSection } from '../features/drill/config.ts'
import { Drills, drillRuleFile } from '../features/drill/drills.ts'
import { Heartbeat } from '../features/drill/heartbeat.ts'
import { MissedEvaluations } from '../features/drill/missed-evaluations.ts'
import type { Drill, EvaluatedGroup, HeartbeatTarget } from '../features/drill/port.ts'
import { createDrillRows, type DrillTables } from '../features/drill/state.ts'
import { onCallSection } from '../features/oncall/config.ts'
import { personalIntegrations } from '../features/oncall/contacts.ts'
import { OnCall } from '../features/oncall/oncall.ts'
import type { OnCallPlan } from '../features/oncall/port.ts'
import type { SampleAcceptor } from '../ingest/port.ts'
import type { AttemptSeen } from '../notify/outbox.ts'
import type { EscalationDesk, Integration, NotificationLinks, NotificationWriter } from '../notify/port.ts'
import type { StateStore } from '../state/port.ts'
import type { Configuration } from './configuration.ts'
import type { PeopleRouteParts } from './people-routes.ts'
import type { SelfParts } from './server.ts'
import { productVersion } from './version.ts'

export interface PeopleOptions {
  readonly self: SelfParts
  readonly state: StateStore
  readonly clock: Clock
  readonly externalUrl: () => string
  readonly journal: Pick<AlertJournal, 'record'>
  readonly sink: AlertSink
  readonly alerts: FiringAlerts
  readonly notifications: NotificationWriter
  readonly acceptor: SampleAcceptor
  readonly rules: Pick<RuleManager, 'groups'>
}

export interface People {
  readonly acknowledgements: OpenAcknowledgements
  readonly desk: EscalationDesk
  linksFor(groupKey: string): NotificationLinks
  /** Told of each attempt to notify. */
  seen(attempt: AttemptSeen): void
  /** What is configured from now on; the channels that reach single people. */
  follow(configuration: Configuration, channels: readonly Integration[]): Promise<readonly Integration[]>
  /** All that only one process of an installation does; until the signal fires, once the set of alerts is whole. */
  lead(signal: AbortSignal): Promise<void>
  readonly parts: PeopleRouteParts
}

/** What another process may have changed is seen so soon. */
const refreshMs = 5000
const tellMissedEveryMs = 15_000

export function openPeople(options: PeopleOptions): People {
  const { self, state, clock, externalUrl, journal, sink, alerts, notifications } = options
  const acknowledgements = createAcknowledgements({
    ...{ alerts, journal, clock },
    rows: createAcknowledgementRows(state.database<AcknowledgeTables>()),
  })
  const tokens = createAcknowledgeTokens(state.sealer.derive('acknowledge links'))
  const links = createAcknowledgeLinks({ tokens, acknowledgements, alerts, clock, externalUrl })
  const escalations = self.metrics.counter({
    name: 'tidewatch_escalations_total',
    help: 'Escalations that were opened and ended, and steps that were taken, by policy.',
    labels: ['policy', 'event'],
  })
  const onCall = new OnCall({
    ...{ state, notifications, acknowledgements, alerts, journal, clock, sink, externalUrl },
    linkFor: (groupKey, person) => links.url(groupKey, person),
    onEvent(event, policy) {
      escalations.with(policy, event).add()
      // at once: the next look may be a while off
      if (event === 'missed') tellMissed(onCall, self)
    },
  })
  acknowledgements.onChange(() => onCall.escalationDesk.wake())
  const watch = openWatch(options, acknowledgements)
  const updates = new TelegramUpdates({
    bot: () => secrets.telegramBot,
    take: (update) => takeByTelegram({ people: () => onCall, links: () => links }, update),
    clock,
    logger: self.logger.child({ part: 'telegram' }),
  })
  let secrets: ReplySecrets = { slack: undefined, telegram: undefined, telegramBot: undefined, twilio: undefined }
  return {
    acknowledgements,
    desk: onCall.escalationDesk,
    linksFor(groupKey) {
      const alert = `${externalUrl()}/alerts`
      return { alert, acknowledge: links.url(groupKey), silence: alert }
    },
    seen: (attempt) => watch.seen(attempt),
    async follow(configuration, channels) {
      const { sections } = configuration
      const plan = sections.get(onCallSection.key) as OnCallPlan
      secrets = sections.get(acknowledgeSection.key) as ReplySecrets
      await onCall.follow(plan)
      watch.follow(configuration, channels)
      return personalIntegrations(plan, channels)
    },
    lead: (signal) => leadAll(signal, { options, onCall, acknowledgements, watch, updates }),
    parts: {
      acknowledgements,
      links,
      onCall,
      drills: watch.drills,
      rows: watch.rows,
      heartbeat: watch.heartbeat,
      secrets: () => secrets,
    },
  }
}

function tellMissed(onCall: OnCall, { logger }: SelfParts): void {
  onCall.tellMissed().catch((error: unknown) => logger.warn('a missed escalation was not told yet', { error }))
}

async function leadAll(
  signal: AbortSignal,
  parts: {
    readonly options: PeopleOptions
    readonly onCall: OnCall
    readonly acknowledgements: OpenAcknowledgements
    readonly watch: Watch
    readonly updates: TelegramUpdates
  },
): Promise<void> {
  const { options, onCall, acknowledgements, watch, updates } = parts
  const { clock, self } = options
  await acknowledgements.refresh()
  const every = async (name: string, ms: number, work: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      await work().catch((error: unknown) => self.logger.warn(`${name} failed and will be tried again`, { error }))
      await clock.sleep(ms, { signal }).catch(() => undefined)
    }
  }
  const again = (name: string, work: () => Promise<void>): Promise<void> => every(name, 1000, work)
  await Promise.all([
    again('escalations', () => onCall.escalationDesk.run(signal)),
    again('fire drills', () => watch.drills.run(signal)),
    again('updates of the Telegram bot', () => updates.run(signal)),
    again('heartbeat', () => watch.heartbeat.run(signal)),
    again('missed evaluations', () => watch.missed.run(signal)),
    every('missed escalations', tellMissedEveryMs, () => onCall.tellMissed()),
    every('acknowledgements', refreshMs, async () => {
      await acknowledgements.refresh()
      await acknowledgements.sweep()
      await onCall.refresh()
    }),
  ])
}

interface Watch extends ReturnType<typeof openWatch> {}

/** Drills, heartbeat, missed evaluations. */
function openWatch(options: PeopleOptions, acknowledgements: OpenAcknowledgements) {
  const { self, state, clock, sink, acceptor, externalUrl, rules } = options
  const rows = createDrillRows(state.database<DrillTables>())
  let target: HeartbeatTarget | undefined
  let channels: readonly string[] = []
  const groups = (): readonly EvaluatedGroup[] => rules.groups.map(evaluatedGroup)
  const counter = (name: string, help: string, labels: readonly string[]) =>
    self.metrics.counter({ name: `tidewatch_${name}`, help, labels })
  const drillCounter = counter('fire_drills_total', 'Fire drills that are over, by outcome.', ['drill', 'outcome'])
  const beats = counter('heartbeats_total', 'Heartbeats to the configured URL, by outcome.', ['outcome'])
  const missedCounter = counter('evaluations_missed_total', 'Evaluations of rule groups that were told as missed.', [])
  const batches = new SampleBatchPool()
  const drills = new Drills({
    ...{ rows, acknowledgements, sink, externalUrl, clock },
    channels: () => channels,
    onEnd: ({ drill, status }) => drillCounter.with(drill, status).add(),
    async write(labels, value) {
      using lease = batches.lease()
      lease.batch.add(acceptor.resolve(defaultProject, labels), clock.nowMs(), value)
      await acceptor.accept(lease.batch)
    },
  })
  let lastReason = ''
  const heartbeat = new Heartbeat({
    ...{ clock, groups, target: () => target },
    async call(url, signal) {
      const headers = { 'user-agent': `Tidewatch/${productVersion}` }
      const response = await fetch(url, { signal, redirect: 'manual', headers })
      await response.body?.cancel()
      return response.status
    },
    onBeat(outcome, reason) {
      beats.with(outcome).add()
      if (reason !== '' && reason !== lastReason) self.logger.warn('no heartbeat', { part: 'heartbeat', reason })
      lastReason = reason
    },
  })
  const missed = new MissedEvaluations({
    ...{ rows, groups, sink, externalUrl, clock },
    onMissed: (count) => missedCounter.with().add(count),
  })
  return {
    ...{ rows, drills, heartbeat, missed },
    follow({ sections }: Configuration, all: readonly Integration[]): void {
      drills.follow(sections.get(drillsSection.key) as readonly Drill[])
      target = sections.get(heartbeatSection.key) as HeartbeatTarget | undefined
      // rules and drills may name these; receivers of alertmanager.yml belong to its tree
      const named = all.filter(({ origin }) => origin !== 'alertmanager.yml')
      channels = [...new Set(named.map(({ receiver }) => receiver))]
    },
    seen({ delivery, integration, notification }: AttemptSeen): void {
      const { atMs, outcome } = delivery
      const isOnCall = integration?.channel.kind === 'oncall'
      // that on-call has heard of it says nothing of whether anybody can be reached
      if (!isOnCall) heartbeat.seen({ outcome, atMs })
      const { alerts, receiver, status } = notification
      drills
        .seen({
          atMs,
          outcome,
          receiver,
          integration: delivery.integration,
          isFiring: status === 'firing',
          isOnCall,
          alerts,
        })
        .catch((error: unknown) => self.logger.warn('a delivery of a fire drill was not kept', { error }))
    },
  }
}

function evaluatedGroup({ group, intervalMs, status }: RuleManager['groups'][number]): EvaluatedGroup {
  return {
    name: `${group.file};${group.name}`,
    intervalMs,
    lastEvaluationMs: status.lastEvaluationMs,
    missed: status.counts.missed,
    isFailing: status.rules.length > 0 && status.rules.every(({ health }) => health === 'err'),
  }
}

/** The rules of the drills of a configuration. */
export function drillGroups({ sections }: Configuration): readonly RuleGroup[] {
  const text = drillRuleFile(sections.get(drillsSection.key) as readonly Drill[])
  if (text === '') return []
  const read = readRuleFile({ name: 'fire drills', path: 'fire drills', text }, readWrittenYaml)
  return read.ok ? read.value : []
}
