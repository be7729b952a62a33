// How much of something there is in each unit of time, inside of a histogram of time.
import type { LogGroupRow, LogMeasure } from '../../../../store/port.ts'
import { badValue, fault, unsupported } from '../fault.ts'
import { fieldNamed } from '../fields.ts'
import { finiteNumber, textOf } from '../request.ts'
import type { AggregationReader, BucketSpan, MetricAggregation } from './port.ts'

const unitMs: Readonly<Record<string, number>> = {
  ...{ second: 1000, '1s': 1000, minute: 60_000, '1m': 60_000, hour: 3_600_000, '1h': 3_600_000 },
  ...{ day: 86_400_000, '1d': 86_400_000, week: 604_800_000, '1w': 604_800_000 },
}
const unitMonths: Readonly<Record<string, number>> = {
  ...{ month: 1, '1M': 1, quarter: 3, '1q': 3, year: 12, '1y': 12 },
}

/** The number of lines, or the sum (or number) of a field's values, in each `unit`; without one, in each bucket. */
export const rate: AggregationReader<MetricAggregation> = (settings, { path }) => {
  if (settings.script !== undefined) throw unsupported(`[script] in [${path}]`)
  const unit = settings.unit === undefined ? undefined : textOf(settings.unit, `${path}.unit`)
  if (unit !== undefined && unitMs[unit] === undefined && unitMonths[unit] === undefined)
    throw badValue(`${path}.unit`, unit, 'second, minute, hour, day, week, month, quarter or year')
  const mode = settings.mode === undefined ? 'sum' : textOf(settings.mode, `${path}.mode`)
  if (mode !== 'sum' && mode !== 'value_count') throw badValue(`${path}.mode`, mode, 'sum or value_count')
  const field = settings.field === undefined ? undefined : fieldNamed(textOf(settings.field, `${path}.field`)).field
  const missing = settings.missing === undefined ? {} : { missing: finiteNumber(settings.missing, `${path}.missing`) }
  const measures: LogMeasure[] =
    field === undefined ? [] : [{ kind: mode === 'sum' ? 'sum' : 'count', field, ...missing }]
  return {
    measures,
    answer(values, bucket) {
      if (bucket.span === undefined)
        throw fault(
          'illegal_argument_exception',
          'The rate aggregation can only be used inside a date histogram aggregation',
          { path },
        )
      const amount = field === undefined ? bucket.count : numberIn(values?.[0])
      return { value: unit === undefined ? amount : amount / unitsIn(bucket.span, unit, path) }
    },
    measureOf: () => measures[0],
  }
}

const numberIn = (value: LogGroupRow['values'][number] | undefined): number => (typeof value === 'number' ? value : 0)

function unitsIn({ fromMs, toMs }: BucketSpan, unit: string, path: string): number {
  const ms = unitMs[unit]
  if (ms !== undefined) return (toMs - fromMs) / ms
  // in a zone ahead of UTC a month begins on the day before: its middle lies in it wherever that is
  const months = Math.round((toMs - fromMs) / (30.436875 * 86_400_000))
  if (months < 1)
    throw fault(
      'illegal_argument_exception',
      `Cannot use month-based rate unit [${unit}] with this histogram, only week, day, hour, minute and second are supported for it`,
      { path },
    )
  return months / (unitMonths[unit] as number)
}
