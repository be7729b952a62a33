// Samples on their way into the product: bodies of remote write 1.0, filled up to a size.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { compressSync } from 'snappy'
import { varint } from './remote-read.ts'

/** What is sent at once: small enough that other senders do not wait for it, large enough to be worth a request. */
const maxBodyBytes = 2 << 20

/** Fills one request body after the other. */
export class WriteBody {
  samples = 0
  #parts: Uint8Array[] = []
  #bytes = 0

  get isFull(): boolean {
    return this.#bytes >= maxBodyBytes
  }

  /** The samples of one series, as `SeriesSamples` made them; none are passed over. */
  add(labelBytes: Uint8Array, { bytes, count }: EncodedSamples): void {
    if (count === 0) return
    const length = labelBytes.length + bytes.length
    this.#parts.push(varint(8 + 2), varint(length), labelBytes, bytes)
    this.#bytes += length + 10
    this.samples += count
  }

  take(): Buffer {
    const body = Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    this.samples = 0
    return body
  }
}

interface EncodedSamples {
  readonly bytes: Uint8Array
  readonly count: number
}

/** Fields of a TimeSeries: 2 for samples, 4 for native histograms. */
export class SeriesSamples {
  count = 0
  #buffer = Buffer.alloc(1 << 14)
  #length = 0

  clear(): void {
    this.count = 0
    this.#length = 0
  }

  get bytes(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#buffer, 0, this.#length)
  }

  float(timeMs: number, low: number, high: number): void {
    const time = timeBytes(timeMs)
    this.#reserve(32)
    const at = this.#length
    const buffer = this.#buffer
    buffer[at] = 0x12
    buffer[at + 1] = 10 + time.length
    buffer[at + 2] = 0x09
    buffer.writeUInt32LE(low, at + 3)
    buffer.writeUInt32LE(high, at + 7)
    buffer[at + 11] = 0x10
    buffer.set(time, at + 12)
    this.#length = at + 12 + time.length
    this.count++
  }

  histogram(message: Uint8Array): void {
    const head = Buffer.concat([varint(4 * 8 + 2), varint(message.length)])
    this.#reserve(head.length + message.length)
    this.#buffer.set(head, this.#length)
    this.#buffer.set(message, this.#length + head.length)
    this.#length += head.length + message.length
    this.count++
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return
    const grown = Buffer.alloc(Math.max(this.#length + count, this.#buffer.length * 2))
    this.#buffer.copy(grown, 0, 0, this.#length)
    this.#buffer = grown
  }
}

/** Times before 1970 take ten bytes, two's complement of 64 bits. */
function timeBytes(timeMs: number): Uint8Array {
  if (timeMs >= 0) return varint(timeMs)
  const bytes: number[] = []
  for (let rest = BigInt.asUintN(64, BigInt(timeMs)); ; rest >>= 7n) {
    if (rest < 128n) return Uint8Array.from([...bytes, Number(rest)])
    bytes.push(Number(rest & 127n) | 128)
  }
}

export interface WriteTarget {
  /** Where the product is. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly clock: Pick<Clock, 'sleep'>
  /** Told why a request is made again, and after how long. */
  readonly onRetry: (reason: string, afterMs: number) => void
}

const maxTries = 30
const maxWaitMs = 30_000

/**
 * Sends a body until it is taken. Resolves with what the product says of samples that it left out, if it did. Throws what stands against the
 * whole (401, 404 ...), or the last failure after about ten minutes.
 */
export async function sendBody(body: Uint8Array, target: WriteTarget): Promise<string | undefined> {
  const { url, headers, signal, clock } = target
  const compressed = new Uint8Array(compressSync(Buffer.from(body)))
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`${url.replace(/\/+$/, '')}/api/v1/write`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body: compressed,
      signal,
    }).catch((cause: unknown) => {
      if (signal.aborted) throw signal.reason
      return new AppError('store.unavailable', `${url} was not reached.`, { cause, fix: 'Is it running there?' })
    })
    const text = answer instanceof AppError ? answer.message : (await answer.text()).slice(0, 1000).trim()
    if (!(answer instanceof AppError)) {
      if (answer.ok) return undefined
      // 400: the rest was taken, and what was left out will be left out again
      if (answer.status === 400) return text
      if (answer.status === 401 || answer.status === 403)
        throw new AppError('access.signed_out', `${url} does not let us write: ${text}`, {
          fix: 'Make a token with: tidewatch token create --scope read,write, and give it with --token or TIDEWATCH_TOKEN.',
        })
      if (answer.status !== 429 && answer.status < 500)
        throw new AppError('ingest.bad_body', `${url} answered ${answer.status}: ${text}`)
    }
    if (attempt === maxTries)
      throw new AppError('store.unavailable', `after ${maxTries} tries: ${text}`, { fix: 'Run it again: it goes on.' })
    const afterMs = retryAfterMs(answer, attempt)
    target.onRetry(text, afterMs)
    await clock.sleep(afterMs, { signal })
  }
}

function retryAfterMs(answer: Response | AppError, attempt: number): number {
  const seconds = answer instanceof AppError ? Number.NaN : Number(answer.headers.get('retry-after') ?? Number.NaN)
  if (Number.isFinite(seconds) && seconds >= 0) return Math.min(maxWaitMs, Math.max(100, seconds * 1000))
  return Math.min(maxWaitMs, 250 * 2 ** Math.min(attempt, 8))
}
