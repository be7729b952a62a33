// Called once a line, bench/src/ingest-otlp.ts: StatsD's lines with DogStatsD's additions.
// https://github.com/statsd/statsd/blob/master/docs/metric_types.md, https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/
import { type ByteRange, ByteTable } from '../../byte-table.ts'

export type StatsdKind = 'counter' | 'gauge' | 'timer' | 'histogram' | 'set'

/** What became of a line. */
export type LineOutcome = 'accepted' | 'malformed' | 'ignored' | 'too_many_series' | 'conflict'

/** What a line says beside its values. */
export interface LineHead {
  readonly name: string
  readonly kind: StatsdKind
  /** Names and values. */
  readonly tags: ReadonlyMap<string, string>
}

/** Adds up one metric; a number for all kinds but sets. */
export interface LineTarget {
  add(value: number, weight: number): void
  /** A gauge's value with a sign before it. */
  change(by: number): void
  member(text: string): void
}

/** Where lines go. */
export interface LineSink {
  /** Finds or makes what a head names; called once for each head, then remembered by its bytes until `forget`. */
  target(head: LineHead): LineTarget | 'too_many_series' | 'conflict'
  outcome(outcome: LineOutcome, line: ByteRange): void
}

interface Known {
  readonly kind: StatsdKind
  readonly target: LineTarget
  /** What one value counts for, by the sample rate. */
  readonly weight: number
}

const kinds: Readonly<Record<string, StatsdKind>> = {
  c: 'counter',
  g: 'gauge',
  ms: 'timer',
  h: 'histogram',
  d: 'histogram',
  s: 'set',
}

const newline = 0x0a
const carriageReturn = 0x0d
const colon = 0x3a
const pipe = 0x7c
const maxLineBytes = 8192
const maxMemberBytes = 1024
/** A sender may write one metric's head in ever new ways: then all are learnt again. */
const maxHeads = 200_000
const utf8 = new TextDecoder('utf-8', { fatal: true })

export class StatsdParser {
  readonly #sink: LineSink
  readonly #known = new ByteTable<Known>()
  #heads = 0
  readonly #key = new Uint8Array(maxLineBytes)
  readonly #range = { bytes: this.#key as Uint8Array, start: 0, end: 0 }

  constructor(sink: LineSink) {
    this.#sink = sink
  }

  /** Heads are looked up again: what they named may be gone. */
  forget(): void {
    this.#known.clear()
    this.#heads = 0
  }

  packet(bytes: Uint8Array): void {
    let start = 0
    while (start < bytes.length) {
      let end = bytes.indexOf(newline, start)
      if (end === -1) end = bytes.length
      const next = end + 1
      if (end > start && bytes[end - 1] === carriageReturn) end--
      if (end > start) this.#sink.outcome(this.#line(bytes, start, end), { bytes, start, end })
      start = next
    }
  }

  #line(bytes: Uint8Array, start: number, end: number): LineOutcome {
    if (isEventOrCheck(bytes, start, end)) return 'ignored'
    if (end - start > maxLineBytes) return 'malformed'
    const nameEnd = find(bytes, colon, start, end)
    const valuesEnd = find(bytes, pipe, nameEnd + 1, end)
    if (nameEnd <= start || nameEnd === end || valuesEnd === end) return 'malformed'
    const known = this.#find(bytes, { start, nameEnd, valuesEnd, end })
    if (typeof known === 'string') return known
    let at = nameEnd + 1
    let outcome: LineOutcome = 'accepted'
    // several values of one head: 1:2:3; members of sets may have colons themselves
    while (at <= valuesEnd) {
      const stop = known.kind === 'set' ? valuesEnd : find(bytes, colon, at, valuesEnd)
      if (!take(known, bytes, at, stop)) outcome = 'malformed'
      at = stop + 1
    }
    return outcome
  }

  #find(
    bytes: Uint8Array,
    { start, nameEnd, valuesEnd, end }: { start: number; nameEnd: number; valuesEnd: number; end: number },
  ): Known | LineOutcome {
    // the line without its values
    const key = this.#key
    let length = 0
    for (let at = start; at < nameEnd; at++) key[length++] = bytes[at]
    for (let at = valuesEnd; at < end; at++) key[length++] = bytes[at]
    const range = this.#range
    range.end = length
    const known = this.#known.get(range)
    if (known !== undefined) return known
    const read = readHead(bytes, { start, nameEnd, valuesEnd, end })
    if (read === undefined) return 'malformed'
    const target = this.#sink.target(read.head)
    if (typeof target === 'string') return target
    const made = { kind: read.head.kind, target, weight: read.weight }
    if (++this.#heads > maxHeads) this.forget()
    this.#known.set(range, made)
    return made
  }
}

function find(bytes: Uint8Array, wanted: number, from: number, end: number): number {
  for (let at = from; at < end; at++) if (bytes[at] === wanted) return at
  return end
}

/** `_e{…}` and `_sc|…`: DogStatsD's events and service checks. */
function isEventOrCheck(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== 0x5f || start + 3 > end) return false
  const [second, third] = [bytes[start + 1], bytes[start + 2]]
  return (second === 0x65 && third === 0x7b) || (second === 0x73 && third === 0x63 && bytes[start + 3] === pipe)
}

function readHead(
  bytes: Uint8Array,
  { start, nameEnd, valuesEnd, end }: { start: number; nameEnd: number; valuesEnd: number; end: number },
): { readonly head: LineHead; readonly weight: number } | undefined {
  let name: string
  let parts: readonly string[]
  try {
    name = utf8.decode(bytes.subarray(start, nameEnd))
    parts = utf8.decode(bytes.subarray(valuesEnd + 1, end)).split('|')
  } catch {
    return undefined
  }
  const [type = '', ...more] = parts
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined
  if (kind === undefined) return undefined
  const tags = new Map<string, string>()
  let rate = 1
  for (const part of more) {
    if (part.startsWith('@')) rate = Number(part.slice(1))
    else if (part.startsWith('#')) readTags(part.slice(1), tags)
    // what else there may be (container, time of what was added up already) changes nothing here
  }
  if (!(rate > 0 && rate <= 1)) return undefined
  const weight = kind === 'counter' ? 1 / rate : kind === 'gauge' || kind === 'set' ? 1 : Math.round(1 / rate)
  return { head: { name, kind, tags }, weight }
}

/** A tag that is a word alone is true. */
function readTags(text: string, tags: Map<string, string>): void {
  for (const tag of text.split(',')) {
    const at = tag.indexOf(':')
    if (tag === '' || at === 0) continue
    tags.set(at === -1 ? tag : tag.slice(0, at), at === -1 ? 'true' : tag.slice(at + 1))
  }
}

function take({ kind, target, weight }: Known, bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return false
  if (kind === 'set') {
    if (end - start > maxMemberBytes) return false
    target.member(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'))
    return true
  }
  const value = readNumber(bytes, start, end)
  if (Number.isNaN(value)) return false
  const first = bytes[start]
  const isSigned = first === 0x2b || first === 0x2d
  if (kind === 'gauge' && isSigned) target.change(value)
  else if (kind === 'counter' && value < 0) return false
  else target.add(value, weight)
  return true
}

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/

/** NaN where it is none. */
function readNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  let at = start
  // most are whole and short
  for (; at < end && at < start + 15; at++) {
    const digit = bytes[at] - 0x30
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  if (at === end) return value
  if (end - start > 64) return Number.NaN
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
  return numberPattern.test(text) ? Number(text) : Number.NaN
}
