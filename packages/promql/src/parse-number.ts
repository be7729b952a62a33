// Numbers and durations as Go's strconv and Prometheus's model.ParseDuration read them.
import { goQuote } from './quote.ts'

const maxInt64 = 2n ** 63n - 1n
/** The greatest duration a Go `time.Duration` holds, in seconds. */
export const maxDurationSeconds = 2 ** 63 / 1e9

const decimal = /^(?:(?:\d+(?:_\d+)*)(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/
const hexadecimal = /^0[xX](?:_?[0-9a-fA-F]+)+$/
const octal = /^0(?:_?[0-7]+)+$/

/** The value of a number token, or what is wrong with it. A leading zero makes it octal, as in Go. */
export function parseNumber(text: string): number | { readonly error: string } {
  const plain = text.replaceAll('_', '')
  if (hexadecimal.test(text) && BigInt(plain) <= maxInt64) return Number(BigInt(plain))
  if (octal.test(text)) {
    const value = BigInt(`0o${plain.slice(1)}`)
    if (value <= maxInt64) return Number(value)
  }
  const lower = text.toLowerCase()
  if (lower === 'inf') return Number.POSITIVE_INFINITY
  if (lower === 'nan') return Number.NaN
  const value = decimal.test(text) ? Number(plain) : Number.NaN
  if (Number.isFinite(value)) return value
  const why = Number.isNaN(value) ? 'invalid syntax' : 'value out of range'
  return { error: `error parsing number: strconv.ParseFloat: parsing ${goQuote(text)}: ${why}` }
}

/** Unit to its rank (larger units first) and length in ms. */
const units = new Map<string, { readonly rank: number; readonly ms: number }>([
  ['y', { rank: 1, ms: 31_536_000_000 }],
  ['w', { rank: 2, ms: 604_800_000 }],
  ['d', { rank: 3, ms: 86_400_000 }],
  ['h', { rank: 4, ms: 3_600_000 }],
  ['m', { rank: 5, ms: 60_000 }],
  ['s', { rank: 6, ms: 1000 }],
  ['ms', { rank: 7, ms: 1 }],
])

/** Milliseconds of a duration token, or what is wrong with it. */
export function parseDurationToken(text: string): number | { readonly error: string } {
  let totalMs = 0
  let rank = 0
  // `.5m` came this far as the start of a number
  if (text.startsWith('.')) return { error: `not a valid duration string: ${goQuote(text)}` }
  for (const [, digits = '', name = ''] of text.matchAll(/(\d+)(\D+)/g)) {
    const unit = units.get(name)
    if (unit === undefined) return { error: `unknown unit ${goQuote(name)} in duration ${goQuote(text)}` }
    if (unit.rank <= rank) return { error: `not a valid duration string: ${goQuote(text)}` }
    rank = unit.rank
    totalMs += Number(digits) * unit.ms
  }
  return totalMs / 1000 > maxDurationSeconds ? { error: 'duration out of range' } : totalMs
}

/** Seconds to whole milliseconds, cut as Prometheus cuts its nanoseconds. */
export function secondsToWholeMs(seconds: number): number {
  return Math.trunc(Math.round(seconds * 1e9) / 1e6)
}
