// PutMetricData's content as values with Prometheus's names: one value is a gauge, several of one moment are their statistics.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import { namespacedName, snakeCase } from '../push/names.ts'
import type { PushedValue } from '../push/store.ts'

/** CloudWatch's own limits. */
const limits = { metrics: 1000, values: 150, dimensions: 30, text: 1024, name: 255 } as const

const text = (max: number) => z.string().min(1).max(max)
/** Numbers of a form are text. CloudWatch refuses what is not finite. */
const number = z
  .union([z.number(), z.string().regex(/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/, 'is not a number')])
  .transform(Number)
  .refine((value) => Number.isFinite(value), 'is not finite')
/** Seconds since 1970, or ISO 8601; without an offset UTC is meant. */
const time = z.union([z.string(), z.number()]).transform((written, context) => {
  const isNumber = typeof written === 'number' || /^\d+(\.\d+)?$/.test(written)
  const iso = /(Z|[+-]\d\d:?\d\d)$/i.test(String(written)) ? String(written) : `${written}Z`
  const ms = isNumber ? Math.round(Number(written) * 1000) : Date.parse(iso)
  if (Number.isFinite(ms)) return ms
  context.addIssue({ code: 'custom', message: `${quoteValue(written)} is not a time` })
  return z.NEVER
})

const datum = z.object({
  MetricName: text(limits.name),
  Dimensions: z
    .array(z.object({ Name: text(limits.name), Value: text(limits.text) }))
    .max(limits.dimensions)
    .optional(),
  Timestamp: time.optional(),
  Value: number.optional(),
  Values: z.array(number).max(limits.values).optional(),
  Counts: z
    .array(number.refine((count) => count >= 0, 'is negative'))
    .max(limits.values)
    .optional(),
  StatisticValues: z.object({ SampleCount: number, Sum: number, Minimum: number, Maximum: number }).optional(),
  Unit: z.string().max(40).optional(),
})
const data = z.array(datum).max(limits.metrics)
const request = z.object({
  Namespace: text(limits.name),
  MetricData: data.optional(),
  // metrics that say which service they belong to; the entity itself is AWS's
  EntityMetricData: z
    .array(z.object({ MetricData: data.optional() }))
    .max(2)
    .optional(),
})

type Datum = z.infer<typeof datum>

/** What is known of one series at one moment. */
interface Statistics {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly timeMs: number
  readonly unit: string
  readonly where: string
  count: number
  sum: number
  minimum: number
  maximum: number
  /** One `Value` alone. */
  isSingle: boolean
}

/** Throws `ingest.bad_point` and `ingest.missing_parameter`. */
export function readMetricData(tree: unknown, nowMs: number): readonly PushedValue[] {
  const read = request.safeParse(tree)
  if (!read.success) throw refusal(read.error, tree)
  const { Namespace: namespace, MetricData: metrics = [], EntityMetricData: entities = [] } = read.data
  const all = [...metrics, ...entities.flatMap((entity) => entity.MetricData ?? [])]
  const byMoment = new Map<string, Statistics>()
  for (const [i, one] of all.entries()) {
    const where = `MetricData.member.${i + 1}`
    const found = statisticsOf(one, { namespace, nowMs, where })
    const key = `${found.timeMs} ${found.name} ${JSON.stringify(Object.entries(found.labels).sort())}`
    const known = byMoment.get(key)
    if (known === undefined) byMoment.set(key, found)
    else join(known, found)
  }
  return [...byMoment.values()].flatMap(valuesOfMoment)
}

function statisticsOf(
  one: Datum,
  { namespace, nowMs, where }: { readonly namespace: string; readonly nowMs: number; readonly where: string },
): Statistics {
  const name = namespacedName(namespace, one.MetricName)
  if (name === undefined) throw bad(`${where}.MetricName: nothing is left of ${quoteValue(one.MetricName)}.`, where)
  const labels: Record<string, string> = Object.create(null)
  for (const { Name: dimension, Value: value } of one.Dimensions ?? []) {
    const label = snakeCase(dimension)
    if (label === '') throw bad(`${where}.Dimensions: nothing is left of the name ${quoteValue(dimension)}.`, where)
    labels[label] = value
  }
  return {
    ...{ name, labels, where, unit: unitName(one.Unit ?? '') },
    timeMs: one.Timestamp ?? nowMs,
    ...countsOf(one, where),
  }
}

function countsOf(one: Datum, where: string): Pick<Statistics, 'count' | 'sum' | 'minimum' | 'maximum' | 'isSingle'> {
  const { Value: value, Values: values, Counts: counts, StatisticValues: given } = one
  if (value !== undefined) return { count: 1, sum: value, minimum: value, maximum: value, isSingle: true }
  if (given !== undefined) {
    const { SampleCount: count, Sum: sum, Minimum: minimum, Maximum: maximum } = given
    return { count, sum, minimum, maximum, isSingle: false }
  }
  if (values === undefined || values.length === 0)
    throw missing(`${where} has neither Value, Values nor StatisticValues.`, where)
  if (counts !== undefined && counts.length !== values.length)
    throw bad(`${where} has ${values.length} Values and ${counts.length} Counts.`, where)
  let count = 0
  let sum = 0
  for (const [i, each] of values.entries()) {
    const times = counts?.[i] ?? 1
    count += times
    sum += each * times
  }
  return { count, sum, minimum: Math.min(...values), maximum: Math.max(...values), isSingle: false }
}

function join(known: Statistics, more: Statistics): void {
  known.count += more.count
  known.sum += more.sum
  known.minimum = Math.min(known.minimum, more.minimum)
  known.maximum = Math.max(known.maximum, more.maximum)
  known.isSingle = false
}

function valuesOfMoment(of: Statistics): PushedValue[] {
  const { name, labels, timeMs, unit, where } = of
  const value = (suffix: string, number: number, ofUnit = unit): PushedValue => ({
    ...{ name: name + suffix, labels, timeMs, where, value: number },
    metadata: { type: 'gauge', help: '', unit: ofUnit },
  })
  if (of.isSingle) return [value('', of.sum)]
  return [
    value('_sum', of.sum),
    value('_sample_count', of.count, ''),
    value('_minimum', of.minimum),
    value('_maximum', of.maximum),
  ]
}

/** `Bytes/Second` is bytes_per_second; None is none. */
function unitName(unit: string): string {
  return unit === '' || unit === 'None' ? '' : unit.split('/').map(snakeCase).join('_per_')
}

function refusal(error: z.ZodError, tree: unknown): AppError {
  const [issue] = error.issues
  const path = (issue?.path ?? [])
    .map((part) => (typeof part === 'number' ? `member.${part + 1}` : String(part)))
    .join('.')
  const at = path === '' ? 'the request' : path
  const isMissing = valueAt(tree, issue?.path ?? []) === undefined
  return isMissing ? missing(`${at} is required.`, at) : bad(`${at}: ${issue?.message ?? 'is not valid'}`, at)
}

function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  let at = tree
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = Reflect.get(at, part)
  }
  return at
}

const bad = (message: string, key: string): AppError => new AppError('ingest.bad_point', message, { where: { key } })
const missing = (message: string, key: string): AppError =>
  new AppError('ingest.missing_parameter', message, { where: { key } })
