// A prometheus.ReadRequest, decoded from its bytes. Format: prometheus/prompb/remote.proto and types.proto.
import { AppError } from '@tidewatch/core/error.ts'
import type { MatchOp } from '@tidewatch/core/matcher.ts'
import type { SelectorWindow } from '../protocol.ts'

export interface RemoteReadRequest {
  readonly queries: readonly SelectorWindow[]
  /** Numbers of `ReadRequest.ResponseType`, in the caller's order of preference; empty: it is an older one that takes samples. */
  readonly acceptedTypes: readonly number[]
}

/** Prometheus sends one. */
const maxQueries = 100
const maxMatchers = 1000
/** Most a date can be; what lies beyond means "from the beginning" or "to the end". */
const latestMs = 8_640_000_000_000_000
const ops: readonly MatchOp[] = ['=', '!=', '=~', '!~']
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Throws `http.invalid` that says at which byte. */
export function decodeReadRequest(bytes: Uint8Array): RemoteReadRequest {
  const queries: SelectorWindow[] = []
  const acceptedTypes: number[] = []
  eachField(bytes, 0, bytes.length, (tag, value) => {
    if (tag === 0x0a) {
      if (queries.length === maxQueries) throw invalid(value.start, `more than ${maxQueries} queries`)
      queries.push(decodeQuery(bytes, value))
    } else if (tag === 0x10) acceptedTypes.push(value.number)
    else if (tag === 0x12) eachVarint(bytes, value, (number) => acceptedTypes.push(number))
  })
  if (acceptedTypes.length > maxQueries) throw invalid(0, `more than ${maxQueries} accepted response types`)
  return { queries, acceptedTypes }
}

function decodeQuery(bytes: Uint8Array, { start, end }: Value): SelectorWindow {
  const window = { startMs: 0, endMs: 0, matchers: [] as { name: string; op: MatchOp; value: string }[] }
  eachField(bytes, start, end, (tag, value) => {
    if (tag === 0x08) window.startMs = inTime(value.number)
    else if (tag === 0x10) window.endMs = inTime(value.number)
    else if (tag === 0x1a) {
      if (window.matchers.length === maxMatchers) throw invalid(value.start, `more than ${maxMatchers} matchers`)
      window.matchers.push(decodeMatcher(bytes, value))
    }
  })
  return window
}

function decodeMatcher(bytes: Uint8Array, { start, end }: Value): { name: string; op: MatchOp; value: string } {
  const matcher = { name: '', op: '=' as MatchOp, value: '' }
  eachField(bytes, start, end, (tag, value) => {
    if (tag === 0x08) {
      const op = ops[value.number]
      if (op === undefined) throw invalid(value.start, `a matcher of the unknown type ${value.number}`)
      matcher.op = op
    } else if (tag === 0x12) matcher.name = decodeText(bytes, value)
    else if (tag === 0x1a) matcher.value = decodeText(bytes, value)
  })
  if (matcher.name === '') throw invalid(start, 'a matcher without the name of a label')
  return matcher
}

function decodeText(bytes: Uint8Array, { start, end }: Value): string {
  try {
    return utf8.decode(bytes.subarray(start, end))
  } catch {
    throw invalid(start, 'text that is not UTF-8')
  }
}

const inTime = (ms: number): number => Math.min(latestMs, Math.max(-latestMs, ms))

/** What a field holds: a number, or bytes from `start` to before `end`. */
interface Value {
  number: number
  start: number
  end: number
}

function eachField(bytes: Uint8Array, start: number, end: number, take: (tag: number, value: Value) => void): void {
  const value: Value = { number: 0, start, end: start }
  while (value.end < end) {
    const tagAt = value.end
    readVarint(bytes, value, end)
    const tag = value.number
    const wireType = tag % 8
    if (tag < 8) throw invalid(tagAt, 'what is no field')
    if (wireType === 0) readVarint(bytes, value, end)
    else if (wireType === 1 || wireType === 5) skip(value, wireType === 1 ? 8 : 4, end)
    else if (wireType === 2) {
      readVarint(bytes, value, end)
      skip(value, value.number, end)
    } else throw invalid(tagAt, `a field of wire type ${wireType}`)
    take(tag, value)
  }
}

function eachVarint(bytes: Uint8Array, { start, end }: Value, take: (number: number) => void): void {
  const value: Value = { number: 0, start, end: start }
  while (value.end < end) {
    readVarint(bytes, value, end)
    take(value.number)
  }
}

function skip(value: Value, count: number, limit: number): void {
  if (value.end + count > limit)
    throw invalid(value.end, `a field of ${count} bytes where there are ${limit - value.end}`)
  value.start = value.end
  value.end += count
}

/** Moves `value` over the varint at its end. Signed 64 bits; exact within 2^53. */
function readVarint(bytes: Uint8Array, value: Value, limit: number): void {
  const start = value.end
  let low = 0
  let high = 0
  for (let at = start; at < limit && at < start + 10; at++) {
    const byte = bytes[at] as number
    // four groups of seven bits, and the rest above 2^28
    if (at - start < 4) low += (byte & 0x7f) * 128 ** (at - start)
    else high += (byte & 0x7f) * 128 ** (at - start - 4)
    if (byte >= 0x80) continue
    value.start = start
    value.end = at + 1
    // 64 bits less the 28 low ones: two's complement. The tenth byte's bits above the 64th count for nothing
    const inRange = high % 2 ** 36
    value.number = (inRange >= 2 ** 35 ? inRange - 2 ** 36 : inRange) * 2 ** 28 + low
    return
  }
  throw invalid(start, 'a number that does not end within ten bytes')
}

function invalid(at: number, what: string): AppError {
  return new AppError('http.invalid', `byte ${at} of the inflated body: there is ${what}.`, {
    fix: 'Send a prometheus.ReadRequest as one snappy block, whole.',
  })
}
