// Records on their way to one receiver: by shards, which are sent side by side; a series' records stay in one shard, in their order.
import { decodeHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import type { StoredExemplar } from '../../store/port.ts'
import type { RecordCounts, RecordKind } from './counters.ts'
import { EncoderV1, EncoderV2, type FamilyOf, type RequestEncoder } from './encode.ts'
import type { RemoteSettings } from './port.ts'
import type { SendRequest } from './sender.ts'
import type { SentSeries } from './series-cache.ts'

/** Bytes of a request before compression: receivers take 32 MB and less. */
const maxRequestBytes = 4 << 20

class Shard {
  readonly #encoder: RequestEncoder
  readonly #maxRecords: number
  readonly #requests: SendRequest[] = []
  #counts = noCounts()
  #records = 0
  #bytes = 0
  #newestMs = 0

  constructor(encoder: RequestEncoder, maxRecords: number) {
    this.#encoder = encoder
    this.#maxRecords = maxRecords
  }

  sample(series: SentSeries, timeMs: number, low: number, high: number): void {
    this.#counts.exemplars += this.#encoder.sample(series, timeMs, low, high)
    this.#added('samples', timeMs, series.labelBytes.length + 24)
  }

  histogram(series: SentSeries, timeMs: number, bytes: Uint8Array): void {
    this.#counts.exemplars += this.#encoder.histogram(series, timeMs, decodeHistogram(bytes))
    this.#added('histograms', timeMs, series.labelBytes.length + bytes.length * 3)
  }

  exemplar(series: SentSeries, exemplar: StoredExemplar): void {
    if (this.#encoder.exemplar(series, exemplar)) this.#added('exemplars', 0, series.labelBytes.length + 256)
  }

  /** The requests so far, in their order. */
  take(): readonly SendRequest[] {
    this.#seal()
    return this.#requests.splice(0)
  }

  dropWaiting(): number {
    return this.#encoder.dropWaiting()
  }

  #added(kind: RecordKind, timeMs: number, bytes: number): void {
    this.#counts[kind]++
    this.#records++
    this.#bytes += bytes
    this.#newestMs = Math.max(this.#newestMs, timeMs)
    if (this.#records >= this.#maxRecords || this.#bytes >= maxRequestBytes) this.#seal()
  }

  #seal(): void {
    if (this.#records === 0) return
    this.#requests.push({ bytes: this.#encoder.take(), counts: this.#counts, newestMs: this.#newestMs })
    this.#counts = noCounts()
    this.#records = 0
    this.#bytes = 0
    this.#newestMs = 0
  }
}

const noCounts = (): Record<RecordKind, number> => ({ samples: 0, histograms: 0, exemplars: 0, metadata: 0 })

/** What is gathered before it is sent, and sent before more is gathered. */
export class Round {
  readonly #settings: RemoteSettings
  readonly #familyOf: FamilyOf
  #shards: Shard[] = []
  #size = 0

  constructor(settings: RemoteSettings, familyOf: FamilyOf) {
    this.#settings = settings
    this.#familyOf = familyOf
    this.resize(settings.queue.minShards)
  }

  /** Only while it is empty: a series must not be in two shards at once. */
  resize(shards: number): void {
    const { message, queue } = this.#settings
    const encoder = (): RequestEncoder => (message === '1.0' ? new EncoderV1() : new EncoderV2(this.#familyOf))
    while (this.#shards.length < shards) this.#shards.push(new Shard(encoder(), queue.maxSamplesPerSend))
    this.#shards.length = shards
  }

  get shards(): number {
    return this.#shards.length
  }

  get size(): number {
    return this.#size
  }

  /** Two requests a shard: while one is answered the next is there, and a repeat after a kill is short. */
  get isFull(): boolean {
    const { capacity, maxSamplesPerSend } = this.#settings.queue
    return this.#size >= this.#shards.length * Math.min(capacity, maxSamplesPerSend * 2)
  }

  shardOf(idLow: number): Shard {
    this.#size++
    return this.#shards[idLow % this.#shards.length] as Shard
  }

  /** Exemplars whose series had no sample beside them: taken away and counted. */
  dropWaiting(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.dropWaiting(), 0)
  }

  /** All requests by shard; then it is empty. */
  take(): readonly (readonly SendRequest[])[] {
    this.#size = 0
    return this.#shards.map((shard) => shard.take())
  }
}

export const recordsOf = ({ samples, histograms, exemplars }: RecordCounts): number => samples + histograms + exemplars
