import type { Clock } from '@tidewatch/core/clock.ts'
import type { Secret } from '@tidewatch/core/secret.ts'
import type { Severity } from '@tidewatch/core/severity.ts'
import type { z } from 'zod'
import type { HttpClient, TlsOptions } from '../collect/http-client/port.ts'
import type { HttpConfig, TlsConfig } from '../collect/http-config/port.ts'

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
  /** What the channel's schema made of the options. */
  readonly config: unknown
  readonly sendsResolved: boolean
  /** Where it is written; `tidewatch.yml` when left out. */
  readonly origin?: IntegrationOrigin
  /** Receivers of alertmanager.yml to which a channel of tidewatch.yml adds itself. */
  readonly joins?: readonly string[] | undefined
  /** Instead of the limits that the channel has by itself. */
  readonly rateLimits?: readonly RateLimit[] | undefined
}

export type IntegrationOrigin = 'tidewatch.yml' | 'alertmanager.yml' | 'environment'

/** At most so many messages within so long. */
export interface RateLimit {
  readonly messages: number
  readonly perMs: number
}

/** Options that every channel may have; their names are Alertmanager's. */
export interface CommonOptions {
  readonly http_config?: HttpConfig | undefined
  /** In ms, for one delivery; 0 and undefined: the default of 10 s. */
  readonly timeout?: number | undefined
}

/** A kind of channel: one file in channels/, one line in channels/registry.ts. Options are named as in Alertmanager where it has the channel. */
export interface ChannelDefinition<Config> {
  /** `kind` in tidewatch.yml; where Alertmanager has the channel `<kind>_configs` is its key there. */
  readonly kind: string
  readonly title: string
  readonly config: z.ZodType<Config>
  /** What the channel is from environment variables alone. */
  readonly environment?: ChannelEnvironment
  /**
   * Whether a send that is repeated under the same key reaches people once (PagerDuty's dedup_key, a Message-ID): where it does not, a send that
   * was cut off is repeated and the delivery log says "perhaps twice".
   */
  readonly repeats: 'once' | 'perhaps twice'
  /** What the receiver takes; more waits for its turn. No limit when left out. */
  readonly limits?: (config: Config) => readonly RateLimit[]
  /** Which of its options say whom the receiver counts: integrations that have the same share its limits, and its rests. Left out: each by itself. */
  readonly address?: (config: Config) => readonly (string | Secret | undefined)[]
  /** Where it reaches single people: the kind of their addresses, and its options for one of them. On-call calls people by it. */
  readonly personal?: {
    readonly address: 'email' | 'phone' | 'telegram' | 'slack'
    /** Undefined where this one cannot: an incoming webhook writes to one channel alone. */
    readonly config: (config: Config, address: string) => Config | undefined
  }
  /** Whether this one is for critical alerts alone, unless the configuration says otherwise. */
  readonly takes?: (notification: Notification, config: Config) => boolean
  /** One delivery. Whether to try again is decided by the status table that all channels share, unless the result has a verdict. */
  send(notification: Notification, config: Config, context: SendContext): Promise<SendResult>
}

/** How a channel is set up by environment variables alone. */
export interface ChannelEnvironment {
  /** Each with what it means, for the documentation and the page. */
  readonly variables: Readonly<Record<string, string>>
  /** The variable without which the channel is not meant. */
  readonly trigger: string
  /** The channel's options as they would be written in tidewatch.yml, or the variables that are missing. */
  read(
    env: Readonly<Record<string, string | undefined>>,
  ): { readonly options: Readonly<Record<string, unknown>> } | { readonly missing: readonly string[] }
}

/** A channel whose configuration's type has been forgotten: what a list holds. */
export type AnyChannel = ChannelDefinition<unknown>

/** Keeps a channel's types together and lets channels of different types stand in one list. */
export function defineChannel<Config>(channel: ChannelDefinition<Config>): AnyChannel {
  return channel as unknown as AnyChannel
}

export interface SendContext {
  /** By the integration's own `http_config`. */
  readonly http: OutgoingHttp
  readonly clock: Clock
  /** Fires when the delivery's time is over or the server stops. */
  readonly signal: AbortSignal
  /** The same for every attempt of one notification to one integration, over restarts too. */
  readonly idempotencyKey: string
  /** What the channel remembers of this group at this integration (the message to update in place), kept over restarts. */
  readonly memory: ChannelMemory
  /** Message templates, over this notification's data. */
  readonly templates: MessageTemplates
  readonly secrets: SecretReader
  /** Node's options for a `tls_config`, with its files read. */
  readonly tls: (config: TlsConfig | undefined) => Promise<TlsOptions>
  readonly terminal: Terminal
  readonly escalations?: EscalationDesk | undefined
}

/** Where the channel `oncall` hands a group over: who is called, and in which order, is decided there. */
export interface EscalationDesk {
  /** Begins, renews or ends an escalation, and keeps that safely. The same `key` again changes nothing. */
  tell(policy: string, notification: Notification, key: string): Promise<void>
}

/** Go templates with Alertmanager's default.tmpl and the files of `templates`. Throw `template.parse`, `template.execute`, `template.limit`. */
export interface MessageTemplates {
  /** text/template: `{{ .CommonLabels.alertname }}`, `{{ template "slack.default.title" . }}`. */
  text(template: string): string
  /** html/template, which escapes by the place. */
  html(template: string): string
}

/** Opens secrets for the one call that sends them; what it has opened is cut out of what the delivery log keeps. */
export interface SecretReader {
  /** The secret itself, or else what stands in the file (read each time, without spaces around it); undefined where there is neither. */
  read(secret: Secret | undefined, file?: string | undefined): Promise<string | undefined>
}

/** Where `console` writes. */
export interface Terminal {
  readonly isTerminal: boolean
  write(text: string): void
}

/** A few words of a channel's own, per integration and group. */
export interface ChannelMemory {
  read(): Promise<string | undefined>
  /** At most 4,000 characters; undefined forgets. */
  write(value: string | undefined): Promise<void>
}

export interface SendResult {
  /** HTTP's, or a reply of another protocol that means the same: 200, 400, 503. */
  readonly status: number
  /** The receiver's answer; the delivery log keeps its beginning, without secrets. */
  readonly answer: string
  /** Where the receiver says in its answer what the status does not. */
  readonly verdict?: 'delivered' | 'retry' | 'failed'
  /** The receiver wants no message for so long. */
  readonly pauseMs?: number | undefined
}

/** The answer to one request. */
export interface HttpAnswer extends SendResult {
  header(name: string): string | undefined
}

/** At most one of the bodies. */
export interface OutgoingMessage {
  readonly method?: 'POST' | 'PUT' | 'GET'
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  readonly text?: string
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** The one way out for channels: bounded, timed, by the integration's `http_config`. */
export interface OutgoingHttp {
  /** Any status is an answer, a redirect that would lose the message too. Throws `collect.unreachable` and the signal's reason. */
  send(url: string, message: OutgoingMessage): Promise<HttpAnswer>
}

/** What channels need of the world; app hands it in. Relative file names are relative to the configuration. */
export interface Outside {
  openHttp(config: HttpConfig): HttpClient
  readFile(file: string): Promise<string>
  readTls(config: TlsConfig | undefined): Promise<TlsOptions>
  /** The templates in force, over the data of a notification. */
  templates(notification: Notification): MessageTemplates
  readonly terminal: Terminal
  readonly escalations?: EscalationDesk | undefined
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
