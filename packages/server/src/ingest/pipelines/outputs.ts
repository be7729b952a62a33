// Where events go beside the store: our own log, mail, an address on the net. Nothing waits for them: what cannot be sent in time is counted.

import { BoundedQueue } from '@tidewatch/core/bounded-queue.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Delivery } from '@tidewatch/logstash/delivery.ts'
import type { LogEvent } from '@tidewatch/logstash/event.ts'
import type { Counter, Family, Logger } from '../../self/port.ts'
import { shownEvent } from './event-record.ts'
import type { PipelineOutside } from './port.ts'

export interface OutputParts {
  readonly name: string
  readonly outside: PipelineOutside
  readonly clock: Clock
  readonly logger: Logger
  /** By pipeline, output and outcome. */
  readonly sent: Family<Counter>
}

/** One message on its way. */
interface Message {
  readonly kind: 'email' | 'http'
  readonly bytes: number
  send(signal: AbortSignal): Promise<void>
}

const maxQueuedBytes = 8 << 20
const attempts = 4
const firstPauseMs = 1000
const attemptMs = 15_000
/** Mails of one pipeline: a burst, then one every so often. */
const mailBurst = 20
const msPerMail = 60_000
/** Lines in our own log within a second. */
const linesPerSecond = 100

export class Outputs implements AsyncDisposable {
  readonly #parts: OutputParts
  readonly #stop = new AbortController()
  readonly #queue = new BoundedQueue<Message>({
    maxSize: maxQueuedBytes,
    sizeOf: ({ bytes }) => bytes,
    whenFull: 'refuse',
  })
  #sending: Promise<void> | undefined
  #mails = mailBurst
  #mailsAtMs: number
  #secondAtMs = Number.NEGATIVE_INFINITY
  #lines = 0

  constructor(parts: OutputParts) {
    this.#parts = parts
    this.#mailsAtMs = parts.clock.monotonicMs()
  }

  /** What waits and could not be sent by now is counted as not sent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#sending
  }

  /** Throws nothing, waits for nothing. */
  deliver(event: LogEvent, { output, rendered }: Delivery): void {
    switch (output.kind) {
      case 'stdout':
        this.#print(event, output.codec)
        return
      case 'email':
        this.#mail(event, rendered)
        return
      case 'http':
        this.#post(event, { output, rendered })
        return
      case 'elasticsearch': // kept with the line's own request
      case 'file': // refused when the file is read
      case 'null':
        return
    }
  }

  #count(kind: string, outcome: 'sent' | 'failed' | 'limited' | 'full'): void {
    this.#parts.sent.with(this.#parts.name, kind, outcome).add()
  }

  #print(event: LogEvent, codec: string): void {
    const { clock, logger, name } = this.#parts
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#secondAtMs >= 1000) {
      this.#secondAtMs = nowMs
      this.#lines = 0
    }
    if (++this.#lines > linesPerSecond) {
      this.#count('stdout', 'limited')
      return
    }
    const shown = shownEvent(event)
    if (codec === 'line' || codec === 'plain') logger.info(String(shown.message ?? ''), { pipeline: name })
    else logger.info('event', { pipeline: name, event: shown })
    this.#count('stdout', 'sent')
  }

  #mail(event: LogEvent, rendered: ReadonlyMap<string, string>): void {
    const { mail } = this.#parts.outside
    if (mail === undefined) {
      this.#count('email', 'failed')
      return
    }
    if (!this.#mayMail()) {
      this.#count('email', 'limited')
      return
    }
    const to = ['to', 'cc', 'bcc'].flatMap((name) => rendered.get(name) ?? []).join(',')
    const subject = oneLine(rendered.get('subject') ?? '')
    const body = rendered.get('body') || rendered.get('htmlbody') || JSON.stringify(shownEvent(event), undefined, 2)
    this.#enqueue({ kind: 'email', bytes: body.length + 1000, send: (signal) => mail({ to, subject, body }, signal) })
  }

  /** A storm of errors fills nobody's mailbox. */
  #mayMail(): boolean {
    const nowMs = this.#parts.clock.monotonicMs()
    this.#mails = Math.min(mailBurst, this.#mails + (nowMs - this.#mailsAtMs) / msPerMail)
    this.#mailsAtMs = nowMs
    if (this.#mails < 1) return false
    this.#mails--
    return true
  }

  #post(event: LogEvent, { output, rendered }: Delivery): void {
    const { outside } = this.#parts
    const url = rendered.get('url') ?? ''
    const method = output.settings.get('http_method')?.[0]?.toUpperCase() === 'PUT' ? 'PUT' : 'POST'
    const isMessage = output.settings.get('format')?.[0] === 'message'
    const body = isMessage ? (rendered.get('message') ?? '') : JSON.stringify(shownEvent(event))
    const type = rendered.get('content_type') ?? (isMessage ? 'text/plain' : 'application/json')
    const headers = { ...pairsOf(output.settings.get('headers') ?? []), 'content-type': type }
    this.#enqueue({
      ...{ kind: 'http', bytes: body.length + url.length + 1000 },
      async send(signal) {
        const status = await outside.post(url, { method, headers, body, signal })
        if (status >= 300)
          throw new AppError('collect.bad_answer', `${url.slice(0, 200)} answered ${status}`, {
            retryable: status === 429 || status >= 500,
          })
      },
    })
  }

  #enqueue(message: Message): void {
    if (this.#stop.signal.aborted || !this.#queue.push(message)) {
      this.#count(message.kind, 'full')
      return
    }
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
    })
  }

  async #sendAll(): Promise<void> {
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift())
      this.#count(message.kind, (await this.#send(message)) ? 'sent' : 'failed')
  }

  async #send(message: Message): Promise<boolean> {
    const { clock, logger, name } = this.#parts
    const { signal } = this.#stop
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await message.send(AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]))
        return true
      } catch (error) {
        const mayRetry = !(error instanceof AppError) || error.retryable
        if (attempt === attempts || !mayRetry || signal.aborted) {
          logger.warn(`the output ${message.kind} of ${name} could not send`, { error })
          return false
        }
      }
      // a rejection says that the server stops: the loop ends by itself
      await clock.sleep(firstPauseMs * 2 ** (attempt - 1), { signal }).catch(() => undefined)
    }
    return false
  }
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ').slice(0, 500)

function pairsOf(texts: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (let i = 0; i + 1 < texts.length; i += 2) pairs[(texts[i] as string).toLowerCase()] = texts[i + 1] as string
  return pairs
}
