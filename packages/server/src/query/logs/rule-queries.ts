// Rules that ask logs, answered where rules ask: by the text of the expression. Live and over the past, in one evaluator with the others.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { severityWord } from '@tidewatch/core/log-severity.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { recordFields } from '@tidewatch/logquery/fields.ts'
import { labelName } from '@tidewatch/logquery/logql/line-labels.ts'
import { isLogRule, type LogCount, parseLogRule, unwrapLogql } from '@tidewatch/logquery/rule-expression.ts'
import type { EvaluateResult } from '@tidewatch/promql/evaluate/result.ts'
import type { FieldOfLog } from '../../store/port.ts'
import { resultToJson } from '../json.ts'
import type { Matrix, MatrixRequest, MatrixSeries, QueryService, VectorSample } from '../port.ts'
import type { LogQueries } from './log-queries.ts'
import { countGroups, type GroupedLabel } from './loki/counts.ts'
import { clampNs } from './loki/line-source.ts'
import { createLogqlQueries, type LogqlQueries } from './loki/logql-queries.ts'

export interface RuleQueriesOptions {
  readonly queries: QueryService
  readonly logs: Pick<LogQueries, 'reader' | 'parse' | 'projects'>
  readonly clock: Clock
}

/** Times at which a rule is asked, equally spaced. */
interface Steps {
  readonly startMs: number
  readonly stepMs: number
  readonly steps: number
  readonly projects: readonly ProjectId[]
  readonly signal: AbortSignal
}

/** A series at each of the steps; NaN where it is not there. */
interface SteppedSeries {
  readonly labels: Labels
  readonly values: Float64Array
}

const maxSteps = 11_000
const defaultTimeoutMs = 120_000

/** PromQL's queries, which answer rules on logs too: as Prometheus answers, for the page and for who draws charts. */
export function createRuleQueries({ queries, logs, clock }: RuleQueriesOptions): QueryService {
  const logql = createLogqlQueries({ reader: logs.reader, clock })
  const ask = async (
    text: string,
    request: Pick<MatrixRequest, 'projects' | 'signal' | 'timeoutMs'>,
    grid: Pick<Steps, 'startMs' | 'stepMs' | 'steps'>,
  ) => {
    using limit = timeLimit(clock, request)
    const projects = logs.projects(request.projects === 'all' ? 'all' : [...request.projects])
    const steps = { ...grid, projects, signal: limit.signal }
    const rule = parseLogRule(text)
    if (rule.kind === 'count') return countSteps(rule, logs, steps)
    return metricSteps(logql, text, steps)
  }
  return {
    async instant(request) {
      if (!isLogRule(request.query)) return queries.instant(request)
      const { atMs, limit = 0 } = request
      const series = await ask(request.query, request, { startMs: atMs, stepMs: 1, steps: 1 })
      return { json: resultToJson(resultOf('vector', series, Float64Array.of(atMs)), limit) }
    },
    async range(request) {
      if (!isLogRule(request.query)) return queries.range(request)
      const { startMs, stepMs, limit = 0 } = request
      const steps = stepsOf(request)
      const series = await ask(request.query, request, { startMs, stepMs, steps })
      const timesMs = Float64Array.from({ length: steps }, (_, i) => startMs + i * stepMs)
      return { json: resultToJson(resultOf('matrix', series, timesMs), limit) }
    },
    async vector(request) {
      if (!isLogRule(request.query)) return queries.vector(request)
      const { atMs } = request
      const series = await ask(request.query, request, { startMs: atMs, stepMs: 1, steps: 1 })
      return series.flatMap(({ labels, values: [value = Number.NaN] }): VectorSample[] =>
        Number.isNaN(value) ? [] : [{ labels, atMs, value }],
      )
    },
    async matrix(request) {
      if (!isLogRule(request.query)) return queries.matrix(request)
      const { startMs, stepMs, maxSamples = Number.POSITIVE_INFINITY } = request
      const steps = stepsOf(request)
      const series = await ask(request.query, request, { startMs, stepMs, steps })
      return matrixOf(series, maxSamples)
    },
  }
}

function stepsOf({ startMs, endMs, stepMs }: Pick<MatrixRequest, 'startMs' | 'endMs' | 'stepMs'>): number {
  if (!(stepMs > 0))
    throw new AppError('query.execution', `a step of ${stepMs} ms is none`, { fix: 'Take one above 0' })
  const steps = Math.floor((endMs - startMs) / stepMs) + 1
  if (steps > maxSteps)
    throw new AppError('query.limit', `${steps} evaluations at once are more than ${maxSteps}`, {
      fix: 'Take a longer step, or a shorter span',
    })
  return steps
}

/** As PromQL's results are, so that whoever draws those draws these. */
function resultOf(type: 'vector' | 'matrix', all: readonly SteppedSeries[], timesMs: Float64Array): EvaluateResult {
  let samples = 0
  const series = all
    .map(({ labels, values }) => {
      const present = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1))
      return { labels, values, timesMs, present, histograms: undefined }
    })
    .filter(({ present }) => {
      const count = present.reduce((sum, one) => sum + one, 0)
      samples += count
      return count > 0
    })
    .sort((a, b) => (a.labels.key() < b.labels.key() ? -1 : 1))
  return { type, series, samples, warnings: [], infos: [] }
}

function timeLimit(
  clock: Clock,
  { signal, timeoutMs = defaultTimeoutMs }: Pick<MatrixRequest, 'signal' | 'timeoutMs'>,
) {
  const over = new AbortController()
  const done = new AbortController()
  clock.sleep(timeoutMs, { signal: done.signal }).then(
    () => over.abort(new AppError('query.timeout', `the query took longer than ${timeoutMs / 1000} s`)),
    () => undefined,
  )
  return { signal: AbortSignal.any([signal, over.signal]), [Symbol.dispose]: () => done.abort() }
}

async function metricSteps(logql: LogqlQueries, text: string, steps: Steps): Promise<readonly SteppedSeries[]> {
  const expr = logql.parse(unwrapLogql(text))
  if (expr.kind === 'log') throw new AppError('internal.bug', 'a rule of lines was let in')
  const { startMs, stepMs, projects, signal } = steps
  const endMs = startMs + (steps.steps - 1) * stepMs
  const { value } = await logql.numbers(expr, { projects, signal, startMs, endMs, stepMs })
  if (value.kind === 'scalar')
    return [{ labels: Labels.empty, values: new Float64Array(steps.steps).fill(value.value) }]
  return value.rows.map(({ labels, values, present }) => ({
    labels,
    values: Float64Array.from(values, (one, i) => (present[i] === 1 ? one : Number.NaN)),
  }))
}

async function countSteps(
  rule: LogCount,
  logs: RuleQueriesOptions['logs'],
  { startMs, stepMs, steps, projects, signal }: Steps,
): Promise<readonly SteppedSeries[]> {
  const endsMs = Float64Array.from({ length: steps }, (_, i) => startMs + i * stepMs)
  const lastMs = startMs + (steps - 1) * stepMs
  const filter = {
    projects,
    predicate: logs.parse(rule.query, rule.language),
    fromNs: clampNs(BigInt(startMs - rule.windowMs) * 1_000_000n + 1n),
    toNs: clampNs(BigInt(lastMs) * 1_000_000n + 1n),
  }
  const request = { what: 'lines', endsMs, rangeMs: rule.windowMs } as const
  const counted =
    projects.length === 0
      ? []
      : await countGroups({ reader: logs.reader, filter, signal }, request, rule.by.map(groupOf))
  if (counted === undefined)
    throw new AppError('query.limit', 'the count has too many groups or intervals', {
      fix: 'Take a longer interval, or fewer fields behind by',
    })
  const all = counted.map(({ labels, values }): SteppedSeries => ({ labels: Labels.from(labels), values }))
  return (rule.by.length === 0 ? [wholeCount(all, steps)] : all).map((series) => compared(series, rule.limit))
}

/** Without groups that no line came is a count too. */
function wholeCount([counted]: readonly SteppedSeries[], steps: number): SteppedSeries {
  const values = counted?.values ?? new Float64Array(steps)
  return { labels: Labels.empty, values: values.map((value) => (Number.isNaN(value) ? 0 : value)) }
}

/** A field as a label of its name. */
function groupOf(name: string): GroupedLabel {
  const ref = recordFields.named(name)[0]?.ref
  if (ref === undefined || ref.kind === 'any' || ref.kind === 'keys')
    throw new AppError('query.execution', `lines cannot be counted by ${name}`, { fix: 'Name one field' })
  const field: FieldOfLog = ref
  const isSeverity = field.kind === 'column' && field.column === 'severity'
  return {
    name: labelName(name),
    groups: [{ kind: 'field', field, missing: '' }],
    value: ([text = '']) => (isSeverity ? (severityWord(Number(text)) ?? '') : text),
  }
}

function compared({ labels, values }: SteppedSeries, limit: LogCount['limit']): SteppedSeries {
  if (limit === undefined) return { labels, values }
  const { op, value } = limit
  return { labels, values: values.map((count) => (holds[op](count, value) ? count : Number.NaN)) }
}

const holds: Readonly<Record<NonNullable<LogCount['limit']>['op'], (count: number, limit: number) => boolean>> = {
  '>': (count, limit) => count > limit,
  '<': (count, limit) => count < limit,
  '>=': (count, limit) => count >= limit,
  '<=': (count, limit) => count <= limit,
  '==': (count, limit) => count === limit,
  '!=': (count, limit) => count !== limit,
}

function matrixOf(all: readonly SteppedSeries[], maxSamples: number): Matrix {
  let samples = 0
  const series: MatrixSeries[] = []
  for (const { labels, values } of all) {
    const runs: number[] = []
    const cells: number[] = []
    for (const [i, value] of values.entries()) {
      if (Number.isNaN(value)) continue
      if (runs.at(-1) === i) runs[runs.length - 1] = i + 1
      else runs.push(i, i + 1)
      cells.push(value)
    }
    samples += cells.length
    if (samples > maxSamples) throw new AppError('query.limit', `the query would keep more than ${maxSamples} values`)
    if (cells.length > 0) series.push({ labels, runs: Uint32Array.from(runs), values: Float64Array.from(cells) })
  }
  return { series, samples }
}
