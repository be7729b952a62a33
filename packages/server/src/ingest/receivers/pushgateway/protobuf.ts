// Pushes of clients in Go and Java: io.prometheus.client.MetricFamily, each behind its length (client_model, io/prometheus/client/metrics.proto).
import { AppError } from '@tidewatch/core/error.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import { type FamilyType, isReservedName, type Pushed, type PushedSample } from './families.ts'
import { formatFloat } from './format-float.ts'

const typeNumbers: readonly FamilyType[] = ['counter', 'gauge', 'summary', 'untyped', 'histogram', 'histogram']
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads a whole body. Throws `ingest.bad_body`. */
export function readProtobufFamilies(bytes: Uint8Array): Pushed {
  const decoder = new FamilyDecoder()
  const body = new ProtoReader(bytes, 0, bytes.length)
  try {
    while (!body.isAtEnd) decoder.family(body.message())
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) {
      throw new AppError('ingest.bad_body', `the body is no delimited MetricFamily: ${error.message}`, {
        cause: error,
        fix: 'Write each MetricFamily behind its length as a varint, or push the text format.',
      })
    }
    throw error
  }
  const families = [...decoder.families.values()].filter(({ name }) => !isReservedName(name))
  return { families, hasTimes: decoder.hasTimes, nativeHistograms: decoder.nativeHistograms }
}

interface DecodedFamily {
  readonly name: string
  readonly type: FamilyType
  readonly help: string
  readonly samples: PushedSample[]
}

class FamilyDecoder {
  readonly families = new Map<string, DecodedFamily>()
  hasTimes = false
  nativeHistograms = 0

  family(reader: ProtoReader): void {
    let name = ''
    let help = ''
    let type = 0
    const metrics: ProtoReader[] = []
    while (reader.next()) {
      if (reader.is(1, 2)) name = reader.text()
      else if (reader.is(2, 2)) help = reader.text()
      else if (reader.is(3, 0)) type = reader.varint()
      else if (reader.is(4, 2)) metrics.push(reader.message())
      else reader.skip()
    }
    if (name === '') throw new RangeError('a family has no name')
    const known = typeNumbers[type]
    if (known === undefined) throw new RangeError(`the type ${type} is not known`)
    const family: DecodedFamily = { name, type: known, help, samples: [] }
    for (const metric of metrics) this.#metric(metric, family)
    if (family.samples.length > 0) this.families.set(name, family)
  }

  #metric(reader: ProtoReader, { name, type, samples }: DecodedFamily): void {
    const labels: string[] = []
    let found: { readonly type: FamilyType; readonly value: ProtoReader } | undefined
    while (reader.next()) {
      if (reader.is(1, 2)) labels.push(...labelOf(reader.message()))
      else if (reader.is(2, 2)) found = { type: 'gauge', value: reader.message() }
      else if (reader.is(3, 2)) found = { type: 'counter', value: reader.message() }
      else if (reader.is(4, 2)) found = { type: 'summary', value: reader.message() }
      else if (reader.is(5, 2)) found = { type: 'untyped', value: reader.message() }
      else if (reader.is(7, 2)) found = { type: 'histogram', value: reader.message() }
      else if (reader.is(6, 0)) {
        this.hasTimes ||= reader.varint() !== 0
      } else reader.skip()
    }
    if (found?.type !== type) throw new RangeError(`a metric of ${name} is not a ${type}`)
    const add = (suffix: string, value: number, more: readonly string[] = []): void =>
      void samples.push({ flat: [metricNameLabel, name + suffix, ...labels, ...more], value })
    if (type === 'summary') summary(found.value, add)
    else if (type === 'histogram') this.#histogram(found.value, add)
    else add('', plainValue(found.value))
  }

  #histogram(reader: ProtoReader, add: AddSample): void {
    let count = 0
    let sum = 0
    let isNative = false
    const buckets: { bound: number; count: number }[] = []
    while (reader.next()) {
      if (reader.is(1, 0)) count = reader.varint()
      else if (reader.is(4, 1)) count = reader.double() || count
      else if (reader.is(2, 1)) sum = reader.double()
      else if (reader.is(3, 2)) buckets.push(bucketOf(reader.message()))
      else {
        // spans of positive and negative buckets
        isNative ||= reader.is(9, 2) || reader.is(12, 2)
        reader.skip()
      }
    }
    if (isNative) this.nativeHistograms++
    for (const bucket of buckets) add('_bucket', bucket.count, ['le', formatFloat(bucket.bound)])
    // clients leave it out: it is the count
    if (!buckets.some(({ bound }) => bound === Number.POSITIVE_INFINITY)) add('_bucket', count, ['le', '+Inf'])
    add('_sum', sum)
    add('_count', count)
  }
}

type AddSample = (suffix: string, value: number, more?: readonly string[]) => void

function summary(reader: ProtoReader, add: AddSample): void {
  let count = 0
  let sum = 0
  while (reader.next()) {
    if (reader.is(1, 0)) count = reader.varint()
    else if (reader.is(2, 1)) sum = reader.double()
    else if (reader.is(3, 2)) {
      const [quantile, value] = twoDoubles(reader.message())
      add('', value, ['quantile', formatFloat(quantile)])
    } else reader.skip()
  }
  add('_sum', sum)
  add('_count', count)
}

function bucketOf(reader: ProtoReader): { bound: number; count: number } {
  const bucket = { bound: 0, count: 0 }
  while (reader.next()) {
    if (reader.is(1, 0)) bucket.count = reader.varint()
    else if (reader.is(4, 1)) bucket.count = reader.double() || bucket.count
    else if (reader.is(2, 1)) bucket.bound = reader.double()
    else reader.skip()
  }
  return bucket
}

function twoDoubles(reader: ProtoReader): [first: number, second: number] {
  const found: [number, number] = [0, 0]
  while (reader.next()) {
    if (reader.is(1, 1)) found[0] = reader.double()
    else if (reader.is(2, 1)) found[1] = reader.double()
    else reader.skip()
  }
  return found
}

function plainValue(reader: ProtoReader): number {
  return twoDoubles(reader)[0]
}

function labelOf(reader: ProtoReader): [name: string, value: string] {
  const found: [string, string] = ['', '']
  while (reader.next()) {
    if (reader.is(1, 2)) found[0] = reader.text()
    else if (reader.is(2, 2)) found[1] = reader.text()
    else reader.skip()
  }
  if (found[0] === '') throw new RangeError('a label has no name')
  return found
}

/** A walk over one message. Throws RangeError where the bytes end too early or are no message. */
class ProtoReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number
  #field = 0
  #wire = 0

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end
  }

  /** Reads the next field's tag; false at the end. */
  next(): boolean {
    if (this.isAtEnd) return false
    const tag = this.varint()
    this.#field = Math.floor(tag / 8)
    this.#wire = tag % 8
    return true
  }

  is(field: number, wire: number): boolean {
    return this.#field === field && this.#wire === wire
  }

  /** Exact up to 2^53. */
  varint(): number {
    let value = 0
    for (let shift = 1, n = 0; n < 10; n++, shift *= 128) {
      const byte = this.#bytes[this.#take(1)]
      value += (byte & 127) * shift
      if (byte < 128) return value
    }
    throw new RangeError('a number has more than 10 bytes')
  }

  double(): number {
    const start = this.#take(8)
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getFloat64(start, true)
  }

  message(): ProtoReader {
    const length = this.varint()
    const start = this.#take(length)
    return new ProtoReader(this.#bytes, start, start + length)
  }

  text(): string {
    const length = this.varint()
    const start = this.#take(length)
    return utf8.decode(this.#bytes.subarray(start, start + length))
  }

  skip(): void {
    if (this.#wire === 0) this.varint()
    else if (this.#wire === 1) this.#take(8)
    else if (this.#wire === 2) this.#take(this.varint())
    else if (this.#wire === 5) this.#take(4)
    else throw new RangeError(`field ${this.#field} has the wire type ${this.#wire}`)
  }

  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#end) throw new RangeError('it ends too early')
    this.#at = start + length
    return start
  }
}
