// info: puts the labels of info metrics (target_info) on series with the same job and instance. Rules: promql/info.go.
import { Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import { compileLabelRegex } from '@tidewatch/core/regexp.ts'
import { isStaleAt } from '@tidewatch/core/stale.ts'
import type { CallExpr, Expr } from '../ast.ts'
import { type Evaluator, executionError } from '../evaluate/evaluator.ts'
import type { Grid } from '../evaluate/grid.ts'
import { infoReference } from '../evaluate/info-reference.ts'
import { infoMatchersOf } from '../evaluate/plan-selects.ts'
import { absent, createRow, emit, type Row, type RowSink } from '../evaluate/row.ts'
import { GrowingSampleBuffer, wordsOf } from '../evaluate/sample-buffer.ts'
import type { FunctionDefinition, VectorFunction } from './definition.ts'

const identifyingLabels = ['instance', 'job'] as const

/** Whether a label value meets a matcher. */
function matcherTest({ op, value }: Matcher): (text: string) => boolean {
  switch (op) {
    case '=':
      return (text) => text === value
    case '!=':
      return (text) => text !== value
    case '=~':
      return compileLabelRegex(value)
    case '!~': {
      const matches = compileLabelRegex(value)
      return (text) => !matches(text)
    }
  }
}

/** An info series, and at which steps it counts: where its newest sample lies, in ms, or NaN. */
interface InfoSeries {
  readonly labels: Labels
  readonly sampleMs: Float64Array
}

/** What marks the series that belong together, for one info metric. */
const signatureOf = (metric: string, labels: Labels): string =>
  [metric, ...identifyingLabels.map((name) => labels.get(name))].join('\u0000')

function readInfoSeries(ev: Evaluator, call: CallExpr, grid: Grid): Map<string, InfoSeries[]> {
  const selected = ev.series(call)
  const buffer = new GrowingSampleBuffer()
  const referenceMs = referenceTimesOf(ev, call, grid)
  const bySignature = new Map<string, InfoSeries[]>()
  for (let s = 0; s < selected.count; s++) {
    selected.read(s, buffer)
    ev.budget.spendRead(buffer.length)
    const labels = selected.labels(s)
    const series = { labels, sampleMs: newestSampleTimes(buffer, referenceMs, ev.lookbackMs) }
    series.sampleMs.forEach((atMs, step) => {
      if (!Number.isNaN(atMs)) ev.counts?.add(step, 1)
    })
    if (buffer.histograms?.some((h) => h !== undefined) === true) {
      throw executionError(`this should be an info metric, with float samples: ${labels.toString()}`, call)
    }
    const signature = signatureOf(labels.get(metricNameLabel), labels)
    const same = bySignature.get(signature)
    if (same === undefined) bySignature.set(signature, [series])
    else same.push(series)
  }
  return bySignature
}

/** For each step the moment as of which info series count. */
function referenceTimesOf(ev: Evaluator, call: CallExpr, grid: Grid): Float64Array {
  const reference = infoReference(call.args[0] as Expr, ev.times)
  if (reference === undefined) return grid.timesMs
  return grid.timesMs.map((atMs) => ('atMs' in reference ? reference.atMs : atMs - reference.offsetMs))
}

function newestSampleTimes(buffer: GrowingSampleBuffer, referenceMs: Float64Array, lookbackMs: number): Float64Array {
  const words = wordsOf(buffer.values)
  let last = -1
  return referenceMs.map((atMs) => {
    while (last + 1 < buffer.length && (buffer.timesMs[last + 1] as number) <= atMs) last++
    const found = last >= 0 && (buffer.timesMs[last] as number) > atMs - lookbackMs && !isStaleAt(words, last)
    return found ? (buffer.timesMs[last] as number) : Number.NaN
  })
}

/** Of info series with one signature the one with the newest sample counts; two as new as each other are an error. */
function currentInfo(candidates: readonly InfoSeries[], step: number): Labels | undefined {
  let best: InfoSeries | undefined
  for (const candidate of candidates) {
    const sampleMs = candidate.sampleMs[step] as number
    if (Number.isNaN(sampleMs)) continue
    const bestMs = best?.sampleMs[step] as number
    if (best !== undefined && bestMs === sampleMs) {
      throw executionError(
        `found duplicate series for info metric: existing ${best.labels.toString()} @ ${bestMs}, new ${candidate.labels.toString()} @ ${sampleMs}`,
      )
    }
    if (best === undefined || sampleMs > bestMs) best = candidate
  }
  return best?.labels
}

interface InfoQuery {
  readonly bySignature: ReadonlyMap<string, readonly InfoSeries[]>
  readonly metrics: readonly string[]
  /** Labels that may be taken over; undefined for all. */
  readonly wanted: ReadonlySet<string> | undefined
  /** Whether a series without any info may stay: no matcher asks for a value. */
  readonly optional: boolean
}

/** The labels that a series gets at a step; undefined where it is to be left out. */
function enrich(base: Labels, query: InfoQuery, step: number): Labels | undefined {
  const added = new Map<string, string>()
  let matched = false
  const isIdentified = identifyingLabels.some((name) => base.has(name))
  for (const metric of isIdentified ? query.metrics : []) {
    const info = currentInfo(query.bySignature.get(signatureOf(metric, base)) ?? [], step)
    if (info === undefined) continue
    matched = true
    for (const [name, value] of info.entries()) {
      if (name === metricNameLabel || query.wanted?.has(name) === false) continue
      const before = added.get(name)
      if (before !== undefined && before !== value) throw executionError(`conflicting label: ${name}`)
      if (!base.has(name)) added.set(name, value)
    }
  }
  if (!matched && !query.optional) return undefined
  return added.size === 0 ? base : Labels.from([...base.entries(), ...added])
}

/** Info may change over the steps, so one series can come out as several. */
function emitEnriched(row: Row, query: InfoQuery, sink: RowSink): void {
  const parts = new Map<string, Row>()
  for (let i = 0; i < row.present.length; i++) {
    if (row.present[i] === absent) continue
    const labels = enrich(row.labels, query, i)
    if (labels === undefined) continue
    let part = parts.get(labels.key())
    if (part === undefined) {
      part = createRow(labels, row.present.length)
      part.dropName = row.dropName
      part.histograms = row.histograms?.slice()
      parts.set(labels.key(), part)
    }
    part.values[i] = row.values[i] as number
    part.present[i] = row.present[i] as number
  }
  for (const part of parts.values()) emit(part, sink)
}

const info: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid, sink) => {
    const matchers = infoMatchersOf(call)
    const nameTests = matchers.filter((m) => m.name === metricNameLabel).map(matcherTest)
    const dataMatchers = matchers.filter((m) => m.name !== metricNameLabel)
    const bySignature = readInfoSeries(ev, call, grid)
    const query: InfoQuery = {
      bySignature,
      metrics: [...new Set([...bySignature.keys()].map((key) => key.slice(0, key.indexOf('\u0000'))))],
      wanted: dataMatchers.length === 0 ? undefined : new Set(dataMatchers.map((m) => m.name)),
      optional: dataMatchers.every((m) => matcherTest(m)('')),
    }
    ev.rows(call.args[0] as Expr, grid, (row) => {
      // info series themselves stay as they are
      const name = row.labels.get(metricNameLabel)
      if (nameTests.every((test) => test(name))) sink(row)
      else emitEnriched(row, query, sink)
    })
  },
}

export const infoFunctions = { info } as const satisfies Record<string, FunctionDefinition>
