// Label bytes as remote_write has them: repeated `Label { name = 1; value = 2 }` with the field's tag (prometheus/prompb/types.proto).
// Canonical: sorted by name, no empty value, minimal lengths. Called for series that were not known before, never per sample.
import { isUtf8 } from 'node:buffer'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import { labelLimits } from './label-limits.ts'
import type { StringInterner } from './string-interner.ts'

const utf8 = new TextEncoder()

/** Where names and values stand in a text of label bytes: [nameStart, nameEnd, valueStart, valueEnd] for each label. */
export interface LabelSpans {
  count: number
  readonly at: Int32Array
}

export function createLabelSpans(): LabelSpans {
  return { count: 0, at: new Int32Array(labelLimits.count * 4) }
}

function refuse(message: string): AppError {
  return new AppError('ingest.bad_label', message, { fix: 'Correct the labels at the sender.' })
}

function tooMany(): AppError {
  const fix = 'Drop labels at the sender (write_relabel_configs, metric_relabel_configs).'
  return new AppError('ingest.too_many_labels', `a series has more than ${labelLimits.count} labels`, { fix })
}

function tooLong(what: string, bytes: number, limit: number): AppError {
  const fix = 'Shorten it at the sender, or drop the label.'
  return new AppError('ingest.label_too_long', `${what} has ${bytes} bytes, more than ${limit}`, { fix })
}

/** Throws where the encoded labels of one series are longer than the limit. */
export function checkTotalBytes(bytes: number): void {
  if (bytes > labelLimits.totalBytes) throw tooLong('the label set of a series', bytes, labelLimits.totalBytes)
}

/** Reads a length and keeps where it ended. */
class Cursor {
  at = 0
  length(bytes: Uint8Array, end: number): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.at >= end) break
      const byte = bytes[this.at++]
      value |= (byte & 127) << shift
      if (byte < 128) {
        if (value > end - this.at) break
        return value
      }
    }
    throw refuse('the labels of a series are cut off or no protobuf')
  }
}

const cursor = new Cursor()

/** Finds all labels in bytes[start, end); names and values are not checked yet. Throws `ingest.bad_label`, `ingest.too_many_labels`. */
export function parseSpans(bytes: Uint8Array, start: number, end: number, into: LabelSpans): void {
  into.count = 0
  cursor.at = start
  while (cursor.at < end) {
    if (bytes[cursor.at++] !== 0x0a) throw refuse('a series has a field that is no label among its labels')
    const labelEnd = cursor.length(bytes, end) + cursor.at
    if (into.count === labelLimits.count) throw tooMany()
    const slot = into.count++ * 4
    into.at.fill(cursor.at, slot, slot + 4)
    into.at[slot + 1] = into.at[slot]
    while (cursor.at < labelEnd) {
      const tag = bytes[cursor.at++]
      if (tag !== 0x0a && tag !== 0x12) throw refuse('a label has a field that is neither name nor value')
      const length = cursor.length(bytes, labelEnd)
      const field = tag === 0x0a ? slot : slot + 2
      into.at[field] = cursor.at
      into.at[field + 1] = cursor.at + length
      cursor.at += length
    }
  }
}

const text = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.subarray(start, end)).toString()

/** Checks one name or value; `label` says which, for the message. */
function checkText(
  bytes: Uint8Array,
  start: number,
  end: number,
  label: { name: () => string; isName: boolean },
): void {
  const limit = label.isName ? labelLimits.nameBytes : labelLimits.valueBytes
  const what = (): string => `${label.isName ? 'the label name' : 'the value of label'} ${label.name()}`
  if (end - start > limit) throw tooLong(what(), end - start, limit)
  let bits = 0
  for (let i = start; i < end; i++) {
    bits |= bytes[i]
    if (bytes[i] === 0) throw refuse(`${what()} contains a zero byte`)
  }
  if (bits > 127 && !isUtf8(bytes.subarray(start, end))) throw refuse(`${what()} is not UTF-8`)
}

/** Order of two byte ranges, as Prometheus sorts names. */
function compareRanges(bytes: Uint8Array, a: number, aEnd: number, b: number, bEnd: number): number {
  for (; a < aEnd && b < bEnd; a++, b++) if (bytes[a] !== bytes[b]) return bytes[a] - bytes[b]
  return aEnd - a - (bEnd - b)
}

/**
 * Checks the labels that `spans` found in `bytes`, sorts them and leaves out empty values; writes them canonically into `out`. Returns the length.
 * Throws `ingest.bad_label` and its kin.
 */
export function canonicalize(bytes: Uint8Array, spans: LabelSpans, out: Uint8Array): number {
  const { at } = spans
  const order: number[] = []
  let isSorted = true
  for (let s = 0; s < spans.count * 4; s += 4) {
    if (at[s] === at[s + 1]) throw refuse('a series has a label without a name')
    const name = (): string => quoteValue(text(bytes, at[s], Math.min(at[s + 1], at[s] + 100)))
    checkText(bytes, at[s], at[s + 1], { name, isName: true })
    checkText(bytes, at[s + 2], at[s + 3], { name, isName: false })
    if (s > 0 && compareRanges(bytes, at[s - 4], at[s - 3], at[s], at[s + 1]) > 0) isSorted = false
    order.push(s)
  }
  if (!isSorted) order.sort((a, b) => compareRanges(bytes, at[a], at[a + 1], at[b], at[b + 1]))
  let length = 0
  let before = -1
  for (const s of order) {
    if (before >= 0 && compareRanges(bytes, at[before], at[before + 1], at[s], at[s + 1]) === 0) {
      throw refuse(`the label name ${quoteValue(text(bytes, at[s], at[s + 1]))} occurs twice in one series`)
    }
    before = s
    if (at[s + 2] < at[s + 3]) length = putLabel(bytes, at, s, out, length)
  }
  if (length === 0) throw refuse('a series has no labels')
  return length
}

function lengthSize(length: number): number {
  return length < 128 ? 1 : length < 16_384 ? 2 : 3
}

function putLength(out: Uint8Array, at: number, length: number): number {
  let rest = length
  for (; rest >= 128; rest >>>= 7) out[at++] = (rest & 127) | 128
  out[at++] = rest
  return at
}

function putLabel(bytes: Uint8Array, spans: Int32Array, s: number, out: Uint8Array, start: number): number {
  const name = spans[s + 1] - spans[s]
  const value = spans[s + 3] - spans[s + 2]
  const inner = 2 + lengthSize(name) + name + lengthSize(value) + value
  checkTotalBytes(start + 1 + lengthSize(inner) + inner)
  let at = start
  out[at++] = 0x0a
  at = putLength(out, at, inner)
  out[at++] = 0x0a
  at = putLength(out, at, name)
  for (let i = 0; i < name; i++) out[at + i] = bytes[spans[s] + i]
  at += name
  out[at++] = 0x12
  at = putLength(out, at, value)
  for (let i = 0; i < value; i++) out[at + i] = bytes[spans[s + 2] + i]
  return at + value
}

/** The bytes of labels, in their order; what is too long for `out` throws `ingest.label_too_long`. */
export function encodeLabels(labels: Labels, out: Uint8Array): number {
  const { flat } = labels
  let at = 0
  for (let i = 0; i < flat.length; i += 2) {
    const name = utf8.encode(flat[i])
    const value = utf8.encode(flat[i + 1])
    const inner = 2 + lengthSize(name.length) + name.length + lengthSize(value.length) + value.length
    checkTotalBytes(at + 1 + lengthSize(inner) + inner)
    if (value.length > labelLimits.valueBytes) {
      throw tooLong(`the value of label ${quoteValue(flat[i])}`, value.length, labelLimits.valueBytes)
    }
    out[at++] = 0x0a
    at = putLength(out, at, inner)
    out[at++] = 0x0a
    at = putLength(out, at, name.length)
    out.set(name, at)
    at += name.length
    out[at++] = 0x12
    at = putLength(out, at, value.length)
    out.set(value, at)
    at += value.length
  }
  return at
}

/** Name, value, name, value ... of canonical label bytes, which are trusted. */
export function decodeFlat(bytes: Uint8Array, start: number, end: number, interner: StringInterner): string[] {
  const flat: string[] = []
  cursor.at = start
  while (cursor.at < end) {
    cursor.at++
    cursor.length(bytes, end)
    for (let field = 0; field < 2; field++) {
      cursor.at++
      const length = cursor.length(bytes, end)
      flat.push(interner.read(bytes, cursor.at, cursor.at + length))
      cursor.at += length
    }
  }
  return flat
}

export function decodeLabels(bytes: Uint8Array, start: number, end: number, interner: StringInterner): Labels {
  return Labels.fromSorted(decodeFlat(bytes, start, end, interner))
}

/** Where the metric name's bytes stand in canonical label bytes; an empty span where there is no name. */
export function metricNameSpan(bytes: Uint8Array, start: number, end: number): readonly [start: number, end: number] {
  let at = start
  while (at < end) {
    const [bodyAt, bodyLength] = lengthAt(bytes, at + 1)
    const [nameAt, nameLength] = lengthAt(bytes, bodyAt + 1)
    if (isMetricName(bytes, nameAt, nameLength)) {
      const [valueAt, valueLength] = lengthAt(bytes, nameAt + nameLength + 1)
      return [valueAt, valueAt + valueLength]
    }
    at = bodyAt + bodyLength
  }
  return [start, start]
}

const metricNameBytes = new TextEncoder().encode(metricNameLabel)

function isMetricName(bytes: Uint8Array, at: number, length: number): boolean {
  if (length !== metricNameBytes.length) return false
  for (let i = 0; i < length; i++) if (bytes[at + i] !== metricNameBytes[i]) return false
  return true
}

/** A length and where what it counts begins. */
function lengthAt(bytes: Uint8Array, at: number): readonly [at: number, length: number] {
  let length = 0
  let shift = 0
  for (;;) {
    const byte = bytes[at++]
    length |= (byte & 0x7f) << shift
    if (byte < 0x80) return [at, length]
    shift += 7
  }
}
