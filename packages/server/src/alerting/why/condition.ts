// A rule's query at one moment, with its value beside what it is compared with.
import type { AlertWhy } from '@tidewatch/api/alert-why.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import { printNumber } from '@tidewatch/promql/print.ts'
import type { QueryService, VectorSample } from '../../query/port.ts'
import { type Comparison, comparisonOf, holds } from './comparison.ts'
import type { Asker, KnownRule } from './parts.ts'
import { shownComparison } from './samples.ts'

export interface Condition {
  readonly shown: AlertWhy['condition']
  /** The whole condition gives samples. */
  readonly isTrue: boolean
  /** Parts of the condition beside the comparison. */
  readonly beside: readonly string[]
}

const mostSeries = 50
const timeoutMs = 20_000

/** Never throws for a query that fails: the answer says what failed. */
export async function conditionAt(
  { rule, queryOffsetMs }: KnownRule,
  { atMs, fits }: { readonly atMs: number; readonly fits: (labels: Labels) => boolean },
  queries: Pick<QueryService, 'vector'>,
  asker: Asker,
): Promise<Condition> {
  const comparison = comparisonOf(rule.expr)
  const ask = (query: string) => queries.vector({ query, atMs: atMs - queryOffsetMs, timeoutMs, ...asker })
  const base = {
    query: comparison?.value ?? rule.expr,
    ...(comparison === undefined ? {} : { comparison: shownComparison(comparison) }),
  }
  const beside = comparison?.beside ?? []
  try {
    const whole = (await ask(rule.expr)).filter(({ labels }) => fits(labels))
    const rows = comparison === undefined ? whole.map(plainRow) : await compared(comparison, { whole, ask, fits })
    rows.sort((a, b) => Number(b.holds) - Number(a.holds) || a.distance - b.distance)
    const series = rows.slice(0, mostSeries).map(({ distance: _, ...row }) => row)
    return { shown: { ...base, series, count: rows.length }, isTrue: whole.length > 0, beside }
  } catch (error) {
    asker.signal.throwIfAborted()
    return { shown: { ...base, series: [], count: 0, failure: AppError.from(error).message }, isTrue: false, beside }
  }
}

type Row = AlertWhy['condition']['series'][number] & { readonly distance: number }

const plainRow = ({ labels, value }: VectorSample): Row => ({
  ...{ labels: labels.toObject(), value: printNumber(value), holds: true, distance: 0 },
})

async function compared(
  comparison: Comparison,
  parts: {
    readonly whole: readonly VectorSample[]
    readonly ask: (query: string) => Promise<readonly VectorSample[]>
    readonly fits: (labels: Labels) => boolean
  },
): Promise<Row[]> {
  const values = (await parts.ask(comparison.value)).filter(({ labels }) => parts.fits(labels))
  const thresholds = await parts.ask(comparison.threshold)
  const [only] = thresholds
  const byKey = new Map(thresholds.map((one) => [comparison.keyOf(one.labels), one.value]))
  return values.map(({ labels, value }) => {
    const isNumber = thresholds.length === 1 && only !== undefined && only.labels.size === 0
    const threshold = isNumber ? only.value : byKey.get(comparison.keyOf(labels))
    const isPassed = threshold !== undefined && holds(value, comparison.operator, threshold)
    const isWhole = comparison.beside.length === 0 || parts.whole.some((one) => isPartOf(one.labels, labels))
    return {
      ...{ labels: labels.toObject(), value: printNumber(value), holds: isPassed && isWhole },
      ...(threshold === undefined ? {} : { threshold: printNumber(threshold) }),
      distance: threshold === undefined ? Number.POSITIVE_INFINITY : Math.abs(value - threshold),
    }
  })
}

/** What the whole condition gives has the labels of its left side, or fewer. */
function isPartOf(some: Labels, all: Labels): boolean {
  for (const [name, value] of some.entries()) if (name !== metricNameLabel && all.get(name) !== value) return false
  return true
}
