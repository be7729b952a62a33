// The way from alerts to the outbox, joined: journal, silences, the dispatcher and what it asks.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Transaction } from 'kysely'
import { Dispatcher } from '../alerting/dispatch/live.ts'
import type { DispatchPolicy } from '../alerting/dispatch/policy.ts'
import type { Restraint } from '../alerting/dispatch/restraint.ts'
import { createPolicy } from '../alerting/dispatch/routing.ts'
import { createDispatchStore } from '../alerting/dispatch/state.ts'
import { type EpisodeTables, saveEpisodes, trimEpisodes } from '../alerting/history/state.ts'
import type { Journal } from '../alerting/journal.ts'
import type { Acknowledgements } from '../alerting/port.ts'
import { SilenceBook } from '../alerting/silences/silence-book.ts'
import { createSilenceRows } from '../alerting/silences/state.ts'
import type { Integration, NotificationLinks, NotificationWriter } from '../notify/port.ts'
import type { StateStore } from '../state/port.ts'
import type { AlertmanagerSetup } from './alertmanager-file.ts'
import type { SelfParts } from './server.ts'

export interface DispatchOptions {
  readonly self: SelfParts
  readonly state: StateStore
  readonly clock: Clock
  readonly notifications: Pick<NotificationWriter, 'enqueue' | 'wake'>
  readonly acknowledgements: () => Pick<Acknowledgements, 'of'> | undefined
  readonly externalUrl: () => string
  readonly links: (groupKey: string) => NotificationLinks
  readonly journal: Journal
}

export interface Dispatch {
  readonly dispatcher: Dispatcher
  readonly silences: SilenceBook
  /** Takes alerts, once `ready` is called, and sends what is due until the signal fires: one process of an installation at a time. */
  run(signal: AbortSignal, ready: () => void): Promise<void>
  follow(setup: AlertmanagerSetup | undefined, channels: readonly Integration[], restraint?: Restraint): Promise<void>
}

/** Silences that another process has made are seen so soon. */
const refreshMs = 10_000
const trimEveryMs = 3_600_000

export function openDispatch(options: DispatchOptions): Dispatch {
  const { self, state, clock, notifications, journal, externalUrl, links } = options
  let mode: AlertmanagerSetup['config']['mode'] = 'fallback'
  const silences = new SilenceBook({ rows: createSilenceRows(state), clock, mode: () => mode })
  const dispatcher = new Dispatcher(policyOf(undefined, []), {
    ...{ clock, notifications, journal, externalUrl, links },
    store: createDispatchStore(state, notifications, (transaction, change) =>
      saveEpisodes(transaction as Transaction<EpisodeTables>, change, clock.nowMs()),
    ),
    silencesOf: (labels, nowMs) => silences.silencesOf(labels, nowMs),
    acknowledgedBy: (fingerprint) => options.acknowledgements()?.of(fingerprint)?.by,
    onFailure: (error) =>
      self.logger.error('alerts and notifications cannot be kept; tried again', { part: 'alerting', error }),
  })
  self.tasks.every('silences', refreshMs, () => silences.refresh())
  self.tasks.every('history of alerts', trimEveryMs, () => trimEpisodes(state.database<EpisodeTables>(), clock.nowMs()))
  return {
    dispatcher,
    silences,
    async run(signal, ready) {
      // what is silenced must be known before the first group is looked at
      await silences.refresh()
      await dispatcher.run(signal, ready)
    },
    async follow(setup, channels, restraint) {
      mode = setup?.config.mode ?? 'fallback'
      await dispatcher.setPolicy(policyOf(setup, channels, restraint))
    },
  }
}

function policyOf(
  setup: AlertmanagerSetup | undefined,
  channels: readonly Integration[],
  restraint?: Restraint,
): DispatchPolicy {
  return createPolicy({
    restraint,
    config: setup?.config,
    integrations: setup?.integrations ?? [],
    channels: channels.map((integration) => ({ integration, receivers: integration.joins ?? [] })),
  })
}
