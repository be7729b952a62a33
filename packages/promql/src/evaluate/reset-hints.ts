// What a histogram tells of a counter reset before it. Prometheus's storage knows of no reset for certain, only of samples that follow without one; where a
// query wants count and sum alone, its engine looks for resets while it reads. Rules: tsdb/chunkenc/histogram_meta.go, promql/histogram_stats_iterator.go.
import type { BinaryOp, Expr, VectorSelector } from '../ast.ts'
import { children } from '../children.ts'
import { detectReset, withHint } from '../native/arithmetic.ts'
import type { SampleBuffer } from '../port.ts'

const readsStats: ReadonlySet<string> = new Set(['histogram_count', 'histogram_sum', 'histogram_avg'])
const readsBuckets: ReadonlySet<string> = new Set([
  'histogram_quantile',
  'histogram_quantiles',
  'histogram_fraction',
  'histogram_stddev',
  'histogram_stdvar',
])
const trims: ReadonlySet<BinaryOp> = new Set<BinaryOp>(['</', '>/'])

/** The selectors of whose histograms nothing but count and sum is wanted. */
export function selectorsOfStats(expr: Expr): ReadonlySet<VectorSelector> {
  const found = new Set<VectorSelector>()
  collect(expr, { stats: false, buckets: false }, found)
  return found
}

interface Around {
  readonly stats: boolean
  readonly buckets: boolean
}

function collect(expr: Expr, around: Around, found: Set<VectorSelector>): void {
  if (expr.kind === 'vector_selector' && around.stats && !around.buckets) found.add(expr)
  const inside = withinOf(expr, around)
  for (const child of children(expr)) collect(child, inside, found)
}

function withinOf(expr: Expr, around: Around): Around {
  // what lies between a subquery's steps is not seen, so resets are told by the buckets
  if (expr.kind === 'subquery' || (expr.kind === 'binary' && trims.has(expr.op))) return { ...around, buckets: true }
  if (expr.kind !== 'call') return around
  return {
    stats: around.stats || readsStats.has(expr.func),
    buckets: around.buckets || readsBuckets.has(expr.func),
  }
}

/** Puts into the histograms of a series what is known of resets before them; `stats` where only count and sum of them are wanted. */
export function settleResetHints(buffer: SampleBuffer, stats: boolean): void {
  const { histograms, length } = buffer
  if (histograms === undefined) return
  let before: (typeof histograms)[number]
  for (let i = 0; i < length; i++) {
    const value = histograms[i]
    if (value === undefined) continue
    const { counterResetHint } = value
    if (counterResetHint !== 'gauge' && stats && before !== undefined) {
      const isReset = detectReset(withHint(value, 'unknown'), before)
      histograms[i] = withHint(value, isReset ? 'reset' : 'not_reset')
    } else if (counterResetHint === 'reset') histograms[i] = withHint(value, 'unknown')
    before = value
  }
}
