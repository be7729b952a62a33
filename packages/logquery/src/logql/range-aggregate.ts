// Aggregations over ranges of lines: one pass over the lines in the order of time, none of them kept.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { Grouping, RangeAggregation } from './ast.ts'
import { compileLabelFilter } from './label-filter.ts'
import { checkCancelled, type LogQueryLimits, tooManyCells, tooManySeries } from './limits.ts'
import type { LineLabels } from './line-labels.ts'
import { compilePipeline, type SourceLine } from './pipeline.ts'
import { countPlanOf, wantedLabels } from './plan.ts'
import { foldOf, type RangeFold, type SeriesFold } from './range-folds.ts'
import { emptyRow, type Grid, hasPoints, type Row } from './rows.ts'
import { compileSelector } from './selector.ts'
import type { LineSource } from './source.ts'
import type { LineState } from './stage.ts'
import { compileUnwrap } from './unwrap.ts'
import { utf8Length } from './utf8-length.ts'

export interface MetricContext {
  readonly source: LineSource
  readonly grid: Grid
  readonly limits: LogQueryLimits
  readonly nowMs: () => number
  readonly signal: AbortSignal
}

/** `grouping`: the expression's own, or that of the sum around it. */
export async function evaluateRange(
  expr: RangeAggregation,
  grouping: Grouping | undefined,
  context: MetricContext,
): Promise<readonly Row[]> {
  const { grid, source, signal } = context
  const counted = await countBySource(expr, grouping, context)
  if (counted !== undefined) return counted
  const pass = expr.op === 'absent_over_time' ? new AbsentPass(expr, grid.steps) : new FoldPass(expr, grouping, context)
  const sample = compileSample(expr, grouping, context)
  const matches = compileSelector(expr.log.matchers)
  const { fromNs, toNs } = windowOf(expr, grid)
  const msOf = ceilMsFrom(fromNs, toNs)
  const sampled: Sampled = { first: 0, end: 0, value: 0, atMs: 0 }
  let formerNs = 0n
  for await (const batch of source.lines({ log: expr.log, fromNs, toNs, direction: 'forward' }, { signal })) {
    checkCancelled(signal)
    for (const line of batch) {
      if (line.timeNs < formerNs) throw new AppError('internal.bug', 'a source gave lines out of the order of time')
      formerNs = line.timeNs
      if (line.timeNs < fromNs || line.timeNs >= toNs || !matches(line.stream)) continue
      const atMs = msOf(line.timeNs) + expr.offsetMs
      sampled.first = Math.max(0, Math.ceil((atMs - grid.startMs) / grid.stepMs))
      sampled.end = Math.min(grid.steps, Math.ceil((atMs + expr.rangeMs - grid.startMs) / grid.stepMs))
      if (sampled.first >= sampled.end) continue
      const state = sample(line)
      if (state === undefined) continue
      sampled.atMs = atMs
      sampled.value = state.value
      pass.add(state.labels, sampled)
    }
  }
  return pass.finish()
}

/**
 * Times in whole ms, rounded up: a window is open at its start, so they compare right with its ends. In doubles, which are exact for 104 days from the
 * first line on; beyond that in bigints.
 */
function ceilMsFrom(fromNs: bigint, toNs: bigint): (timeNs: bigint) => number {
  if (toNs - fromNs > 9_000_000_000_000_000n) {
    return (timeNs) => Number(timeNs / 1_000_000n) + (timeNs % 1_000_000n > 0n ? 1 : 0)
  }
  const baseMs = Number(fromNs / 1_000_000n) - 1
  const baseNs = BigInt(baseMs) * 1_000_000n
  return (timeNs) => {
    const ns = Number(timeNs - baseNs)
    const ms = Math.floor(ns / 1e6)
    return baseMs + (ms * 1e6 < ns ? ms + 1 : ms)
  }
}

/** All lines that a step can need: after the first window's start, up to the last one's end. */
export function windowOf(
  { rangeMs, offsetMs }: RangeAggregation,
  { startMs, stepMs, steps }: Grid,
): { readonly fromNs: bigint; readonly toNs: bigint } {
  const endMs = startMs + (steps - 1) * stepMs
  return {
    fromNs: BigInt(Math.floor(startMs - offsetMs - rangeMs)) * 1_000_000n + 1n,
    toNs: BigInt(Math.floor(endMs - offsetMs)) * 1_000_000n + 1n,
  }
}

async function countBySource(
  expr: RangeAggregation,
  grouping: Grouping | undefined,
  { source, grid, signal, limits }: MetricContext,
): Promise<readonly Row[] | undefined> {
  const plan = source.counts === undefined ? undefined : countPlanOf(expr, grouping)
  if (plan === undefined) return undefined
  const endsMs = Float64Array.from({ length: grid.steps }, (_, i) => grid.startMs + i * grid.stepMs - expr.offsetMs)
  const { fromNs, toNs } = windowOf(expr, grid)
  const request = { log: expr.log, fromNs, toNs, endsMs, rangeMs: expr.rangeMs, what: plan.what, by: plan.by }
  const counted = await source.counts?.(request, { signal })
  if (counted === undefined) return undefined
  if (counted.length > limits.maxSeries) throw tooManySeries(limits.maxSeries)
  const divisor = plan.isRate ? expr.rangeMs / 1000 : 1
  return counted
    .map(({ labels, values }) => {
      const row = emptyRow(Labels.from(labels), grid.steps)
      for (let i = 0; i < grid.steps; i++) {
        if (Number.isNaN(values[i])) continue
        row.values[i] = values[i] / divisor
        row.present[i] = 1
      }
      return row
    })
    .filter(hasPoints)
}

/** The same object every time. */
interface SampleState {
  value: number
  readonly labels: LineLabels
}

/** What a line counts for: nothing where a stage drops it or it lacks the unwrapped label. An error that no filter took out ends the query. */
function compileSample(
  expr: RangeAggregation,
  grouping: Grouping | undefined,
  { nowMs }: MetricContext,
): (line: SourceLine) => SampleState | undefined {
  const pipeline = compilePipeline(expr.log, { nowMs, wanted: wantedLabels(expr, grouping) })
  const isBytes = expr.op === 'bytes_over_time' || expr.op === 'bytes_rate'
  const unwrap = expr.unwrap === undefined ? undefined : compileUnwrap(expr.unwrap)
  const filters = (expr.unwrap?.filters ?? []).map(compileLabelFilter)
  let sample: SampleState | undefined
  return (line) => {
    const state = pipeline.run(line)
    if (state === undefined) return undefined
    const value = unwrap === undefined ? (isBytes ? utf8Length(state.line) : 1) : unwrap(state.labels)
    if (value === undefined || !filters.every((filter) => filter(state.labels))) return undefined
    if (state.labels.error !== '') throw pipelineError(state)
    sample ??= { value, labels: state.labels }
    sample.value = value
    return sample
  }
}

function pipelineError({ labels }: LineState): AppError {
  const { error, errorDetails } = labels
  const details = errorDetails === '' ? '' : ` (${errorDetails})`
  return new AppError('query.execution', `pipeline error: '${error}'${details} for series: '${labels.toLabels()}'.`, {
    fix: `Use a label filter to skip this error, e.g. | __error__!="${error}"; several are skipped by e.g. | __error__="".`,
  })
}

/** A sample and the steps that it counts for; reused. */
interface Sampled {
  first: number
  end: number
  value: number
  atMs: number
}

interface OpenSeries {
  readonly labels: Labels
  readonly fold: SeriesFold
}

/** Series by rough keys that are remembered; more only cost time. */
const maxRoughKeys = 100_000

class FoldPass {
  readonly #fold: RangeFold
  readonly #grid: Grid
  readonly #limits: LogQueryLimits
  readonly #series = new Map<string, OpenSeries>()
  readonly #rough = new Map<string, OpenSeries>()
  readonly #grouping: Grouping | undefined
  readonly #by: readonly string[] | undefined
  readonly #without: ReadonlySet<string>
  #cells = 0

  constructor(expr: RangeAggregation, grouping: Grouping | undefined, { grid, limits }: MetricContext) {
    this.#grid = grid
    this.#limits = limits
    this.#grouping = grouping
    this.#by = grouping === undefined || grouping.without ? undefined : grouping.labels
    // the unwrapped label differs from line to line
    this.#without = new Set([
      ...(grouping?.without === true ? grouping.labels : []),
      ...(expr.unwrap === undefined ? [] : [expr.unwrap.name]),
    ])
    if (expr.op === 'absent_over_time') throw new AppError('internal.bug', 'absence is no fold')
    this.#fold = foldOf(expr.op, {
      rangeMs: expr.rangeMs,
      quantile: expr.param ?? 0,
      startMs: grid.startMs,
      stepMs: grid.stepMs,
    })
  }

  add(labels: LineLabels, { first, end, value, atMs }: Sampled): void {
    this.#seriesOf(labels).fold.add(first, end, value, atMs)
  }

  finish(): Row[] {
    const rows: Row[] = []
    for (const { labels, fold } of this.#series.values()) {
      const row = emptyRow(labels, this.#grid.steps)
      fold.finish(row.values, row.present)
      if (hasPoints(row)) rows.push(row)
    }
    return rows
  }

  #seriesOf(labels: LineLabels): OpenSeries {
    const rough = this.#by === undefined ? labels.roughKey() : this.#byKey(labels, this.#by)
    const known = this.#rough.get(rough)
    if (known !== undefined) return known
    const own = this.#labelsOf(labels)
    const key = own.key()
    const series = this.#series.get(key) ?? this.#open(key, own)
    if (this.#rough.size >= maxRoughKeys) this.#rough.clear()
    this.#rough.set(rough, series)
    return series
  }

  #byKey(labels: LineLabels, names: readonly string[]): string {
    if (names.length === 1) return labels.get(names[0]) ?? ''
    let key = ''
    for (const name of names) key += `${labels.get(name) ?? ''}\u0000`
    return key
  }

  #labelsOf(labels: LineLabels): Labels {
    if (this.#by !== undefined) return Labels.from(this.#by.map((name) => [name, labels.get(name) ?? ''] as const))
    const all = labels.toLabels()
    return this.#grouping === undefined && this.#without.size === 0 ? all : all.without(this.#without)
  }

  #open(key: string, labels: Labels): OpenSeries {
    if (this.#series.size >= this.#limits.maxSeries) throw tooManySeries(this.#limits.maxSeries)
    this.#spend(this.#fold.cellsPerStep * this.#grid.steps)
    const series = { labels, fold: this.#fold.create(this.#grid.steps, (cells) => this.#spend(cells)) }
    this.#series.set(key, series)
    return series
  }

  #spend(cells: number): void {
    this.#cells += cells
    if (this.#cells > this.#limits.maxCells) throw tooManyCells(this.#limits.maxCells)
  }
}

/** 1 at each step whose window has no sample, under the labels that the selector says equal something. */
class AbsentPass {
  readonly #row: Row

  constructor({ log }: RangeAggregation, steps: number) {
    const equal = new Map<string, string>()
    const several = new Set<string>()
    for (const { name, op, value } of log.matchers) {
      if (op === '=' && !equal.has(name)) equal.set(name, value)
      else several.add(name)
    }
    for (const name of several) equal.delete(name)
    this.#row = emptyRow(Labels.from(equal), steps)
    this.#row.values.fill(1)
    this.#row.present.fill(1)
  }

  add(_labels: LineLabels, { first, end }: Sampled): void {
    this.#row.present.fill(0, first, end)
  }

  finish(): Row[] {
    return hasPoints(this.#row) ? [this.#row] : []
  }
}
