// Numbers around a decision: what a rule looked at, step by step, beside what it compared it with.
import type { AlertSamples } from '@tidewatch/api/alert-why.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import type { MatrixSeries } from '../../query/port.ts'
import { type Comparison, comparisonOf } from './comparison.ts'
import type { Asker, KnownRule, WhyParts } from './parts.ts'

const mostSteps = 240
const mostSeries = 5
const timeoutMs = 20_000

export interface SampleSpan {
  readonly fromMs: number
  readonly toMs: number
  /** Only series that can be of such an alert. */
  readonly fits: (labels: Labels) => boolean
}

/** Never throws for a query that fails: the answer says why there are no numbers. */
export async function samplesAround(
  { rule, intervalMs, queryOffsetMs }: KnownRule,
  { fromMs, toMs, fits }: SampleSpan,
  { queries }: Pick<WhyParts, 'queries'>,
  asker: Asker,
): Promise<AlertSamples> {
  const comparison = comparisonOf(rule.expr)
  const query = comparison?.value ?? rule.expr
  const stepMs = intervalMs * Math.max(1, Math.ceil((toMs - fromMs) / intervalMs / mostSteps))
  const endMs = Math.floor(toMs / stepMs) * stepMs
  const startMs = endMs - Math.ceil((endMs - fromMs) / stepMs) * stepMs
  const steps = (endMs - startMs) / stepMs + 1
  const span = { startMs: startMs - queryOffsetMs, endMs: endMs - queryOffsetMs, stepMs, timeoutMs, ...asker }
  const shown = {
    ...{ query, startMs, endMs, stepMs },
    ...(comparison === undefined ? {} : { comparison: shownComparison(comparison) }),
  }
  try {
    const all = await queries.matrix({ query, ...span })
    const found = all.series.filter(({ labels }) => fits(labels)).slice(0, mostSeries)
    const other =
      comparison === undefined ? [] : (await queries.matrix({ query: comparison.threshold, ...span })).series
    const thresholds = comparison === undefined ? undefined : thresholdsBy(comparison, other, steps)
    const series = found.map((one) => {
      const beside = thresholds?.(one.labels)
      return {
        labels: one.labels.toObject(),
        values: dense(one, steps),
        ...(beside === undefined ? {} : { thresholds: beside }),
      }
    })
    return { ...shown, series }
  } catch (error) {
    asker.signal.throwIfAborted()
    return { ...shown, series: [], failure: AppError.from(error).message }
  }
}

export const shownComparison = ({ operator, threshold }: Comparison) => ({ operator, threshold })

function thresholdsBy(
  { keyOf }: Comparison,
  series: readonly MatrixSeries[],
  steps: number,
): (labels: Labels) => (number | null)[] | undefined {
  const [only] = series
  // a number stands beside every series
  if (series.length === 1 && only !== undefined && only.labels.size === 0) {
    const values = dense(only, steps)
    return () => values
  }
  const byKey = new Map(series.map((one) => [keyOf(one.labels), one]))
  return (labels) => {
    const found = byKey.get(keyOf(labels))
    return found === undefined ? undefined : dense(found, steps)
  }
}

/** By step; null where there is no value. */
function dense({ runs, values }: MatrixSeries, steps: number): (number | null)[] {
  const all = new Array<number | null>(steps).fill(null)
  let place = 0
  for (let i = 0; i < runs.length; i += 2)
    for (let step = runs[i] as number; step < (runs[i + 1] as number); step++) {
      const value = values[place++] as number
      all[step] = Number.isFinite(value) ? value : null
    }
  return all
}

/** Whether a series of a rule's query can be behind an alert of these labels; those that the rule gives itself say nothing. */
export function canBeBehind(
  wanted: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): (labels: Labels) => boolean {
  return (labels) => {
    for (const [name, value] of labels.entries()) {
      if (name === metricNameLabel || Object.hasOwn(given, name)) continue
      if (Object.hasOwn(wanted, name) && wanted[name] !== value) return false
    }
    return true
  }
}
