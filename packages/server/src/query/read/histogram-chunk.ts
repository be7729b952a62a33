// Prometheus's chunks of native histograms, whole counts (2) and others (3). Called once a histogram, in a query worker.
// Format: https://github.com/prometheus/prometheus/blob/main/tsdb/docs/format/chunks.md#histogram-chunk-data
import {
  customBucketsSchema,
  type FloatHistogram,
  isIntegerHistogram,
  isStaleHistogram,
  type Span,
} from '@tidewatch/core/native-histogram.ts'
import { setStale } from '@tidewatch/core/stale.ts'
import { detectReset, sameBounds } from '@tidewatch/promql/native/arithmetic.ts'
import { BitWriter } from './bit-writer.ts'
import { chunkSamples } from './xor-chunk.ts'

export const histogramEncoding = { integer: 2, float: 3 } as const

/** Counts in one chunk, so that it stays well below a frame. */
const maxCounts = 1 << 16
/** The flags of a chunk: what is known of a counter reset before its first histogram. */
const headers = { unknown: 0, reset: 0x80, not_reset: 0x40, gauge: 0xc0 } as const
const unknownLeading = 0xff

/**
 * Where the chunk ends that begins at `from`: one has histograms of one layout, and those behind the first follow their predecessor without a
 * counter reset, since that is what a reader is to make of them.
 */
export function chunkEnd(histograms: readonly (FloatHistogram | undefined)[], from: number): number {
  const first = histograms[from]
  if (first === undefined) return from
  const most = Math.max(1, Math.floor(maxCounts / (3 + first.positiveBuckets.length + first.negativeBuckets.length)))
  let before = first
  let to = from + 1
  for (; to < from + Math.min(chunkSamples, most); to++) {
    const next = histograms[to]
    if (next === undefined || isStaleHistogram(before) || !follows(next, before, first)) break
    before = next
  }
  return to
}

function follows(next: FloatHistogram, before: FloatHistogram, first: FloatHistogram): boolean {
  if (isStaleHistogram(next)) return true
  const isGauge = next.counterResetHint === 'gauge'
  if (isGauge !== (first.counterResetHint === 'gauge') || !sameLayout(next, first)) return false
  return isGauge || !detectReset(next, before)
}

function sameLayout(a: FloatHistogram, b: FloatHistogram): boolean {
  return (
    isWhole(a) === isWhole(b) &&
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    sameBounds(a.customValues, b.customValues) &&
    sameSpans(a.positiveSpans, b.positiveSpans) &&
    sameSpans(a.negativeSpans, b.negativeSpans)
  )
}

function sameSpans(a: readonly Span[], b: readonly Span[]): boolean {
  return a.length === b.length && a.every(({ offset, length }, i) => b[i]?.offset === offset && b[i].length === length)
}

/** Beyond it the differences of differences are no whole numbers of a double any more: such counts go as doubles, which hold them exactly. */
const maxWholeCount = 2 ** 50

function isWhole(h: FloatHistogram): boolean {
  return isIntegerHistogram(h) && h.count < maxWholeCount
}

/** Encodes one chunk after the other into the same memory. */
export class HistogramChunkEncoder {
  readonly #out = new BitWriter()
  readonly #double = new Float64Array(1)
  readonly #words = new Uint32Array(this.#double.buffer)
  /** By place in the histogram (count, zero count, sum, buckets): its last bits, and the window of those that changed. */
  #low = new Uint32Array(0)
  #high = new Uint32Array(0)
  #leading = new Uint8Array(0)
  #trailing = new Uint8Array(0)

  /** Histograms `from` to before `to`, which `chunkEnd` found. The result is good until the next call. */
  encode(
    timesMs: Float64Array,
    histograms: readonly (FloatHistogram | undefined)[],
    { from, to }: { readonly from: number; readonly to: number },
  ): { readonly encoding: number; readonly data: Uint8Array } {
    const out = this.#out
    out.clear()
    const chosen = histograms.slice(from, to).filter((h) => h !== undefined)
    const [first] = chosen
    if (first === undefined) return { encoding: histogramEncoding.float, data: out.written }
    out.bits(chosen.length, 16)
    out.bits(headers[first.counterResetHint], 8)
    this.#layout(first)
    this.#begin(3 + first.positiveBuckets.length + first.negativeBuckets.length)
    const times = timesMs.subarray(from, to)
    if (isWhole(first)) this.#integers(times, chosen)
    else this.#floats(times, chosen)
    const encoding = isWhole(first) ? histogramEncoding.integer : histogramEncoding.float
    return { encoding, data: out.written }
  }

  #begin(places: number): void {
    if (places > this.#low.length) {
      this.#low = new Uint32Array(places)
      this.#high = new Uint32Array(places)
      this.#leading = new Uint8Array(places)
      this.#trailing = new Uint8Array(places)
    }
    this.#leading.fill(unknownLeading, 0, places)
  }

  #layout(h: FloatHistogram): void {
    const out = this.#out
    const exponent = Math.log2(h.zeroThreshold) + 1
    if (h.zeroThreshold === 0) out.bits(0, 8)
    else if (Number.isInteger(exponent) && exponent >= -242 && exponent <= 11) out.bits(exponent + 243, 8)
    else {
      out.bits(255, 8)
      this.#raw(h.zeroThreshold)
    }
    out.varbitInt(h.schema)
    for (const spans of [h.positiveSpans, h.negativeSpans]) {
      out.varbitUint(spans.length)
      for (const { offset, length } of spans) {
        out.varbitUint(length)
        out.varbitInt(offset)
      }
    }
    if (h.schema !== customBucketsSchema) return
    out.varbitUint(h.customValues.length)
    for (const bound of h.customValues) this.#bound(bound)
  }

  #bound(bound: number): void {
    const scaled = Math.round(bound * 1000)
    if (bound * 1000 >= 0 && bound * 1000 <= 33_554_430 && scaled / 1000 === bound) {
      this.#out.varbitUint(scaled + 1)
      return
    }
    this.#out.bits(0, 1)
    this.#raw(bound)
  }

  #integers(timesMs: Float64Array, histograms: readonly FloatHistogram[]): void {
    const out = this.#out
    let before: Float64Array = new Float64Array(0)
    let changes: Float64Array = new Float64Array(0)
    for (const [i, h] of histograms.entries()) {
      const isStale = isStaleHistogram(h)
      const numbers = numbersOf(timesMs[i] as number, h)
      if (isStale && i > 0) {
        // the counts of a stale marker are written as if they went on as they did
        for (const k of [1, 2]) numbers[k] = (before[k] as number) + (i > 1 ? (changes[k] as number) : 0)
      }
      const next = new Float64Array(numbers.length)
      for (const [k, number] of numbers.entries()) {
        const change = number - (before[k] ?? 0)
        next[k] = change
        if (i === 0) this.#first(k, number)
        else if (i === 1 && k === 0) out.varbitUint(change)
        else out.varbitInt(i === 1 ? change : change - (changes[k] as number))
        // the sum stands between the counts and the buckets
        if (k === 2) this.#xor(2, isStale ? undefined : h.sum, i === 0)
      }
      before = numbers
      changes = next
    }
  }

  /** The first histogram's time is signed, its counts are not, and its buckets are differences. */
  #first(place: number, number: number): void {
    if (place === 1 || place === 2) this.#out.varbitUint(number)
    else this.#out.varbitInt(number)
  }

  #floats(timesMs: Float64Array, histograms: readonly FloatHistogram[]): void {
    let deltaMs = 0
    for (const [i, h] of histograms.entries()) {
      const isFirst = i === 0
      const timeMs = timesMs[i] as number
      const nextDeltaMs = isFirst ? 0 : timeMs - (timesMs[i - 1] as number)
      this.#out.varbitInt(isFirst ? timeMs : nextDeltaMs - deltaMs)
      deltaMs = nextDeltaMs
      const isStale = isStaleHistogram(h)
      this.#xor(0, isStale ? 0 : h.count, isFirst)
      this.#xor(1, isStale ? 0 : h.zeroCount, isFirst)
      this.#xor(2, isStale ? undefined : h.sum, isFirst)
      if (isStale) continue
      let place = 3
      for (const count of h.positiveBuckets) this.#xor(place++, count, isFirst)
      for (const count of h.negativeBuckets) this.#xor(place++, count, isFirst)
    }
  }

  /** A double as the bits that changed; undefined is the stale marker. */
  #xor(place: number, value: number | undefined, isFirst: boolean): void {
    const out = this.#out
    if (value === undefined) setStale(this.#words, 0)
    else this.#double[0] = value
    const [low, high] = [this.#words[0] as number, this.#words[1] as number]
    const [changedLow, changedHigh] = [low ^ (this.#low[place] as number), high ^ (this.#high[place] as number)]
    this.#low[place] = low
    this.#high[place] = high
    if (isFirst) {
      out.bits64(low, high, 64)
      return
    }
    if (changedLow === 0 && changedHigh === 0) {
      out.bits(0, 1)
      return
    }
    out.bits(1, 1)
    this.#changed(place, changedLow, changedHigh)
  }

  #changed(place: number, low: number, high: number): void {
    const out = this.#out
    let leading = Math.min(31, high === 0 ? 32 : Math.clz32(high))
    let trailing = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low)
    const known = this.#leading[place] as number
    if (known !== unknownLeading && leading >= known && trailing >= (this.#trailing[place] as number)) {
      out.bits(0, 1)
      leading = known
      trailing = this.#trailing[place] as number
    } else {
      this.#leading[place] = leading
      this.#trailing[place] = trailing
      out.bits(1, 1)
      out.bits(leading, 5)
      // 64 bits are written as 0: none at all cannot be
      out.bits((64 - leading - trailing) & 63, 6)
    }
    const shifted = trailing >= 32 ? high >>> (trailing - 32) : shiftRight(low, high, trailing)
    out.bits64(shifted, trailing >= 32 ? 0 : high >>> trailing, 64 - leading - trailing)
  }

  #raw(value: number): void {
    this.#double[0] = value
    this.#out.bits64(this.#words[0] as number, this.#words[1] as number, 64)
  }
}

/** Time, count, zero count, and each bucket's difference to the one before. */
function numbersOf(timeMs: number, h: FloatHistogram): Float64Array {
  const { positiveBuckets, negativeBuckets } = h
  const numbers = new Float64Array(3 + positiveBuckets.length + negativeBuckets.length)
  numbers[0] = timeMs
  numbers[1] = h.count
  numbers[2] = h.zeroCount
  let at = 3
  for (const buckets of [positiveBuckets, negativeBuckets]) {
    let before = 0
    for (const count of buckets) {
      numbers[at++] = count - before
      before = count
    }
  }
  return numbers
}

const shiftRight = (low: number, high: number, by: number): number =>
  by === 0 ? low : (low >>> by) | (high << (32 - by))

/** Of a word that is not 0. */
const trailingZeros = (word: number): number => 31 - Math.clz32(word & -word)
