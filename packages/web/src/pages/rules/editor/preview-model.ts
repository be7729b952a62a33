// What a rule's preview draws: its value, what it is held against, and when it would have fired. No React here.
import type { MatrixSeries } from '@tidewatch/api/prometheus.ts'
import type { CheckedRule } from '@tidewatch/api/rules.ts'
import type { ChartLimit, ChartSpan } from '../../../charts/plot.ts'
import type { ChartGrid } from '../../../charts/series.ts'
import { unitOfQuery } from '../../../charts/unit-of-query.ts'
import { formatSeconds, formatValue } from '../../../ui/units.ts'
import { type Comparison, splitComparison } from '../../alerts/comparison.ts'

export interface PreviewPlan {
  /** What is drawn. */
  readonly measured: string
  /** The number at the end of the condition, where it ends with one. */
  readonly comparison: Comparison | undefined
  /** Further lines: the edges of a band, the usual value. */
  readonly others: readonly { readonly name: string; readonly query: string }[]
}

const maxOthers = 3

/** The value of a rule that says which it is; the left side of a comparison; else the condition itself, there where it holds. */
export function planPreview({ query, data = [] }: Pick<CheckedRule, 'query' | 'data'>): PreviewPlan {
  const comparison = splitComparison(query)
  if (comparison !== undefined) return { measured: comparison.measured, comparison, others: [] }
  const current = data.find(({ name }) => name === 'current') ?? (data.length === 1 ? data[0] : undefined)
  if (current === undefined) return { measured: query, comparison: undefined, others: [] }
  const others = data
    .filter(
      ({ name }) =>
        name === 'lower' || name === 'upper' || name === 'usual' || name === 'baseline' || name === 'forecast',
    )
    .slice(0, maxOthers)
    .map(({ name, expr }) => ({ name, query: expr }))
  return { measured: current.expr, comparison: undefined, others }
}

/** The limits of all rules of the text that hold the same value against a number. */
export function limitsOf(rules: readonly CheckedRule[], measured: string): ChartLimit[] {
  const unit = unitOfQuery(measured)
  return rules.flatMap(({ query, labels }) => {
    const comparison = splitComparison(query)
    if (comparison === undefined || comparison.measured !== measured) return []
    const { operator, limit } = comparison
    const severity = labels.severity === undefined ? 'limit' : labels.severity
    return [
      {
        value: limit,
        name: `${severity} ${operator} ${formatValue(limit, unit)}`,
        tone: severity === 'critical' || severity === 'limit' ? ('crit' as const) : ('warn' as const),
      },
    ]
  })
}

/** One alert: its condition held from `startMs`, it fired from `firesMs` (undefined: it never waited long enough) to `endMs`. */
export interface Firing {
  readonly startMs: number
  readonly firesMs: number | undefined
  readonly endMs: number
  /** The condition held still when the range was over. */
  readonly isOpen: boolean
}

/** Every step with a value is a step at which the condition held. As exact as the step. */
export function firingsOf(
  condition: readonly MatrixSeries[],
  { stepMs, endMs }: ChartGrid,
  { forMs = 0, keepFiringForMs = 0 }: Pick<CheckedRule, 'forMs' | 'keepFiringForMs'>,
): Firing[] {
  return condition.flatMap(({ values = [] }) => {
    const firings: Firing[] = []
    let [fromMs, lastMs] = [Number.NaN, Number.NaN]
    const close = () => {
      if (Number.isNaN(fromMs)) return
      const isOpen = lastMs + stepMs > endMs
      const firesMs = lastMs - fromMs >= forMs ? fromMs + forMs : undefined
      const overMs = firesMs === undefined ? lastMs + stepMs : lastMs + stepMs + keepFiringForMs
      firings.push({ startMs: fromMs, firesMs, endMs: Math.min(overMs, endMs), isOpen })
    }
    for (const [seconds] of values) {
      const atMs = seconds * 1000
      const isFiring = lastMs - fromMs >= forMs
      if (!(atMs - lastMs <= stepMs * 1.5 + (isFiring ? keepFiringForMs : 0))) {
        close()
        fromMs = atMs
      }
      lastMs = atMs
    }
    close()
    return firings
  })
}

/** Tints behind the data: where anything fired, and where something waited and nothing fired. */
export function spansOf(firings: readonly Firing[]): ChartSpan[] {
  const fired = merged(
    firings.flatMap(({ firesMs, endMs }) => (firesMs === undefined ? [] : [[firesMs, endMs] as const])),
  )
  const waited = merged(firings.map(({ startMs, firesMs, endMs }) => [startMs, firesMs ?? endMs] as const))
  return [
    ...waited.map(([startMs, endMs]): ChartSpan => ({ startMs, endMs, tone: 'warn' })),
    ...fired.map(([startMs, endMs]): ChartSpan => ({ startMs, endMs, tone: 'crit' })),
  ].filter((span) => span.endMs > span.startMs)
}

function merged(spans: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const out: [number, number][] = []
  for (const [startMs, endMs] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = out.at(-1)
    if (last !== undefined && startMs <= last[1]) last[1] = Math.max(last[1], endMs)
    else out.push([startMs, endMs])
  }
  return out
}

/** `2 alerts would fire now. In this range alerts fired 5 times, for 12 min at the longest.` */
export function firingWords(firings: readonly Firing[]): string {
  const fired = firings.filter(({ firesMs }) => firesMs !== undefined)
  const now = fired.filter(({ isOpen }) => isOpen).length
  const waiting = firings.filter(({ firesMs, isOpen }) => firesMs === undefined && isOpen).length
  const head =
    now > 0
      ? `${now === 1 ? '1 alert' : `${now} alerts`} would fire at the end of this range.`
      : waiting > 0
        ? `${waiting === 1 ? '1 alert' : `${waiting} alerts`} would be pending at the end of this range.`
        : 'Nothing would fire at the end of this range.'
  if (fired.length === 0) {
    const short = firings.length - waiting
    const spared =
      short === 0
        ? ''
        : ` ${short === 1 ? 'Once the condition held' : `${short} times the condition held`}, but not for long enough.`
    return `${head} Nothing fired in it.${spared}`
  }
  const longest = Math.max(...fired.map(({ firesMs = 0, endMs }) => endMs - firesMs))
  const times = fired.length === 1 ? 'once' : `${fired.length} times`
  return `${head} In it alerts fired ${times}, for ${formatSeconds(longest / 1000)} at the longest.`
}
