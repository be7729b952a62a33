// Called once a sample, bench/src/ingest-remote-write.ts: a walk over the bytes of an io.prometheus.write.v2.Request (remote write 2.0) that makes
// no object for a sample or a known series. Format: io/prometheus/write/v2/types.proto, prometheus.io/docs/specs/prw/remote_write_spec_2_0/.
import { AppError } from '@tidewatch/core/error.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import { metricTypes } from '@tidewatch/core/metric-types.ts'
import type { ProtoReader } from '@tidewatch/core/proto-reader.ts'
import type { ExemplarSample, SampleBatch } from '@tidewatch/core/sample-batch.ts'
import type { MetricMetadata } from '../store/port.ts'
import type { KnownOrder } from './remote-write-decode.ts'
import { type DecodedRequest, type ResolveSeries, SeriesTaker } from './remote-write-series.ts'
import { maxSymbols, SymbolTable } from './remote-write-symbols.ts'
import { RemoteWriteWire } from './remote-write-wire.ts'
import type { StartTimes } from './start-times.ts'

/** Metric families whose metadata is taken of one request. */
const maxMetadata = 10_000

/** What the series of a family have behind its name. */
const suffixes: Readonly<Partial<Record<MetricMetadata['type'], readonly string[]>>> = {
  histogram: ['_bucket', '_count', '_sum'],
  gaugehistogram: ['_bucket', '_gcount', '_gsum', '_count', '_sum'],
  summary: ['_count', '_sum'],
}

/** Decodes one request in slices: `step` until it says that it is done. What it finds is appended to the batch. */
export class RemoteWriteV2Decoder {
  readonly #bytes: Uint8Array
  readonly #batch: SampleBatch
  readonly #wire: RemoteWriteWire
  readonly #taker: SeriesTaker
  readonly #known: KnownOrder | undefined
  readonly #starts: StartTimes | undefined
  /** The series before; -1 at the beginning, and after one that is none. */
  #before = -1
  #symbols: SymbolTable | undefined
  /** When the series began, ms, as senders before 2.0-rc.4 say it: Prometheus up to 3.7. */
  #createdMs = 0
  /** References of the labels of the series that is read. */
  #refs = new Uint32Array(64)
  #refCount = 0
  /** By the symbol of a series' name: whose metadata this request has said. */
  readonly #described = new Set<number>()

  /** With `known` most series are found by the one before them; with `starts` counters get a sample of zero where they began. */
  constructor(bytes: Uint8Array, batch: SampleBatch, resolve: ResolveSeries, known?: KnownOrder, starts?: StartTimes) {
    this.#bytes = bytes
    this.#known = known
    this.#starts = starts
    this.#batch = batch
    this.#wire = new RemoteWriteWire(bytes, 'an io.prometheus.write.v2.Request (remote write 2.0)')
    this.#taker = new SeriesTaker(batch, resolve, starts)
  }

  get found(): DecodedRequest {
    return this.#taker.found
  }

  /** Decodes up to so many series. True when the request is at its end. Throws `ingest.bad_body`. */
  step(maxSeries: number): boolean {
    const wire = this.#wire
    const end = this.#bytes.length
    // series speak of symbols, which may stand behind them
    this.#symbols ??= this.#collectSymbols()
    const symbols = this.#symbols
    for (let n = 0; n < maxSeries && wire.at < end; n++) {
      const tagAt = wire.at
      const tag = wire.varint(end)
      if (tag === 0x2a) {
        const length = wire.length(end, 'a TimeSeries')
        this.#series(symbols, wire.at + length)
      } else wire.skip(tag, tagAt, end)
    }
    return wire.at >= end
  }

  #collectSymbols(): SymbolTable {
    const wire = this.#wire
    const symbols = new SymbolTable(this.#bytes)
    const end = this.#bytes.length
    while (wire.at < end) {
      const tagAt = wire.at
      const tag = wire.varint(end)
      // the reserved fields are those of 1.0: a sender that mistakes one for the other would lose all and hear nothing of it
      if (tag === 0x0a || tag === 0x1a) throw wire.bad(tagAt, 'a field of remote write 2.0, not of 1.0')
      if (tag !== 0x22) {
        wire.skip(tag, tagAt, end)
        continue
      }
      const length = wire.length(end, 'a symbol')
      if (symbols.count === maxSymbols) throw wire.bad(tagAt, `at most ${maxSymbols} symbols`)
      symbols.add(wire.at, wire.at + length)
      wire.at += length
    }
    wire.at = 0
    return symbols
  }

  #series(symbols: SymbolTable, end: number): void {
    const wire = this.#wire
    const bytes = this.#bytes
    const batch = this.#batch
    const first = batch.length
    this.#refCount = 0
    this.#createdMs = 0
    let metadataAt = -1
    while (wire.at < end) {
      const at = wire.at
      const tag = bytes[at]
      if (tag === 0x12 && at + 2 <= end && bytes[at + 1] < 0x80) {
        wire.at = at + 2
        wire.startMs = 0
        wire.sample(batch, at + 2 + bytes[at + 1], end)
        if (wire.startMs > 0) this.#starts?.note(batch.length - 1, wire.startMs)
      } else if (tag === 0x2a) {
        wire.at = at + 1
        metadataAt = wire.at
        const length = wire.length(end, 'a Metadata')
        wire.at += length
      } else this.#rareField(symbols, end)
    }
    this.#finish(symbols, first, metadataAt)
  }

  /** Every field but the usual samples and metadata. */
  #rareField(symbols: SymbolTable, end: number): void {
    const wire = this.#wire
    const tagAt = wire.at
    const tag = wire.varint(end)
    if (tag === 0x0a) {
      const length = wire.length(end, 'label references')
      for (const stop = wire.at + length; wire.at < stop; ) this.#ref(wire.varint(stop))
    } else if (tag === 0x08) this.#ref(wire.varint(end))
    else if (tag === 0x12) {
      const length = wire.length(end, 'a Sample')
      wire.startMs = 0
      wire.sample(this.#batch, wire.at + length, end)
      if (wire.startMs > 0) this.#starts?.note(this.#batch.length - 1, wire.startMs)
    } else if (tag === 0x1a) wire.message(end, 'a Histogram', (reader) => this.#taker.histogram(reader))
    else if (tag === 0x22) this.#exemplar(symbols, end)
    else if (tag === 0x30) this.#createdMs = wire.int64(end)
    else wire.skip(tag, tagAt, end)
  }

  #ref(ref: number): void {
    if (this.#refCount === this.#refs.length) {
      const larger = new Uint32Array(this.#refs.length * 2)
      larger.set(this.#refs)
      this.#refs = larger
    }
    // what does not fit into 32 bits is no symbol's number either
    this.#refs[this.#refCount++] = Math.min(ref, 0xffff_ffff)
  }

  #exemplar(symbols: SymbolTable, end: number): void {
    const exemplar = this.#wire.message(end, 'an Exemplar', (reader) => readExemplar(reader, symbols))
    if (exemplar !== undefined) this.#taker.exemplar(exemplar)
    else this.found.badExemplars++
  }

  /** The series by its labels; what is none is taken back, and the others go on. */
  #finish(symbols: SymbolTable, first: number, metadataAt: number): void {
    const taker = this.#taker
    try {
      const labels = symbols.labels(this.#refs, this.#refCount)
      const fault = this.#fault(symbols, first) ?? this.#describe(symbols, metadataAt)
      if (fault !== undefined) throw new AppError('ingest.bad_label', fault)
      if (this.#createdMs > 0 && this.#starts?.isEmpty === true && this.#batch.length > first)
        this.#starts.note(first, this.#createdMs)
      this.#before = this.#resolve(labels, first)
    } catch (caught) {
      if (!(caught instanceof AppError) || !caught.code.startsWith('ingest.')) throw caught
      taker.refuse(first, caught)
      this.#before = -1
    }
  }

  /** The series of the labels, which mostly is the one that followed the one before in the last request. */
  #resolve(labels: Uint8Array, first: number): number {
    const before = this.#before
    const order = before < 0 ? undefined : this.#known?.order
    if (order === undefined || this.#known === undefined) return this.#taker.finish(first, labels, 0, labels.length)
    const guessed = order.guess(before, this.#known.project, labels, 0, labels.length)
    if (guessed >= 0 && order.encodedLength(guessed) === labels.length) {
      this.#taker.give(first, guessed)
      return guessed
    }
    const ref = this.#taker.finish(first, labels, 0, labels.length)
    if (ref >= 0) order.note(before, ref)
    return ref
  }

  /** What the specification asks of every series. */
  #fault(symbols: SymbolTable, first: number): string | undefined {
    const samples = this.#batch.length - first
    const { histograms } = this.#taker
    const nameRef = this.#nameRef(symbols)
    if (nameRef < 0) return `a series has no label ${metricNameLabel}`
    if (samples > 0 !== histograms > 0) return undefined
    const name = symbols.text(nameRef)
    return samples === 0
      ? `a series of ${name} has neither a sample nor a histogram`
      : `a series of ${name} has both samples and histograms`
  }

  /** The symbol of the series' name, -1 where there is none. */
  #nameRef(symbols: SymbolTable): number {
    for (let i = 0; i < this.#refCount; i += 2) if (symbols.isMetricName(this.#refs[i])) return this.#refs[i + 1]
    return -1
  }

  /** Type, help and unit, which come with every series: those of a name once. Answers what is wrong with them. */
  #describe(symbols: SymbolTable, at: number): string | undefined {
    const wire = this.#wire
    const nameRef = this.#nameRef(symbols)
    if (at < 0 || this.#described.has(nameRef) || this.#described.size >= maxMetadata) return undefined
    const behind = wire.at
    wire.at = at
    const { type, help, unit } = wire.message(behind, 'a Metadata', readMetadata)
    wire.at = behind
    const missing = [help, unit].find((ref) => ref >= symbols.count)
    if (missing !== undefined) return `in the metadata of a series ${symbols.missing(missing)}`
    this.#described.add(nameRef)
    if (type === 0 && help === 0 && unit === 0) return undefined
    const known = metricTypes[type] ?? 'unknown'
    const family = familyOf(symbols.text(nameRef), known)
    this.found.metadata.push({ family, type: known, help: symbols.text(help), unit: symbols.text(unit) })
    return undefined
  }
}

function familyOf(name: string, type: MetricMetadata['type']): string {
  const suffix = suffixes[type]?.find((end) => name.endsWith(end) && name.length > end.length) ?? ''
  return name.slice(0, name.length - suffix.length)
}

/** Undefined where it speaks of symbols that there are not. */
function readExemplar(reader: ProtoReader, symbols: SymbolTable): Omit<ExemplarSample, 'ref'> | undefined {
  const found = { timeMs: 0, value: 0 }
  const refs: number[] = []
  while (reader.next()) {
    if (reader.is(1, 2)) for (const run = reader.message(); !run.isAtEnd; ) refs.push(run.varint())
    else if (reader.is(1, 0)) refs.push(reader.varint())
    else if (reader.is(2, 1)) found.value = reader.double()
    else if (reader.is(3, 0)) found.timeMs = reader.signed()
    else reader.skip()
  }
  // their text is bounded where all exemplars are; more would only be made to be thrown away
  const isGood = refs.length % 2 === 0 && refs.length <= maxExemplarRefs && refs.every((ref) => ref < symbols.count)
  return isGood ? { ...found, labels: refs.map((ref) => symbols.text(ref)) } : undefined
}

/** An exemplar has at most 128 characters, and a name has one at least. */
const maxExemplarRefs = 256

function readMetadata(reader: ProtoReader): { readonly type: number; readonly help: number; readonly unit: number } {
  const found = { type: 0, help: 0, unit: 0 }
  while (reader.next()) {
    if (reader.is(1, 0)) found.type = reader.varint()
    else if (reader.is(3, 0)) found.help = reader.varint()
    else if (reader.is(4, 0)) found.unit = reader.varint()
    else reader.skip()
  }
  return found
}
