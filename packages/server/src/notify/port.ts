import type { Clock } from '@tidewatch/core/clock.ts'
import type { Severity } from '@tidewatch/core/severity.ts'
import type { z } from 'zod'

/** Why people hear of a group now. */
export type NotificationReason = 'firing' | 'changed' | 'repeat' | 'resolved' | 'escalation' | 'test'

/** Where a message leads: absolute URLs of the page. A `test` has no group to act upon: there they lead to the page of alerts. */
export interface NotificationLinks {
  readonly alert: string
  /** One click takes the alerts, without signing in; it cannot do anything else. */
  readonly acknowledge: string
  readonly silence: string
}

/** One notification as every channel gets it: Alertmanager's template data, and what is ours. */
export interface Notification {
  readonly receiver: string
  readonly status: 'firing' | 'resolved'
  readonly reason: NotificationReason
  /** The worst of what fires; of what has ended where nothing fires. */
  readonly severity: Severity
  readonly groupKey: string
  readonly groupLabels: Readonly<Record<string, string>>
  readonly commonLabels: Readonly<Record<string, string>>
  readonly commonAnnotations: Readonly<Record<string, string>>
  readonly externalUrl: string
  readonly links: NotificationLinks
  readonly alerts: readonly NotifiedAlert[]
  readonly truncatedAlerts: number
}

export interface NotifiedAlert {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAtMs: number
  readonly endsAtMs: number | undefined
  readonly generatorUrl: string
  readonly fingerprint: string
}

/**
 * One way of telling one receiver: an entry of a receiver's `slack_configs`, or a channel of tidewatch.yml. A receiver of alertmanager.yml has as
 * many as its configuration lists.
 */
export interface Integration {
  /** Stays the same over reloads and restarts while the entry stays in its place: `critical/slack[0]`, `channels/ops`. */
  readonly key: string
  readonly receiver: string
  readonly channel: AnyChannel
  readonly config: unknown
  readonly sendsResolved: boolean
}

/** A kind of channel: one file in channels/, one line in channels/registry.ts. Options are named as in Alertmanager where it has the channel. */
export interface ChannelDefinition<Config> {
  /** `kind` in tidewatch.yml; where Alertmanager has the channel `<kind>_configs` is its key there. */
  readonly kind: string
  readonly title: string
  readonly config: z.ZodType<Config>
  /** What the channel is from environment variables alone; undefined where they do not name it. */
  readonly fromEnvironment?: (env: Readonly<Record<string, string | undefined>>) => Config | undefined
  /**
   * Whether a send that is repeated under the same key reaches people once (PagerDuty's dedup_key, a Message-ID): where it does not, a send that
   * was cut off is repeated and the delivery log says "perhaps twice".
   */
  readonly repeats: 'once' | 'perhaps twice'
  /** One delivery. Whether to try again is decided by the status table that all channels share, not here. */
  send(notification: Notification, config: Config, context: SendContext): Promise<SendResult>
}

/** A channel whose configuration's type has been forgotten: what a list holds. */
export type AnyChannel = ChannelDefinition<unknown>

/** Keeps a channel's types together and lets channels of different types stand in one list. */
export function defineChannel<Config>(channel: ChannelDefinition<Config>): AnyChannel {
  return channel as unknown as AnyChannel
}

export interface SendContext {
  readonly http: OutgoingHttp
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The same for every attempt of one notification to one integration, over restarts too. */
  readonly idempotencyKey: string
  /** What the channel remembers of this group at this integration (the message to update in place), kept over restarts. */
  readonly memory: ChannelMemory
}

/** A few words of a channel's own, per integration and group. */
export interface ChannelMemory {
  read(): Promise<string | undefined>
  /** At most 4,000 characters; undefined forgets. */
  write(value: string | undefined): Promise<void>
}

export interface SendResult {
  readonly status: number
  /** The receiver's answer, cut, for the delivery log. */
  readonly answer: string
}

export interface OutgoingHttp {
  post(
    url: string,
    options: {
      readonly body: unknown
      readonly headers?: Readonly<Record<string, string>>
      readonly signal: AbortSignal
      readonly timeoutMs?: number
    },
  ): Promise<SendResult>
}

/** Puts a notification on its way inside a transaction of the caller's, so that what was decided and what is sent cannot differ after a kill. */
export interface NotificationWriter {
  /** `transaction` is a Kysely transaction of the state store. The same id a second time changes nothing. */
  enqueue(
    transaction: unknown,
    id: string,
    integration: string,
    notification: Notification,
    nowMs: number,
  ): Promise<void>
  /** Called after the transaction: what is due is sent. */
  wake(): void
  /** All that are configured now, by the receiver's name. */
  readonly integrations: () => ReadonlyMap<string, readonly Integration[]>
}
