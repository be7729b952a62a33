// The explorer without React: what its URL holds, how several queries share a chart, what an error says, examples, history.
import type { QueryData } from '@tidewatch/api/prometheus.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { assignColours } from '../../charts/colours.ts'
import { type ChartData, type ChartSeries, formatSeries, type LabelSet } from '../../charts/series.ts'
import type { Grid } from '../../data/range.ts'
import { type Search, searchText, searchTexts } from '../../data/search.ts'
import { type Unit, units } from '../../ui/units.ts'

export const views = ['lines', 'stacked', 'table'] as const
export type View = (typeof views)[number]

/** More queries than letters fit beside one chart. */
export const maxQueries = 6
export const letterOf = (index: number): string => String.fromCharCode(65 + index)

export interface ExplorerState {
  readonly queries: readonly string[]
  /** Indexes of queries that are not drawn. */
  readonly hidden: ReadonlySet<number>
  readonly view: View
  /** Undefined: automatic. */
  readonly stepMs: number | undefined
  readonly unit: Unit | undefined
}

export function explorerState(search: Search): ExplorerState {
  const queries = searchTexts(search, 'q').slice(0, maxQueries)
  const view = views.find((one) => one === searchText(search, 'view')) ?? 'lines'
  const hidden = new Set((searchText(search, 'hide') ?? '').split('').map((letter) => letter.charCodeAt(0) - 65))
  const stepMs = parseDurationMs(searchText(search, 'step') ?? '')
  const unit = units.find((one) => one.unit === searchText(search, 'unit'))?.unit
  return {
    queries: queries.length === 0 ? [''] : queries,
    hidden,
    view,
    stepMs: stepMs === undefined || stepMs === 0 ? undefined : stepMs,
    unit,
  }
}

export const hiddenText = (hidden: ReadonlySet<number>): string | undefined => {
  const text = [...hidden]
    .filter((index) => index >= 0 && index < maxQueries)
    .sort()
    .map(letterOf)
    .join('')
  return text === '' ? undefined : text
}

export interface LetteredChart {
  readonly letter: string
  readonly chart: ChartData
  readonly grid: Grid
}

/** Several answers in one chart: each series gets its query's letter, colours are given over all of them. */
export function mergeCharts(
  parts: readonly LetteredChart[],
): { readonly chart: ChartData; readonly grid: Grid } | undefined {
  const [first, ...more] = parts
  if (first === undefined) return undefined
  if (more.length === 0) return first
  // live answers may have come a step apart: the newest grid counts, the others are moved onto it
  const newest = parts.reduce((a, b) => (b.grid.endMs > a.grid.endMs ? b : a))
  const all = parts.flatMap(({ letter, chart, grid }) =>
    chart.series.map(
      (series): ChartSeries => ({
        ...series,
        key: `${letter} ${series.key}`,
        name: `${letter}: ${series.name}`,
        values: moved(series.values, grid, newest.grid),
      }),
    ),
  )
  const places = assignColours(all.map((series) => series.key))
  const series = all.map((one) => ({ ...one, place: places.get(one.key) ?? 0 }))
  const total = parts.reduce((sum, { chart }) => sum + chart.total, 0)
  return { chart: { timesMs: newest.chart.timesMs, series, total, shared: {} }, grid: newest.grid }
}

function moved(values: readonly (number | null)[], from: Grid, to: Grid): (number | null)[] {
  const by = Math.round((to.startMs - from.startMs) / to.stepMs)
  const steps = Math.round((to.endMs - to.startMs) / to.stepMs) + 1
  return Array.from({ length: steps }, (_, i) => values[i + by] ?? null)
}

export interface TableRow {
  readonly key: string
  readonly labels: LabelSet
  readonly text: string
  readonly value: number
}

/** The rows of an instant answer, whatever its kind. */
export function tableRows(data: QueryData): TableRow[] {
  switch (data.resultType) {
    case 'vector':
      return data.result.map(({ metric, value }) => row(metric, value?.[1] ?? 'histogram'))
    case 'matrix':
      return data.result.map(({ metric, values }) => row(metric, values?.at(-1)?.[1] ?? ''))
    default:
      return [row({}, data.result[1])]
  }
}

const row = (labels: LabelSet, text: string): TableRow => ({
  key: formatSeries(labels),
  labels,
  text,
  value: text === '' ? Number.NaN : Number(text.replace('Inf', 'Infinity')),
})

export interface QueryProblem {
  readonly message: string
  /** Where in the query, counted from 0. */
  readonly at: number | undefined
  readonly end: number | undefined
}

/** Prometheus writes `1:5: parse error: …`, line and column counted from 1; a span of ours is exact. */
export function queryProblem(
  what: string,
  query: string,
  span: { start: number; end: number } | undefined,
): QueryProblem {
  const match = /^(\d+):(\d+): (?:parse error: )?(.*)$/s.exec(what)
  if (match === null) return { message: what, at: span?.start, end: span?.end }
  const [, line = '1', column = '1', message = what] = match
  const lines = query.split('\n').slice(0, Number(line) - 1)
  const at =
    span?.start ?? Math.min(query.length, lines.reduce((sum, text) => sum + text.length + 1, 0) + Number(column) - 1)
  const place = query.includes('\n') ? `Line ${line}, column ${column}` : `Column ${column}`
  return { message: `${place}: ${message}`, at, end: span?.end }
}

/** The query in three parts, the middle one wrong; at the end of the text the middle is a space to underline. */
export function markedQuery(query: string, { at, end }: QueryProblem): readonly [string, string, string] | undefined {
  if (at === undefined) return undefined
  const wordEnd = end ?? at + Math.max(1, /^[\w:]+/.exec(query.slice(at))?.[0].length ?? 1)
  const around = 60
  const before = query.slice(0, at)
  const after = query.slice(wordEnd)
  return [
    before.length > around ? `…${before.slice(-around)}` : before,
    query.slice(at, wordEnd) || '\u00a0',
    after.length > around ? `${after.slice(0, around)}…` : after,
  ]
}

/** What answers at the first start already. */
export const examples: readonly { readonly title: string; readonly query: string }[] = [
  {
    title: 'Processor of this machine, by mode',
    query: 'sum by (mode) (rate(node_cpu_seconds_total{job="host",mode!="idle"}[1m]))',
  },
  { title: 'Memory in use', query: 'node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes' },
  { title: 'Network, received', query: 'sum by (device) (rate(node_network_receive_bytes_total{device!="lo"}[1m]))' },
  { title: 'Which targets answer', query: 'up' },
  { title: 'How long a scrape takes', query: 'scrape_duration_seconds' },
]

const historyKey = 'tidewatch.queries'
const maxHistory = 30

export function readHistory(storage: Pick<Storage, 'getItem'>): string[] {
  try {
    const value: unknown = JSON.parse(storage.getItem(historyKey) ?? '[]')
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string').slice(0, maxHistory) : []
  } catch {
    // forbidden or damaged storage: a history that begins anew
    return []
  }
}

/** The newest first, each once, at most thirty. */
export function remember(storage: Pick<Storage, 'getItem' | 'setItem'>, queries: readonly string[]): void {
  const asked = queries.map((query) => query.trim()).filter((query) => query !== '')
  const history = [...new Set([...asked, ...readHistory(storage)])].slice(0, maxHistory)
  try {
    storage.setItem(historyKey, JSON.stringify(history))
  } catch {
    // storage may be forbidden or full; the history is a convenience
  }
}

/** Metrics that a query names, in order, each once. */
export function namedMetrics(query: string, known: Readonly<Record<string, unknown>>): string[] {
  const words = query.replace(/"(?:\\.|[^"\\])*"/g, '').match(/[a-zA-Z_:][\w:]*/g) ?? []
  const base = (word: string) => (word in known ? word : word.replace(/_(?:bucket|sum|count)$/, ''))
  return [...new Set(words.map(base))].filter((word) => Object.hasOwn(known, word))
}
