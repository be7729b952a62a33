import type { z } from 'zod'

/** One notification as every channel gets it: Alertmanager's template data. */
export interface Notification {
  readonly receiver: string
  readonly status: 'firing' | 'resolved'
  readonly groupKey: string
  readonly groupLabels: Readonly<Record<string, string>>
  readonly commonLabels: Readonly<Record<string, string>>
  readonly commonAnnotations: Readonly<Record<string, string>>
  readonly externalUrl: string
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

/** A kind of channel: one file in channels/, one line in channels/registry.ts. */
export interface ChannelDefinition<Config> {
  readonly kind: string
  readonly title: string
  readonly config: z.ZodType<Config>
  /** One request. Whether to try again is decided by the status table that all channels share, not here. */
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
  readonly signal: AbortSignal
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
  enqueue(transaction: unknown, id: string, notification: Notification, nowMs: number): Promise<void>
  /** Called after the transaction: what is due is sent. */
  wake(): void
  readonly receivers: () => readonly { readonly name: string; readonly sendsResolved: boolean }[]
}
