// Called once a sample, bench/src/ingest-remote-write.ts: a walk over the bytes of a prometheus.WriteRequest (remote write 1.0)
// that makes no object for a sample or a known series. Format: prometheus/prompb/remote.proto and types.proto.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import type { MetricMetadata } from '../store/port.ts'

/** Finds or adds the series of the label bytes; throws an AppError of `ingest.…` for labels that are no series. */
export type ResolveSeries = (bytes: Uint8Array, start: number, end: number) => number

/** What a request brought beside samples. */
export interface DecodedRequest {
  /** Native histogram samples: counted, not kept yet. */
  nativeHistograms: number
  exemplars: number
  readonly metadata: Omit<MetricMetadata, 'project'>[]
  /** Series that are none (labels) or one too many; their samples are left out, the rest is taken. */
  badSeries: number
  badSamples: number
  /** Why, for the first of them. */
  firstBad: AppError | undefined
}

/** More bad series than this in one request end it: each costs an error. */
const maxBadSeries = 10_000
/** Families in one request; a sender puts at most 500 into one by default. */
const maxMetadata = 10_000

const metadataTypes: readonly MetricMetadata['type'][] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
]
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Decodes one request in slices: `step` until it says that it is done. Refs, times and values are appended to the batch. */
export class RemoteWriteDecoder {
  readonly found: DecodedRequest = {
    nativeHistograms: 0,
    exemplars: 0,
    metadata: [],
    badSeries: 0,
    badSamples: 0,
    firstBad: undefined,
  }
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #batch: SampleBatch
  readonly #resolve: ResolveSeries
  /** Where the walk is; methods read and move it. */
  #at = 0

  constructor(bytes: Uint8Array, batch: SampleBatch, resolve: ResolveSeries) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#batch = batch
    this.#resolve = resolve
  }

  /** Decodes up to so many series. True when the request is at its end. Throws `ingest.bad_body`. */
  step(maxSeries: number): boolean {
    const bytes = this.#bytes
    const end = bytes.length
    for (let n = 0; n < maxSeries && this.#at < end; n++) {
      const tagAt = this.#at
      const tag = this.#varint(end)
      if (tag === 0x0a) {
        const length = this.#length(end, 'a TimeSeries')
        this.#series(this.#at + length)
      } else if (tag === 0x1a) {
        const length = this.#length(end, 'a MetricMetadata')
        this.#metadata(this.#at + length)
      } else this.#skip(tag, tagAt, end)
    }
    return this.#at >= end
  }

  #series(end: number): void {
    const bytes = this.#bytes
    const batch = this.#batch
    const first = batch.length
    const labelsStart = this.#at
    let at = labelsStart
    // labels come first and in one run from every sender: the run's bytes are the key of the series
    while (at < end && bytes[at] === 0x0a) {
      const length = bytes[at + 1]
      if (length < 0x80) at += 2 + length
      else {
        this.#at = at + 1
        const long = this.#length(end, 'a Label')
        at = this.#at + long
      }
    }
    if (at > end) throw this.#bad(labelsStart, 'a Label that ends within its TimeSeries')
    const labelsEnd = at
    let scattered: number[] | undefined
    this.#at = at
    while (this.#at < end) {
      at = this.#at
      const tag = bytes[at]
      if (tag === 0x12 && at + 2 <= end && bytes[at + 1] < 0x80) {
        this.#at = at + 2
        this.#sample(at + 2 + bytes[at + 1], end)
      } else scattered = this.#rareField(end, scattered)
    }
    if (batch.length === first) return
    if (scattered === undefined) this.#finish(first, bytes, labelsStart, labelsEnd)
    else {
      const joined = this.#join(labelsStart, labelsEnd, scattered)
      this.#finish(first, joined, 0, joined.length)
    }
  }

  /** Gives the series' samples their ref, or takes them back where the labels are no series. */
  #finish(first: number, bytes: Uint8Array, start: number, end: number): void {
    const batch = this.#batch
    let ref: number
    try {
      ref = this.#resolve(bytes, start, end)
    } catch (caught) {
      if (!(caught instanceof AppError) || !caught.code.startsWith('ingest.')) throw caught
      this.found.badSeries++
      this.found.badSamples += batch.length - first
      this.found.firstBad ??= caught
      batch.length = first
      if (this.found.badSeries > maxBadSeries) throw caught
      return
    }
    const { refs, length } = batch
    for (let i = first; i < length; i++) refs[i] = ref
  }

  /** One Sample message between here and `end`; fields that are not written are 0, as proto3 has it. */
  #sample(end: number, limit: number): void {
    const start = this.#at
    const bytes = this.#bytes
    if (end > limit) throw this.#bad(start, 'a Sample that ends within its TimeSeries')
    const batch = this.#batch
    const i = batch.length
    if (i === batch.refs.length) batch.reserve(i + 1)
    const { words } = batch
    words[i * 2] = 0
    words[i * 2 + 1] = 0
    let timeMs = 0
    while (this.#at < end) {
      const at = this.#at
      const tag = bytes[at]
      if (tag === 0x09) {
        if (at + 9 > end) throw this.#bad(at, 'a value of 8 bytes')
        // copied as two words: as a number the stale marker could lose its bits
        words[i * 2] = this.#view.getUint32(at + 1, true)
        words[i * 2 + 1] = this.#view.getUint32(at + 5, true)
        this.#at = at + 9
      } else if (tag === 0x10) {
        this.#at = at + 1
        timeMs = this.#int64(end)
      } else {
        const fieldTag = this.#varint(end)
        this.#skip(fieldTag, at, end)
      }
    }
    batch.timesMs[i] = timeMs
    batch.length = i + 1
  }

  /** A field of a TimeSeries that is not in the usual place: labels after samples, exemplars, histograms, unknown ones. */
  #rareField(end: number, scattered: number[] | undefined): number[] | undefined {
    const tagAt = this.#at
    const tag = this.#varint(end)
    if (tag === 0x0a) {
      const length = this.#length(end, 'a Label')
      this.#at += length
      return [...(scattered ?? []), tagAt, this.#at]
    }
    if (tag === 0x12) {
      const length = this.#length(end, 'a Sample')
      this.#sample(this.#at + length, end)
      return scattered
    }
    if (tag === 0x1a) this.found.exemplars++
    else if (tag === 0x22) this.found.nativeHistograms++
    this.#skip(tag, tagAt, end)
    return scattered
  }

  #join(start: number, end: number, scattered: readonly number[]): Uint8Array {
    const parts = [this.#bytes.subarray(start, end)]
    for (let i = 0; i < scattered.length; i += 2) parts.push(this.#bytes.subarray(scattered[i], scattered[i + 1]))
    return Buffer.concat(parts)
  }

  #metadata(end: number): void {
    const { metadata } = this.found
    if (metadata.length >= maxMetadata) throw this.#bad(this.#at, `at most ${maxMetadata} MetricMetadata in a request`)
    const row = { family: '', type: 'unknown' as MetricMetadata['type'], help: '', unit: '' }
    while (this.#at < end) {
      const tagAt = this.#at
      const tag = this.#varint(end)
      if (tag === 0x08) row.type = metadataTypes[this.#varint(end)] ?? 'unknown'
      else if (tag === 0x12) row.family = this.#text(end, 'the name of a metric family')
      else if (tag === 0x22) row.help = this.#text(end, 'the help of a metric family')
      else if (tag === 0x2a) row.unit = this.#text(end, 'the unit of a metric family')
      else this.#skip(tag, tagAt, end)
    }
    if (row.family !== '') metadata.push(row)
  }

  #text(end: number, what: string): string {
    const length = this.#length(end, what)
    const start = this.#at
    this.#at += length
    try {
      return utf8.decode(this.#bytes.subarray(start, this.#at))
    } catch {
      throw this.#bad(start, `${what} in UTF-8`)
    }
  }

  /** A length-delimited field's length, checked against what holds it. */
  #length(end: number, what: string): number {
    const at = this.#at
    const length = this.#varint(end)
    if (this.#at + length > end) {
      throw this.#bad(at, `${what} of ${length} bytes, of which ${Math.max(0, end - this.#at)} are there`)
    }
    return length
  }

  /** An unsigned varint; more than 2^53 comes out rounded, which every caller refuses as too long. */
  #varint(end: number): number {
    const bytes = this.#bytes
    const start = this.#at
    let value = 0
    let factor = 1
    for (let at = start; at < end && at < start + 10; at++) {
      const byte = bytes[at]
      value += (byte & 0x7f) * factor
      if (byte < 0x80) {
        this.#at = at + 1
        return value
      }
      factor *= 128
    }
    throw this.#bad(start, 'a varint of at most 10 bytes')
  }

  /** A signed 64-bit varint without BigInt: exact within 2^53, beyond that near enough to be refused as a time. */
  #int64(end: number): number {
    const bytes = this.#bytes
    const at = this.#at
    // six bytes are what a time in ms between 2004 and 2109 takes
    if (at + 6 <= end && bytes[at + 5] < 0x80 && bytes[at + 4] >= 0x80) {
      const b0 = bytes[at]
      const b1 = bytes[at + 1]
      const b2 = bytes[at + 2]
      const b3 = bytes[at + 3]
      if ((b0 & b1 & b2 & b3) >= 0x80) {
        this.#at = at + 6
        const low = (b0 & 127) | ((b1 & 127) << 7) | ((b2 & 127) << 14) | ((b3 & 127) << 21)
        return low + ((bytes[at + 4] & 127) | (bytes[at + 5] << 7)) * 0x1000_0000
      }
    }
    const value = this.#varint(end)
    if (this.#at - at < 10) return value
    return this.#negative(at)
  }

  /** Ten bytes: two's complement of 64 bits, from its low 32 and high 32 bits. */
  #negative(at: number): number {
    const bytes = this.#bytes
    let low = 0
    let high = 0
    for (let i = 0; i < 10; i++) {
      const bits = bytes[at + i] & 0x7f
      const shift = i * 7
      if (shift < 32) low |= bits << shift
      if (shift >= 32) high |= bits << (shift - 32)
      else if (shift > 25) high |= bits >>> (32 - shift)
    }
    return high * 0x1_0000_0000 + (low >>> 0)
  }

  /** Passes over a field that is not ours, by its wire type. */
  #skip(tag: number, tagAt: number, end: number): void {
    const wireType = tag % 8
    if (tag < 8) throw this.#bad(tagAt, 'the tag of a field')
    if (wireType === 0) this.#varint(end)
    else if (wireType === 2) {
      const length = this.#length(end, `field ${Math.floor(tag / 8)}`)
      this.#at += length
    } else if (wireType === 1 || wireType === 5) {
      const size = wireType === 1 ? 8 : 4
      if (this.#at + size > end) throw this.#bad(tagAt, `field ${Math.floor(tag / 8)} of ${size} bytes`)
      this.#at += size
    } else throw this.#bad(tagAt, 'a field of wire type 0, 1, 2 or 5')
  }

  #bad(at: number, expected: string): AppError {
    const around = Buffer.from(this.#bytes.subarray(at, at + 8)).toString('hex')
    const found = at >= this.#bytes.length ? 'the end' : `the bytes ${quoteValue(around)}`
    return new AppError('ingest.bad_body', `byte ${at} of the inflated body: expected ${expected}, found ${found}`, {
      fix: 'Send a prometheus.WriteRequest (remote write 1.0) as one snappy block, whole.',
    })
  }
}
