// How unit tests write samples: `up{job="api"}` and `1+2x3 _x2 stale {{count:1 sum:2 buckets:[1]}}`.
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
import { Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { add, subtract } from '@tidewatch/promql/native/arithmetic.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { notationError, parseHistogram, parseSampleNumber } from './histogram-notation.ts'

/** One step of a series; undefined is a gap. */
export type WrittenValue = number | 'stale' | FloatHistogram | undefined

/** Steps of one series: about 19 years of minutes. */
const maxSteps = 10_000_000

const histogram = String.raw`\{\{([^{}]*)\}\}`
const number = String.raw`(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[iI][nN][fF]|[nN][aA][nN]`
const gapPattern = /^_(?:x(\d+))?$/
const numberPattern = new RegExp(`^([+-]?(?:${number}))(?:([+-](?:${number}))?x(\\d+))?$`)
const histogramPattern = new RegExp(`^${histogram}(?:(?:([+-])${histogram})?x(\\d+))?$`)
const itemPattern = /(?:\{\{[^{}]*\}\}|[^\s{}])+/y

/** The labels of a series as it is written, with its name; empty text means no labels. Throws `query.parse`. */
export function parseSeries(text: string): Labels {
  const trimmed = text.trim()
  if (trimmed === '' || /^\{\s*\}$/.test(trimmed)) return Labels.empty
  const bare = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*\{\s*\}$/.exec(trimmed)?.[1]
  const expr = parse(bare ?? completed(trimmed))
  if (expr.kind !== 'vector_selector' || expr.offset !== undefined || expr.at !== undefined)
    throw notationError(`${JSON.stringify(trimmed)} is not a series. Write a name, labels, or both`)
  const pairs: [string, string][] = []
  for (const { name, op, value } of expr.matchers) {
    if (op !== '=') throw notationError(`unexpected ${JSON.stringify(op)} in a series, expected "="`)
    pairs.push([name, value])
  }
  return Labels.from(pairs)
}

/** A selector needs a matcher that is not empty, a series does not: `{a=""}` is the series without labels. */
function completed(text: string): string {
  return text.startsWith('{') && /^\{\s*\w+\s*=\s*""\s*,?\s*\}$/.test(text) ? metricNameLabel : text
}

/** The values of a series, one for each step from the first on. Throws `query.parse`. */
export function parseValues(text: string): WrittenValue[] {
  const values: WrittenValue[] = []
  for (const item of itemsOf(text)) {
    for (const value of valuesOf(item)) {
      if (values.length >= maxSteps) throw notationError(`more than ${maxSteps} values in a series`)
      values.push(value)
    }
  }
  return values
}

function* itemsOf(text: string): Generator<string> {
  let at = 0
  for (;;) {
    while (/\s/.test(text.charAt(at))) at++
    if (at >= text.length) return
    itemPattern.lastIndex = at
    const item = itemPattern.exec(text)?.[0]
    if (item === undefined) throw notationError(`unexpected ${JSON.stringify(text.slice(at))} in series values`)
    yield item
    at += item.length
  }
}

function valuesOf(item: string): Iterable<WrittenValue> {
  if (item === 'stale') return ['stale']
  const gap = gapPattern.exec(item)
  if (gap !== null) return repeat(Number(gap[1] ?? 1))
  const match = numberPattern.exec(item)
  if (match !== null) {
    const [, base, step = '0', times = '0'] = match
    return sequence(parseSampleNumber(base as string) ?? Number.NaN, parseSampleNumber(step) ?? 0, Number(times))
  }
  const native = histogramPattern.exec(item)
  if (native !== null) {
    const [, base, sign = '', step, times = '0'] = native
    return histogramSequence(
      parseHistogram(base as string),
      step === undefined ? undefined : { sign, by: parseHistogram(step) },
      Number(times),
    )
  }
  throw notationError(`unexpected ${JSON.stringify(item)} in series values, expected number or "stale"`)
}

function* repeat(count: number): Generator<undefined> {
  for (let i = 0; i < count; i++) yield undefined
}

function* sequence(base: number, step: number, times: number): Generator<number> {
  let value = base
  for (let i = 0; i <= times; i++) {
    yield value
    value += step
  }
}

function* histogramSequence(
  base: FloatHistogram,
  step: { readonly sign: string; readonly by: FloatHistogram } | undefined,
  times: number,
): Generator<FloatHistogram> {
  let value = base
  yield value
  for (let i = 0; i < times; i++) {
    if (step !== undefined) {
      const next = step.sign === '+' ? add(value, step.by) : subtract(value, step.by)
      if (!next.ok) throw notationError('error combining histograms: their buckets do not fit together')
      // the sum of two is a gauge to the evaluator; what is written is the next state of the same counter
      value = { ...next.value, counterResetHint: base.counterResetHint }
    }
    yield value
  }
}
