// The Histogram message, which both versions of remote write have alike: prometheus/prompb/types.proto.
import {
  type CounterResetHint,
  isStaleHistogram,
  type NativeHistogram,
  type Span,
} from '@tidewatch/core/native-histogram.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import { ProtoWriter } from './proto-writer.ts'

const hints: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge']

export function encodeHistogramMessage(h: NativeHistogram, timeMs: number): Buffer {
  const out = new ProtoWriter(256)
  writeCount(out, h.isInteger, { whole: 0x08, float: 0x11, count: h.count })
  out.byte(0x19)
  if (isStaleHistogram(h)) out.words(staleLow, staleHigh)
  else out.double(h.sum)
  out.byte(0x20)
  out.zigzag(h.schema)
  out.byte(0x29)
  out.double(h.zeroThreshold)
  writeCount(out, h.isInteger, { whole: 0x30, float: 0x39, count: h.zeroCount })
  writeSide(out, 8, h.isInteger, { spans: h.negativeSpans, buckets: h.negativeBuckets })
  writeSide(out, 11, h.isInteger, { spans: h.positiveSpans, buckets: h.positiveBuckets })
  out.byte(0x70)
  out.varint(Math.max(0, hints.indexOf(h.counterResetHint)))
  out.byte(0x78)
  out.varint(timeMs)
  if (h.customValues.length > 0) {
    const bounds = new ProtoWriter(h.customValues.length * 8)
    for (const bound of h.customValues) bounds.double(bound)
    // field 16 has a tag of two bytes
    out.varint(16 * 8 + 2)
    const bytes = bounds.take()
    out.varint(bytes.length)
    out.raw(bytes)
  }
  return out.take()
}

function writeCount(
  out: ProtoWriter,
  isInteger: boolean,
  { whole, float, count }: { readonly whole: number; readonly float: number; readonly count: number },
): void {
  out.byte(isInteger ? whole : float)
  if (isInteger) out.varint(count)
  else out.double(count)
}

/** Spans, then differences of whole counts or the float counts themselves, in fields that follow one another. */
function writeSide(
  out: ProtoWriter,
  field: number,
  isInteger: boolean,
  { spans, buckets }: { readonly spans: readonly Span[]; readonly buckets: Float64Array },
): void {
  for (const { offset, length } of spans) {
    const span = new ProtoWriter(16)
    span.byte(0x08)
    span.zigzag(offset)
    span.byte(0x10)
    span.varint(length)
    out.delimited(field * 8 + 2, span.take())
  }
  if (buckets.length === 0) return
  const counts = new ProtoWriter(buckets.length * 8)
  let before = 0
  for (const count of buckets) {
    if (isInteger) counts.zigzag(count - before)
    else counts.double(count)
    before = count
  }
  out.delimited((isInteger ? field + 1 : field + 2) * 8 + 2, counts.take())
}
