// One request and its repeats: prometheus.io/docs/specs/prw/remote_write_spec/ (retries, back-off, Retry-After).
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { compress } from 'snappy'
import type { BytesAnswer, HttpClient } from '../../collect/http-client/port.ts'
import type { Logger } from '../../self/port.ts'
import type { RecordCounts, RecordKind, RemoteCounters } from './counters.ts'
import { contentTypes } from './encode.ts'
import type { RemoteSettings } from './port.ts'

export interface SendRequest {
  /** Not compressed. */
  readonly bytes: Uint8Array
  readonly counts: RecordCounts
  /** The newest sample, ms since 1970; 0 without samples. */
  readonly newestMs: number
}

export type SendOutcome = 'sent' | 'refused' | 'given up'

export interface SenderParts {
  readonly settings: RemoteSettings
  readonly http: HttpClient
  readonly clock: Clock
  readonly logger: Logger
  readonly counters: RemoteCounters
  readonly version: string
}

const maxAnswerBytes = 1 << 16
const maxRetryAfterMs = 300_000
const maxKeptSeconds = 10_000
/** A receiver that stays away is told of once in so long. */
const tellEveryMs = 60_000
const kinds: readonly RecordKind[] = ['samples', 'histograms', 'exemplars', 'metadata']

export class Sender {
  readonly #parts: SenderParts
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(parts: SenderParts) {
    this.#parts = parts
  }

  /** Until it is taken, refused, or `shouldGiveUp` says so. Rejects with the signal's reason. */
  async send(
    request: SendRequest,
    { signal, shouldGiveUp }: { readonly signal: AbortSignal; readonly shouldGiveUp: () => boolean },
  ): Promise<SendOutcome> {
    const { settings, clock, counters } = this.#parts
    const body = await compress(Buffer.from(request.bytes.buffer, request.bytes.byteOffset, request.bytes.length))
    let backoffMs = settings.queue.minBackoffMs
    for (;;) {
      signal.throwIfAborted()
      const answer = await this.#attempt(body, request.counts, signal)
      if (answer.kind === 'taken') {
        for (const kind of kinds) counters.sent[kind] += request.counts[kind]
        counters.sentBytes += body.length
        counters.highestSentMs = Math.max(counters.highestSentMs, request.newestMs)
        this.#recovered()
        return 'sent'
      }
      this.#tell(answer.why, answer.kind === 'again')
      if (answer.kind === 'refused') {
        for (const kind of kinds) counters.failed[kind] += request.counts[kind]
        return 'refused'
      }
      if (shouldGiveUp()) return 'given up'
      for (const kind of kinds) counters.retried[kind] += request.counts[kind]
      const waitMs = answer.afterMs ?? backoffMs
      await clock.sleep(waitMs, { signal })
      backoffMs = Math.min(settings.queue.maxBackoffMs, waitMs * 2)
    }
  }

  async #attempt(body: Uint8Array, counts: RecordCounts, signal: AbortSignal): Promise<Attempt> {
    const { settings, http, clock, counters, version } = this.#parts
    const format = contentTypes[settings.message]
    const url = URL.parse(settings.url)
    // taken by Prometheus when it reads its file, and failing with each request
    if (url === null || !/^https?:$/.test(url.protocol))
      return { kind: 'again', why: `${quoteValue(settings.url)} is no http or https URL`, afterMs: undefined }
    const startMs = clock.monotonicMs()
    try {
      const answer = await http.fetch(url, {
        method: 'POST',
        headers: {
          ...lowerCase(settings.headers),
          'content-type': format.type,
          'content-encoding': 'snappy',
          'user-agent': `Tidewatch/${version}`,
          'x-prometheus-remote-write-version': format.version,
        },
        body,
        timeoutMs: settings.timeoutMs,
        maxBytes: maxAnswerBytes,
        signal,
      })
      if (answer.status >= 200 && answer.status < 300) return takenOrNot(settings.message, counts, answer)
      const why = `it answers ${answer.status} ${quoteValue(Buffer.from(answer.body).toString('utf8').trim())}`
      const isAgain = answer.status >= 500 || (answer.status === 429 && settings.queue.retryOn429)
      if (!isAgain) return { kind: 'refused', why }
      return { kind: 'again', why, afterMs: retryAfterMs(answer.header('retry-after'), clock.nowMs()) }
    } catch (error) {
      signal.throwIfAborted()
      const { message, kind } = AppError.from(error)
      if (kind === 'bug') throw error
      return { kind: 'again', why: message, afterMs: undefined }
    } finally {
      if (counters.requestSeconds.length < maxKeptSeconds)
        counters.requestSeconds.push((clock.monotonicMs() - startMs) / 1000)
    }
  }

  #tell(why: string, isAgain: boolean): void {
    const { clock, logger, counters, settings } = this.#parts
    counters.trouble = why
    if (clock.monotonicMs() - this.#toldMs < tellEveryMs) return
    this.#toldMs = clock.monotonicMs()
    const message = isAgain
      ? 'samples cannot be sent on; they are kept and tried again'
      : 'the receiver refused samples; they are dropped'
    logger.warn(message, { remote: settings.name, reason: why })
  }

  #recovered(): void {
    const { logger, counters, settings } = this.#parts
    if (counters.trouble === undefined) return
    counters.trouble = undefined
    this.#toldMs = Number.NEGATIVE_INFINITY
    logger.info('samples are sent on again', { remote: settings.name })
  }
}

type Attempt =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'again'; readonly why: string; readonly afterMs: number | undefined }

/** A receiver of 1.0 alone that does not look at the content type answers well and takes nothing; one of 2.0 says how much it took. */
function takenOrNot(message: RemoteSettings['message'], counts: RecordCounts, answer: BytesAnswer): Attempt {
  const written = (what: string): number => Number(answer.header(`x-prometheus-remote-write-${what}-written`) ?? 0)
  const isSilent =
    message === '2.0' && counts.samples + counts.histograms > 0 && written('samples') + written('histograms') === 0
  if (!isSilent) return { kind: 'taken' }
  const why = `it answers ${answer.status} and says that nothing was written: it may know version 1.0 alone`
  return { kind: 'refused', why: `${why} (protobuf_message: prometheus.WriteRequest)` }
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** Seconds or a date (RFC 9110, section 10.2.3); undefined for anything else. */
function retryAfterMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return Number.isFinite(ms) && ms > 0 ? Math.min(maxRetryAfterMs, ms) : undefined
}
