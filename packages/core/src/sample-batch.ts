// Columns of samples that grow and are used again: filled once a request or scrape, bench/src/ingest-remote-write.ts.

import type { NativeHistogram } from './native-histogram.ts'

/** A native histogram of a known series. A stale marker is one whose sum has its bits. */
export interface HistogramSample {
  readonly ref: number
  readonly timeMs: number
  readonly histogram: NativeHistogram
}

/** An example of what a sample of a known series counted. */
export interface ExemplarSample {
  readonly ref: number
  readonly timeMs: number
  /** It came without a time and has that of its scrape: the same is said again and again. */
  readonly isUntimed?: boolean
  readonly value: number
  /** Names and values in turn, as they came: `trace_id` and the like. */
  readonly labels: readonly string[]
}

/** Samples of known series in columns; `length` entries of each array count. Has an owner, who clears and reuses it. */
export class SampleBatch {
  length = 0
  refs: Uint32Array
  timesMs: Float64Array
  values: Float64Array
  /** The bits of `values`, low word first: stale markers are written and moved by these. */
  words: Uint32Array
  readonly histograms: HistogramSample[] = []
  readonly exemplars: ExemplarSample[] = []

  constructor(capacity = 4096) {
    this.refs = new Uint32Array(capacity)
    this.timesMs = new Float64Array(capacity)
    this.values = new Float64Array(capacity)
    this.words = new Uint32Array(this.values.buffer)
  }

  get capacity(): number {
    return this.refs.length
  }

  clear(): void {
    this.length = 0
    this.histograms.length = 0
    this.exemplars.length = 0
  }

  /** Room for at least so many samples; what is there stays. */
  reserve(capacity: number): void {
    if (capacity <= this.refs.length) return
    const grown = Math.max(capacity, this.refs.length * 2)
    const { refs, timesMs, words } = this
    this.refs = new Uint32Array(grown)
    this.refs.set(refs)
    this.timesMs = new Float64Array(grown)
    this.timesMs.set(timesMs)
    this.values = new Float64Array(grown)
    this.words = new Uint32Array(this.values.buffer)
    this.words.set(words)
  }

  /** One sample; for cold paths. A stale marker is added by `addBits`. */
  add(ref: number, timeMs: number, value: number): void {
    this.reserve(this.length + 1)
    this.refs[this.length] = ref
    this.timesMs[this.length] = timeMs
    this.values[this.length] = value
    this.length++
  }

  /** A sample before one that is there already; for cold paths. */
  insert(at: number, ref: number, timeMs: number, value: number): void {
    this.reserve(this.length + 1)
    this.refs.copyWithin(at + 1, at, this.length)
    this.timesMs.copyWithin(at + 1, at, this.length)
    // by words: as numbers stale markers could lose their bits
    this.words.copyWithin((at + 1) * 2, at * 2, this.length * 2)
    this.refs[at] = ref
    this.timesMs[at] = timeMs
    this.values[at] = value
    this.length++
  }

  /** One sample whose value is given by its bits. */
  addBits(ref: number, timeMs: number, low: number, high: number): void {
    this.reserve(this.length + 1)
    this.refs[this.length] = ref
    this.timesMs[this.length] = timeMs
    this.words[this.length * 2] = low
    this.words[this.length * 2 + 1] = high
    this.length++
  }
}

/** Lends batches out, so that requests that wait for the spool side by side do not share one. */
export class SampleBatchPool {
  readonly #idle: SampleBatch[] = []
  readonly #maxIdle: number
  readonly #maxKeptCapacity: number

  /** At most `maxIdle` batches of at most `maxKeptCapacity` samples are kept for later. */
  constructor({ maxIdle = 4, maxKeptCapacity = 1 << 18 } = {}) {
    this.#maxIdle = maxIdle
    this.#maxKeptCapacity = maxKeptCapacity
  }

  /** An empty batch, taken back when the lease is disposed. */
  lease(): { readonly batch: SampleBatch } & Disposable {
    const batch = this.#idle.pop() ?? new SampleBatch()
    batch.clear()
    return {
      batch,
      [Symbol.dispose]: () => {
        if (this.#idle.length < this.#maxIdle && batch.capacity <= this.#maxKeptCapacity) this.#idle.push(batch)
      },
    }
  }
}
