// Numbers, dates, booleans and addresses: values and ranges, with ends as Elasticsearch rounds them.
import { numberOf } from './analysis.ts'
import { type DateContext, parseDateMath } from './date-math.ts'
import type { Field } from './fields.ts'
import { highestIp, ipOf, ipRangeOf, lowestIp, printIp } from './ip.ts'
import { type Bound, testOf, type ValueTest } from './predicate.ts'
import { valueError } from './query-error.ts'
import type { QueryTree } from './query-tree.ts'

interface Ends {
  readonly from?: Bound<string>
  readonly to?: Bound<string>
}

const leaf = (field: Field, test: ValueTest | undefined, text: string): QueryTree => ({
  kind: 'leaf',
  predicate: test === undefined ? { kind: 'none' } : testOf(field.ref, test),
  text: `${field.name}:${text}`,
})

/** One value, or the span that it names: a day, a network. */
export function exactLeaf(field: Field, text: string, context: DateContext): QueryTree {
  if (field.type === 'boolean') return booleanLeaf(field, text)
  if (field.type === 'ip' && text.includes('/')) {
    const range = ipRangeOf(text)
    if (range === undefined) throw valueError(`'${text}' is not an IP network.`, field.name, 'Write 10.0.0.0/8')
    return leaf(field, { op: 'ip', ...range }, `[${printIp(range.from)} TO ${printIp(range.to)}]`)
  }
  const bound = { value: text, inclusive: true }
  return rangeLeaf(field, { from: bound, to: bound }, context)
}

function booleanLeaf(field: Field, text: string): QueryTree {
  if (text !== 'true' && text !== 'false')
    throw valueError(`Can't parse boolean value [${text}], expected [true] or [false]`, field.name)
  return leaf(field, { op: 'equals', unit: 'value', values: [text] }, text)
}

export function rangeLeaf(field: Field, ends: Ends, context: DateContext): QueryTree {
  switch (field.type) {
    case 'long':
      return longRange(field, ends)
    case 'double':
      return doubleRange(field, ends)
    case 'date':
      return dateRange(field, ends, context)
    case 'ip':
      return ipRange(field, ends)
    default:
      throw valueError(`Field [${field.name}] of type [${field.type}] does not support range queries`, field.name)
  }
}

function requireNumber(field: Field, text: string): number {
  const number = numberOf(text.trim())
  if (number === undefined)
    throw valueError(`For input string: "${text}"`, field.name, `[${field.name}] holds numbers: write one`)
  return number
}

const minLong = -(2n ** 63n)
const maxLong = 2n ** 63n - 1n

/** Ends with fractions are moved inwards to the next whole number. */
function longRange(field: Field, { from, to }: Ends): QueryTree {
  const low = from === undefined ? minLong : wholeEnd(field, from, 1n)
  const high = to === undefined ? maxLong : wholeEnd(field, to, -1n)
  const isSingle = from !== undefined && from === to
  if (low > high || (isSingle && !Number.isInteger(requireNumber(field, from.value))))
    return leaf(field, undefined, 'MatchNoDocsQuery("")')
  return leaf(
    field,
    {
      op: 'number',
      ...(from === undefined ? {} : { from: { value: Number(low), inclusive: true } }),
      ...(to === undefined ? {} : { to: { value: Number(high), inclusive: true } }),
    },
    `[${low} TO ${high}]`,
  )
}

function wholeEnd(field: Field, { value, inclusive }: Bound<string>, inwards: 1n | -1n): bigint {
  const number = requireNumber(field, value)
  if (Math.abs(number) >= 2 ** 63) return number < 0 ? minLong : maxLong
  const text = value.trim()
  if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace('+', '')) + (inclusive ? 0n : inwards)
  if (Number.isInteger(number)) return BigInt(number) + (inclusive ? 0n : inwards)
  return BigInt(inwards === 1n ? Math.ceil(number) : Math.floor(number))
}

function doubleRange(field: Field, { from, to }: Ends): QueryTree {
  const low = from === undefined ? undefined : { value: requireNumber(field, from.value), inclusive: from.inclusive }
  const high = to === undefined ? undefined : { value: requireNumber(field, to.value), inclusive: to.inclusive }
  const printedLow = low === undefined ? '-Infinity' : printDouble(low.inclusive ? low.value : nextDouble(low.value, 1))
  const printedHigh =
    high === undefined ? 'Infinity' : printDouble(high.inclusive ? high.value : nextDouble(high.value, -1))
  const test: ValueTest = {
    op: 'number',
    ...(low === undefined ? {} : { from: low }),
    ...(high === undefined ? {} : { to: high }),
  }
  return leaf(field, test, `[${printedLow} TO ${printedHigh}]`)
}

/** The next double above (1) or below (-1). */
function nextDouble(number: number, direction: 1 | -1): number {
  if (number === 0) return direction * Number.MIN_VALUE
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, number)
  view.setBigInt64(0, view.getBigInt64(0) + (number > 0 === direction > 0 ? 1n : -1n))
  return view.getFloat64(0)
}

/** As Java prints doubles: always with a fraction, with an exponent from 10^7 on and below 10^-3. */
function printDouble(number: number): string {
  const size = Math.abs(number)
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits = '', exponent = ''] = number.toExponential().split('e')
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
  }
  return Number.isInteger(number) ? `${number}.0` : String(number)
}

/** An end that is left out of the range lies beyond all that it names: `>2025-06-14` begins with the next day. */
function dateRange(field: Field, { from, to }: Ends, context: DateContext): QueryTree {
  const lowNs = from === undefined ? undefined : dateEnd(field, from, !from.inclusive, context)
  const highNs = to === undefined ? undefined : dateEnd(field, to, to.inclusive, context)
  const fromNs = lowNs === undefined ? undefined : lowNs + (from?.inclusive === false ? 1n : 0n)
  const toNs = highNs === undefined ? undefined : highNs - (to?.inclusive === false ? 1n : 0n)
  const test: ValueTest = {
    op: 'time',
    ...(fromNs === undefined ? {} : { fromNs }),
    ...(toNs === undefined ? {} : { toNs }),
  }
  const printedFrom = fromNs === undefined ? minLong : floorMs(fromNs + 999_999n)
  const printedTo = toNs === undefined ? maxLong : floorMs(toNs)
  return leaf(field, test, `[${printedFrom} TO ${printedTo}]`)
}

const floorMs = (ns: bigint): bigint => (ns < 0n ? (ns - 999_999n) / 1_000_000n : ns / 1_000_000n)

function dateEnd(field: Field, { value }: Bound<string>, roundUp: boolean, context: DateContext): bigint {
  const ns = parseDateMath(value, roundUp, context)
  if (ns !== undefined) return ns
  throw valueError(
    `failed to parse date field [${value}] with format [strict_date_optional_time||epoch_millis]`,
    field.name,
    'Write 2025-06-15, 2025-06-15T11:00:00Z or now-1h/d',
  )
}

function ipRange(field: Field, { from, to }: Ends): QueryTree {
  const low = from === undefined ? lowestIp : ipEnd(field, from.value) + (from.inclusive ? 0n : 1n)
  const high = to === undefined ? highestIp : ipEnd(field, to.value) - (to.inclusive ? 0n : 1n)
  if (low > high) return leaf(field, undefined, 'MatchNoDocsQuery("")')
  return leaf(field, { op: 'ip', from: low, to: high }, `[${printIp(low)} TO ${printIp(high)}]`)
}

function ipEnd(field: Field, text: string): bigint {
  const address = ipOf(text)
  if (address === undefined)
    throw valueError(`'${text}' is not an IP string literal.`, field.name, 'Write an address such as 10.0.0.1')
  return address
}
