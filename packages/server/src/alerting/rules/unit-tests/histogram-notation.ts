// Native histograms as text, `{{schema:0 count:4 sum:5 buckets:[1 2 1]}}`: read as the tests' authors write them, printed as Prometheus compares them.
import { AppError } from '@tidewatch/core/error.ts'
import {
  type CounterResetHint,
  customBucketsSchema,
  type FloatHistogram,
  type Span,
} from '@tidewatch/core/native-histogram.ts'
import { negativeSide, positiveSide, type Side } from '@tidewatch/promql/native/buckets.ts'
import { formatGeneral } from '@tidewatch/template/float.ts'

const hints: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge']
const field = /^\s*([a-z_]+)\s*:\s*(\[[^\]]*\]|[^\s\]]+)/
const numberKeys = new Set(['schema', 'count', 'sum', 'z_bucket', 'z_bucket_w', 'offset', 'n_offset'])
const listKeys = new Set(['buckets', 'n_buckets', 'custom_values'])

export const notationError = (message: string): AppError => new AppError('query.parse', `parse error: ${message}`)

/** A number as series notation has it: decimal, with an exponent, `Inf` or `NaN` with any case and sign. */
export function parseSampleNumber(text: string): number | undefined {
  const match = /^([+-]?)(inf|nan|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i.exec(text)
  if (match === null) return undefined
  const word = (match[2] as string).toLowerCase()
  const size = word === 'inf' ? Number.POSITIVE_INFINITY : word === 'nan' ? Number.NaN : Number(word)
  return match[1] === '-' ? -size : size
}

function numberOf(text: string, key: string): number {
  const value = parseSampleNumber(text)
  if (value === undefined) throw notationError(`${JSON.stringify(text)} is not a number, for ${key} of a histogram`)
  return value
}

/** Reads what stands between `{{` and `}}`. Throws `query.parse`. */
export function parseHistogram(inner: string): FloatHistogram {
  const numbers = new Map<string, number>()
  const lists = new Map<string, readonly number[]>()
  let hint: CounterResetHint = 'unknown'
  let rest = inner
  const seen = new Set<string>()
  while (rest.trim() !== '') {
    const match = field.exec(rest)
    if (match === null) throw notationError(`unexpected ${JSON.stringify(rest.trim())} in histogram description`)
    const [whole, key, value] = match as unknown as [string, string, string]
    rest = rest.slice(whole.length)
    if (seen.has(key)) throw notationError(`duplicate key ${JSON.stringify(key)} in histogram`)
    seen.add(key)
    if (key === 'counter_reset_hint') {
      const named = hints.find((known) => known === value)
      if (named === undefined) throw notationError(`bad counter_reset_hint ${JSON.stringify(value)} in histogram`)
      hint = named
    } else if (numberKeys.has(key)) numbers.set(key, numberOf(value, key))
    else if (listKeys.has(key) && value.startsWith('[')) lists.set(key, listOf(value, key))
    else throw notationError(`bad histogram descriptor found: ${JSON.stringify(key)}`)
  }
  return build(numbers, lists, hint)
}

function listOf(text: string, key: string): readonly number[] {
  const words = text.slice(1, -1).trim()
  return words === '' ? [] : words.split(/\s+/).map((word) => numberOf(word, key))
}

function build(
  numbers: ReadonlyMap<string, number>,
  lists: ReadonlyMap<string, readonly number[]>,
  counterResetHint: CounterResetHint,
): FloatHistogram {
  const of = (key: string): number => numbers.get(key) ?? 0
  const schema = of('schema')
  const isExponential = Number.isInteger(schema) && schema >= -4 && schema <= 8
  if (!isExponential && schema !== customBucketsSchema)
    throw notationError(`histogram has an unknown schema: ${schema}`)
  const buckets = (key: string): Float64Array => Float64Array.from(lists.get(key) ?? [])
  const spans = (key: string, offsetKey: string): Span[] => {
    const length = lists.get(key)?.length ?? 0
    return length === 0 ? [] : [{ offset: of(offsetKey), length }]
  }
  return {
    schema,
    counterResetHint,
    count: of('count'),
    sum: of('sum'),
    zeroThreshold: of('z_bucket_w'),
    zeroCount: of('z_bucket'),
    positiveSpans: spans('buckets', 'offset'),
    positiveBuckets: buckets('buckets'),
    negativeSpans: spans('n_buckets', 'n_offset'),
    negativeBuckets: buckets('n_buckets'),
    customValues: lists.get('custom_values') ?? [],
  }
}

/** The text by which Prometheus compares and shows histograms in tests: without empty buckets at the ends, in one fixed order. */
export function printHistogram(h: FloatHistogram): string {
  const parts: string[] = []
  const number = (key: string, value: number): void => {
    if (value !== 0) parts.push(`${key}:${formatGeneral(value)}`)
  }
  number('schema', h.schema)
  number('count', h.count)
  number('sum', h.sum)
  number('z_bucket', h.zeroCount)
  number('z_bucket_w', h.zeroThreshold)
  if (h.schema === customBucketsSchema) parts.push(`custom_values:${listText(h.customValues)}`)
  if (h.counterResetHint !== 'unknown') parts.push(`counter_reset_hint:${h.counterResetHint}`)
  parts.push(...sideText(positiveSide(h), 'buckets', 'offset'), ...sideText(negativeSide(h), 'n_buckets', 'n_offset'))
  return `{{${parts.join(' ')}}}`
}

const listText = (values: readonly number[]): string => `[${values.map((value) => formatGeneral(value)).join(' ')}]`

function sideText({ indexes, counts }: Side, bucketsKey: string, offsetKey: string): string[] {
  const filled = indexes.filter((_, i) => counts[i] !== 0)
  const first = filled[0]
  const last = filled.at(-1)
  if (first === undefined || last === undefined) return []
  const dense = new Array<number>(last - first + 1).fill(0)
  indexes.forEach((index, i) => {
    if (index >= first && index <= last) dense[index - first] = counts[i] as number
  })
  return [...(first === 0 ? [] : [`${offsetKey}:${first}`]), `${bucketsKey}:${listText(dense)}`]
}
