// Numbers about a group of lines.
import { testOf } from '@tidewatch/logquery/predicate.ts'
import type { FieldOfLog, LogGroupRow, LogMeasure } from '../../../../store/port.ts'
import { formatTime } from '../date-format.ts'
import { fault, unsupported } from '../fault.ts'
import { fieldNamed, type NamedField } from '../fields.ts'
import { finiteNumber, type JsonObject, listOf, textOf } from '../request.ts'
import type { AggregationPlace, AggregationReader, AggregationReaders, MetricAggregation } from './port.ts'
import { rate } from './rate.ts'

type Value = LogGroupRow['values'][number]

const numberIn = (value: Value): number | null => (typeof value === 'number' ? value : null)

interface MetricField extends NamedField {
  readonly measured: { readonly field: FieldOfLog; readonly missing?: number }
}

export function readMetricField(settings: JsonObject, { path }: AggregationPlace): MetricField {
  if (settings.script !== undefined) throw unsupported(`[script] in [${path}]`)
  if (settings.field === undefined)
    throw fault('illegal_argument_exception', 'Required one of fields [field, script], but none were specified.', {
      path,
    })
  const named = fieldNamed(textOf(settings.field, `${path}.field`))
  const missing = settings.missing === undefined ? undefined : finiteNumber(settings.missing, `${path}.missing`)
  if (missing !== undefined && named.isTime) throw unsupported(`[missing] in [${path}]`, 'Every line has a time')
  return { ...named, measured: { field: named.field, ...(missing === undefined ? {} : { missing }) } }
}

type SimpleKind = 'avg' | 'min' | 'max' | 'sum' | 'value_count' | 'cardinality'
const measureKinds = {
  avg: 'avg',
  min: 'min',
  max: 'max',
  sum: 'sum',
  value_count: 'count',
  cardinality: 'cardinality',
} as const

const simple =
  (kind: SimpleKind): AggregationReader<MetricAggregation> =>
  (settings, place) => {
    const { measured, isTime } = readMetricField(settings, place)
    const measure: LogMeasure = { kind: measureKinds[kind], ...measured }
    const isCount = kind === 'value_count' || kind === 'cardinality' || kind === 'sum'
    return {
      measures: [measure],
      answer(values) {
        const value = numberIn(values?.[0]) ?? (isCount ? 0 : null)
        const asTime = isTime && !isCount && value !== null ? { value_as_string: timeText(value, settings) } : {}
        return { value, ...asTime }
      },
      measureOf: () => measure,
    }
  }

const timeText = (ms: number, { format }: JsonObject): string =>
  formatTime(BigInt(Math.floor(ms)) * 1_000_000n, typeof format === 'string' ? format : undefined)

const statKinds = ['numbers', 'min', 'max', 'avg', 'sum', 'stddev'] as const
const statNames: Readonly<Record<string, number>> = { count: 0, min: 1, max: 2, avg: 3, sum: 4, std_deviation: 5 }

const stats =
  (isExtended: boolean): AggregationReader<MetricAggregation> =>
  (settings, place) => {
    const { measured } = readMetricField(settings, place)
    const sigma = settings.sigma === undefined ? 2 : finiteNumber(settings.sigma, `${place.path}.sigma`)
    const measures = statKinds.slice(0, isExtended ? 6 : 5).map((kind): LogMeasure => ({ kind, ...measured }))
    return {
      measures,
      answer(values) {
        const [count, min, max, avg, sum, deviation] = measures.map((_, i) => numberIn(values?.[i]))
        const plain = { count: count ?? 0, min, max, avg, sum: sum ?? 0 }
        return isExtended ? { ...plain, ...spread(plain, deviation ?? null, sigma) } : plain
      },
      measureOf: (property) => measures[statNames[property ?? ''] ?? -1],
    }
  }

function spread(
  { count, avg }: { readonly count: number; readonly avg?: number | null | undefined },
  deviation: number | null,
  sigma: number,
) {
  const mean = avg ?? null
  if (mean === null || deviation === null) {
    const none = { upper: null, lower: null }
    return {
      ...{ sum_of_squares: null, variance: null, variance_population: null, variance_sampling: null },
      ...{ std_deviation: null, std_deviation_population: null, std_deviation_sampling: null },
      std_deviation_bounds: none,
    }
  }
  const variance = deviation ** 2
  const sampled = count > 1 ? (variance * count) / (count - 1) : null
  const sampling = sampled === null ? null : Math.sqrt(sampled)
  const bounds = (by: number | null) => ({
    upper: by === null ? null : mean + sigma * by,
    lower: by === null ? null : mean - sigma * by,
  })
  return {
    sum_of_squares: count * (variance + mean ** 2),
    variance,
    variance_population: variance,
    variance_sampling: sampled,
    std_deviation: deviation,
    std_deviation_population: deviation,
    std_deviation_sampling: sampling,
    std_deviation_bounds: {
      ...bounds(deviation),
      upper_population: bounds(deviation).upper,
      lower_population: bounds(deviation).lower,
      upper_sampling: bounds(sampling).upper,
      lower_sampling: bounds(sampling).lower,
    },
  }
}

const maxPercents = 100
const defaultPercents = [1, 5, 25, 50, 75, 95, 99]
/** As Java writes a double. */
export const doubleText = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value))

const percentiles: AggregationReader<MetricAggregation> = (settings, place) => {
  const { measured } = readMetricField(settings, place)
  const percents = numbersIn(settings.percents ?? defaultPercents, `${place.path}.percents`)
  if (percents.some((percent) => percent < 0 || percent > 100))
    throw fault('illegal_argument_exception', 'percents must be between 0 and 100', { path: place.path })
  const measure: LogMeasure = { kind: 'percentiles', ...measured, percents }
  return {
    measures: [measure],
    answer(values) {
      const found = values?.[0]
      return keyed(percents, settings, (i) => (typeof found === 'object' ? (found[i] ?? null) : null))
    },
    // the store orders by one number alone
    measureOf: () => undefined,
  }
}

const percentileRanks: AggregationReader<MetricAggregation> = (settings, place) => {
  const { field, measured } = readMetricField(settings, place)
  if (measured.missing !== undefined) throw unsupported(`[missing] in [${place.path}]`)
  const wanted = numbersIn(settings.values ?? [], `${place.path}.values`)
  if (wanted.length === 0) throw fault('illegal_argument_exception', '[values] must not be empty', { path: place.path })
  return {
    measures: [{ kind: 'numbers', field }],
    filters: wanted.map((value) => testOf(field, { op: 'number', to: { value, inclusive: true } })),
    answer: () => ({}),
    answerCounts(values, counts) {
      const all = numberIn(values?.[0]) ?? 0
      return keyed(wanted, settings, (i) => (all === 0 ? null : (100 * (counts[i] ?? 0)) / all))
    },
    measureOf: () => undefined,
  }
}

function numbersIn(value: unknown, path: string): readonly number[] {
  const numbers = listOf(value).map((one) => finiteNumber(one, path))
  if (numbers.length > maxPercents)
    throw fault('illegal_argument_exception', `more than ${maxPercents} are asked for`, { path })
  return numbers
}

function keyed(keys: readonly number[], settings: JsonObject, numberAt: (i: number) => number | null): object {
  if (settings.keyed === false) return { values: keys.map((key, i) => ({ key, value: numberAt(i) })) }
  return { values: Object.fromEntries(keys.map((key, i) => [doubleText(key), numberAt(i)])) }
}

export const metricReaders: AggregationReaders<MetricAggregation> = {
  avg: simple('avg'),
  min: simple('min'),
  max: simple('max'),
  sum: simple('sum'),
  value_count: simple('value_count'),
  cardinality: simple('cardinality'),
  stats: stats(false),
  extended_stats: stats(true),
  percentiles,
  percentile_ranks: percentileRanks,
  rate,
}
