// A key to money stood in what somebody sent: people hear of it at once, by who sends and where it stood, never what it was.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { AlertSink } from '../../alerting/port.ts'
import type { SecretFound } from '../../ingest/port.ts'
import type { Logger } from '../../self/port.ts'

export const secretAlertName = 'SecretReceived'
/** A notice that stays for as long as no further one comes, and an hour more. */
const lastsMs = 3_600_000
/** The same again is told to the alert once in so long. */
const repeatMs = 60_000
/** Different ones at a time: what a sender varies (the service, the field) must not fill the memory. */
const maxKnown = 1000

const words: Readonly<Record<string, string>> = {
  seed_phrase: 'a seed phrase',
  private_key: 'a private key',
  wif: 'a private key (WIF)',
  extended_key: 'an extended private key',
  pem_key: 'a private key (PEM)',
}

/** The search for what a service logs. */
const linesOf = (service: string): string =>
  service === '' ? '' : `?q=${encodeURIComponent(`service:${JSON.stringify(service)}`)}`

export interface SecretAlarmsOptions {
  /** Undefined until alerts can be taken. */
  readonly sink: () => AlertSink | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly externalUrl: () => string
}

export class SecretAlarms {
  readonly #options: SecretAlarmsOptions
  /** When each was told last, and when it was seen first, ms. */
  readonly #known = new Map<string, { toldMs: number; readonly sinceMs: number }>()

  constructor(options: SecretAlarmsOptions) {
    this.#options = options
  }

  /** Told for each finding; does not wait. */
  found(secret: SecretFound): void {
    const { clock, sink, logger } = this.#options
    const nowMs = clock.nowMs()
    const key = JSON.stringify([secret.project, secret.service, secret.kind, secret.field])
    const known = this.#known.get(key)
    if (known !== undefined && nowMs - known.toldMs < repeatMs) return
    if (known === undefined && this.#known.size >= maxKnown) this.#forget(nowMs)
    const isFresh = known === undefined || nowMs - known.toldMs > lastsMs
    const sinceMs = isFresh ? nowMs : known.sinceMs
    this.#known.set(key, { toldMs: nowMs, sinceMs })
    const { sender, service, kind, field } = secret
    logger.error('a key to money was sent to us; it was taken out before anything was stored', {
      ...{ part: 'redact', sender, service, kind, field },
    })
    sink()
      ?.deliver([this.#alert(secret, sinceMs)])
      .catch((error: unknown) => {
        // told again with the next one
        this.#known.delete(key)
        logger.error('the alert about it could not be raised', { part: 'redact', error: AppError.from(error).message })
      })
  }

  #forget(nowMs: number): void {
    for (const [key, { toldMs }] of this.#known) {
      if (nowMs - toldMs > lastsMs || this.#known.size >= maxKnown) this.#known.delete(key)
    }
  }

  #alert({ sender, service, kind, field }: SecretFound, startsAtMs: number) {
    const from = service === '' ? sender : `the service ${service} (${sender})`
    const what = words[kind] ?? kind
    return {
      labels: Labels.from({
        alertname: secretAlertName,
        severity: 'critical',
        kind,
        field,
        ...(service === '' ? {} : { service }),
      }),
      annotations: {
        summary: `${from} logged ${what} in the field ${field}.`,
        description:
          'It was taken out before anything was stored here, but it has left the application: whoever sees its output may have it. Move the funds to a new key, then find the line that logs it.',
        runbook: 'docs/redaction.md, "At 3 a.m."',
      },
      startsAtMs,
      endsAtMs: undefined,
      generatorUrl: `${this.#options.externalUrl()}/logs${linesOf(service)}`,
      validForMs: lastsMs,
    }
  }
}
