// What the redactor finds, and what it says of it: never the secret.
import type { LogRecord } from '@tidewatch/core/log-record.ts'

/** Keys to money: never kept, cannot be switched off, and each finding is worth an alert that names the sender. */
export const keyKinds = ['seed_phrase', 'private_key', 'wif', 'extended_key', 'pem_key'] as const
export type KeyKind = (typeof keyKinds)[number]

/** What is masked and counted. `custom` is what the options add: field names and expressions. */
export const maskedKinds = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'api_key',
  'url_credentials',
  'card_number',
  'custom',
] as const
export type MaskedKind = (typeof maskedKinds)[number]

export type SecretKind = KeyKind | MaskedKind

const keys: ReadonlySet<string> = new Set(keyKinds)

/** Whether a finding is a key to money, which raises an alert. */
export const isKeyKind = (kind: SecretKind): kind is KeyKind => keys.has(kind)

/** One thing that was taken out. Holds nothing of what was there. */
export interface Finding {
  readonly kind: SecretKind
  /** Where: `body`, `attributes.http.request.header.cookie`; '' where a text was given without a name. */
  readonly field: string
}

/** A text without its secrets; `found` is empty where nothing was changed. */
export interface Redacted {
  readonly value: string
  readonly found: readonly Finding[]
}

/** A record without its secrets; the very record that was given where `found` is empty. */
export interface RedactedRecord {
  readonly record: LogRecord
  readonly found: readonly Finding[]
}

/** An expression of the user's own, in RE2's syntax, of which every match is masked. */
export interface ExtraPattern {
  readonly name: string
  readonly pattern: string
  /**
   * Texts of which any match holds at least one, as it stands in JSON, letter case aside, three bytes of ASCII or more. Lines that hold none are
   * let through unread. Without it every line is taken apart, which costs most of the speed.
   */
  readonly contains?: readonly string[]
}

export interface RedactorOptions {
  /** Names of fields that are masked beside the usual ones; letter case and `_`, `-`, blank between words are ignored. Three letters or more. */
  readonly fields?: readonly string[]
  readonly patterns?: readonly ExtraPattern[]
  /** Names of fields that are kept although their name says otherwise (`token` where it is a coin); keys to money are still taken out of them. */
  readonly allow?: readonly string[]
  /** Kinds that are not looked for. */
  readonly off?: readonly MaskedKind[]
}

export interface Redactor {
  /**
   * Whether these bytes (a line of JSON, a text, an OTLP message) may hold something that `record` or `text` would take out. Says so too
   * often rather than too seldom: what it lets through, the others leave as it is. Per line; bench/src/redact.ts.
   */
  mayHold(bytes: Uint8Array, from: number, to: number): boolean
  /**
   * Whether a value of this name is masked for its name alone. With `mayHold` of each value's bytes this is all that `record` looks at, but for
   * arrays, of which the whole is to be asked.
   */
  hidesName(name: string): boolean
  /** `field` is the name by which the text was sent; a name such as `password` masks the whole text. */
  text(value: string, field?: string): Redacted
  record(record: LogRecord): RedactedRecord
}
