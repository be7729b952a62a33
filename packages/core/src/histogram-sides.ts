// One side of the buckets in a Histogram message. io.prometheus.client and both versions of remote write number the fields differently but have them alike:
// spans, deltas and counts, one after the other.
import type { Span } from './native-histogram.ts'
import type { ProtoReader } from './proto-reader.ts'

export interface HistogramSide {
  readonly spans: Span[]
  /** Each as the difference to the one before; of integer histograms. */
  readonly deltas: number[]
  /** Absolute; of float histograms. */
  readonly counts: number[]
}

export function newHistogramSide(): HistogramSide {
  return { spans: [], deltas: [], counts: [] }
}

/** Takes the field if it is one of the three from `first` on; else false. Throws RangeError for bytes that are none. */
export function readHistogramSide(reader: ProtoReader, first: number, side: HistogramSide): boolean {
  if (reader.is(first, 2)) side.spans.push(readSpan(reader.message()))
  else if (reader.is(first + 1, 2)) for (const run = reader.message(); !run.isAtEnd; ) side.deltas.push(run.zigzag())
  else if (reader.is(first + 1, 0)) side.deltas.push(reader.zigzag())
  else return readDoubles(reader, first + 2, side.counts)
  return true
}

/** Takes a repeated double, packed or one by one; false where the field is another. */
export function readDoubles(reader: ProtoReader, field: number, into: number[]): boolean {
  if (reader.is(field, 1)) into.push(reader.double())
  else if (reader.is(field, 2)) for (const run = reader.message(); !run.isAtEnd; ) into.push(run.double())
  else return false
  return true
}

/** Absolute counts of the buckets. */
export function bucketsOf({ deltas, counts }: HistogramSide, isInteger: boolean): Float64Array {
  if (!isInteger) return Float64Array.from(counts)
  const absolute = new Float64Array(deltas.length)
  let count = 0
  for (const [i, delta] of deltas.entries()) {
    count += delta
    absolute[i] = count
  }
  return absolute
}

function readSpan(reader: ProtoReader): Span {
  const span = { offset: 0, length: 0 }
  while (reader.next()) {
    if (reader.is(1, 0)) span.offset = reader.zigzag()
    else if (reader.is(2, 0)) span.length = reader.varint()
    else reader.skip()
  }
  return span
}
