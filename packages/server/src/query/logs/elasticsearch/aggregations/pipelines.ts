// Aggregations over the answers of others, bucket after bucket.
import { fault, unsupported } from '../fault.ts'
import { finiteNumber, isObject, type JsonObject, objectOf, textOf, wholeNumber } from '../request.ts'
import { parseExpression } from './expression.ts'
import { movingFunction, movingModel } from './moving.ts'
import type { AggregationPlace, AggregationReader, AggregationReaders, Answers, Pipeline } from './port.ts'

/** The name of the aggregation that a path begins with; undefined for `_count` and `_key`. */
const needOf = (path: string): string | undefined =>
  path.startsWith('_') ? undefined : (/^[^.>[]+/.exec(path)?.[0] ?? path)

/** The number that a path means in a bucket: `_count`, `1`, `1.avg`, `1[95]`, `1>2`; undefined where there is none. */
export function valueAt(bucket: Answers, path: string): number | undefined {
  if (path === '_count') return Number(bucket.doc_count)
  if (path === '_key') return typeof bucket.key === 'number' ? bucket.key : undefined
  const [head = '', ...rest] = path.split('>')
  if (rest.length > 0) {
    const inner = bucket[head]
    return isObject(inner) ? valueAt({ ...inner }, rest.join('>')) : undefined
  }
  const match = /^([^.[]+)(?:\.(.+)|\[(.+)\])?$/.exec(path)
  const answer = match === null ? undefined : bucket[match[1] as string]
  if (match === null || !isObject(answer)) return undefined
  return numberIn(answer, match[2] ?? match[3])
}

function numberIn(answer: JsonObject, property: string | undefined): number | undefined {
  const name = property ?? 'value'
  const values = isObject(answer.values) ? answer.values : {}
  const bounds = isObject(answer.std_deviation_bounds) ? answer.std_deviation_bounds : {}
  const found =
    answer[name] ?? values[name] ?? values[`${name}.0`] ?? bounds[name.replace(/^std_deviation_bounds\.|^std_/, '')]
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

function pathOf(settings: JsonObject, { path }: AggregationPlace): string {
  if (typeof settings.buckets_path === 'string' && settings.buckets_path !== '') return settings.buckets_path
  throw fault('illegal_argument_exception', `Required [buckets_path]`, { path })
}

const needs = (paths: readonly string[]): readonly string[] =>
  paths.map(needOf).filter((one): one is string => one !== undefined)

/** `reckon` gets the values of all buckets, with undefined where there is a gap. */
const overValues =
  (
    read: (
      settings: JsonObject,
      place: AggregationPlace,
    ) => (values: readonly (number | undefined)[], keys: readonly unknown[]) => readonly (object | undefined)[],
  ): AggregationReader<Pipeline> =>
  (settings, place) => {
    const path = pathOf(settings, place)
    const zeros = settings.gap_policy === 'insert_zeros'
    const reckon = read(settings, place)
    return {
      needs: needs([path]),
      reckon: (buckets) =>
        reckon(
          buckets.map((bucket) => gapless(bucket, path) ?? (zeros ? 0 : undefined)),
          buckets.map(({ key }) => key),
        ),
    }
  }

/** A bucket without lines has no value that means anything, except its count. */
const gapless = (bucket: Answers, path: string): number | undefined =>
  bucket.doc_count === 0 && path !== '_count' ? undefined : valueAt(bucket, path)

const valueOrNone = (value: number | undefined): object | undefined => (value === undefined ? undefined : { value })

const derivative = overValues((settings, { path }) => {
  const unitMs = settings.unit === undefined ? undefined : unitOf(settings.unit, `${path}.unit`)
  return (values, keys) => {
    let last: number | undefined
    let lastKey: unknown
    return values.map((value, i) => {
      const before = last
      const beforeKey = lastKey
      if (value === undefined) return undefined
      last = value
      lastKey = keys[i]
      if (before === undefined) return undefined
      const by = unitMs === undefined ? undefined : (Number(keys[i]) - Number(beforeKey)) / unitMs
      return { value: value - before, ...(by === undefined ? {} : { normalized_value: (value - before) / by }) }
    })
  }
})

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

function unitOf(value: unknown, path: string): number {
  const match = /^(\d{0,9})(ms|s|m|h|d|w)$/.exec(textOf(value, path))
  if (match === null) throw unsupported(`the unit [${String(value).slice(0, 20)}] of [${path}]`)
  return (units[match[2] as string] as number) * Number(match[1] === '' ? 1 : match[1])
}

const cumulativeSum = overValues(() => (values) => {
  let sum = 0
  return values.map((value) => {
    sum += value ?? 0
    return { value: sum }
  })
})

const serialDiff = overValues((settings, { path }) => {
  const lag = wholeNumber(settings.lag ?? 1, `${path}.lag`, 1)
  return (values) =>
    values.map((value, i) => {
      const before = values[i - lag]
      return valueOrNone(value === undefined || before === undefined ? undefined : value - before)
    })
})

/** The window lies before the bucket; `shift` moves it forward. */
const moving = (
  values: readonly (number | undefined)[],
  { window, shift }: { readonly window: number; readonly shift: number },
  of: (window: readonly number[]) => number,
): readonly (object | undefined)[] => {
  return values.map((value, i) => {
    if (value === undefined) return undefined
    const seen = values
      .slice(Math.max(0, i - window + shift), Math.max(0, i + shift))
      .filter((one) => one !== undefined)
    const result = of(seen)
    return { value: Number.isFinite(result) ? result : null }
  })
}

const movingFn = overValues((settings, { path }) => {
  const window = wholeNumber(settings.window, `${path}.window`, 1)
  const shift = settings.shift === undefined ? 0 : finiteNumber(settings.shift, `${path}.shift`)
  const of = movingFunction(scriptText(settings.script, `${path}.script`))
  return (values) => moving(values, { window, shift: Math.trunc(shift) }, of)
})

const movingAvg = overValues((settings, { path }) => {
  const window = wholeNumber(settings.window ?? 5, `${path}.window`, 1)
  const model = settings.model === undefined ? 'simple' : textOf(settings.model, `${path}.model`)
  const of = movingModel(model, objectOf(settings.settings ?? {}, `${path}.settings`))
  return (values) => moving(values, { window, shift: 1 }, of)
})

function scriptText(value: unknown, path: string): string {
  if (!isObject(value)) return textOf(value, path)
  const { lang } = value
  if (lang !== undefined && lang !== 'painless' && lang !== 'expression')
    throw unsupported(`scripts in [${String(lang).slice(0, 40)}]`)
  return textOf(value.source ?? value.inline, path)
}

const bucketScript: AggregationReader<Pipeline> = (settings, { path }) => {
  const given = settings.buckets_path
  const paths = Object.entries(
    typeof given === 'string' ? { _value: given } : objectOf(given, `${path}.buckets_path`),
  ).map(([name, one]) => [name, textOf(one, `${path}.buckets_path.${name}`)] as const)
  const script = settings.script
  const own = isObject(script) && isObject(script.params) ? script.params : {}
  const fixed = Object.entries(own).map(
    ([name, value]) => [name, finiteNumber(value, `${path}.script.params.${name}`)] as const,
  )
  const expression = parseExpression(scriptText(script, `${path}.script`))
  const zeros = settings.gap_policy === 'insert_zeros'
  return {
    needs: needs(paths.map(([, one]) => one)),
    reckon: (buckets) =>
      buckets.map((bucket) => {
        const values = paths.map(([name, one]) => [name, gapless(bucket, one) ?? (zeros ? 0 : undefined)] as const)
        if (values.some(([, value]) => value === undefined)) return undefined
        const value = expression(
          Object.fromEntries([...fixed, ...values.map(([name, one]) => [name, one ?? 0] as const)]),
        )
        return { value: Number.isFinite(value) ? value : null }
      }),
  }
}

export const pipelineReaders: AggregationReaders<Pipeline> = {
  derivative,
  bucket_script: bucketScript,
  cumulative_sum: cumulativeSum,
  serial_diff: serialDiff,
  moving_fn: movingFn,
  moving_avg: movingAvg,
}
