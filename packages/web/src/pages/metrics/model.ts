// The explorer without React: what its URL holds, how several queries share a chart, what an error says, examples.
import type { HistogramPair, QueryData } from '@tidewatch/api/prometheus.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { assignColours } from '../../charts/colours.ts'
import { type ChartData, type ChartSeries, formatSeries, type LabelSet } from '../../charts/series.ts'
import type { Grid } from '../../data/range.ts'
import { type Search, searchText } from '../../data/search.ts'
import { type Unit, units } from '../../ui/units.ts'
import { colourCount, legendName, type QueryRow, rowsFromSearch } from './rows.ts'

export const views = ['lines', 'points', 'stacked', 'heat', 'table'] as const
export type View = (typeof views)[number]

export interface ExplorerState {
  readonly rows: readonly QueryRow[]
  readonly view: View
  /** Undefined: automatic. */
  readonly stepMs: number | undefined
  readonly unit: Unit | undefined
  readonly exemplars: boolean
}

export function explorerState(search: Search): ExplorerState {
  const view = views.find((one) => one === searchText(search, 'view')) ?? 'lines'
  const stepMs = parseDurationMs(searchText(search, 'step') ?? '')
  const unit = units.find((one) => one.unit === searchText(search, 'unit'))?.unit
  return {
    rows: rowsFromSearch(search),
    view,
    stepMs: stepMs === undefined || stepMs === 0 ? undefined : stepMs,
    unit,
    exemplars: searchText(search, 'exemplars') === 'on',
  }
}

export interface LetteredChart {
  readonly letter: string
  readonly chart: ChartData
  readonly grid: Grid
  readonly row: Pick<QueryRow, 'legend' | 'colour'>
}

/** Several answers in one chart: each series gets its query's letter, colours are given over all of them. */
export function mergeCharts(
  parts: readonly LetteredChart[],
): { readonly chart: ChartData; readonly grid: Grid } | undefined {
  const [first] = parts
  if (first === undefined) return undefined
  if (parts.length === 1) return { chart: { ...first.chart, series: dressed(first) }, grid: first.grid }
  // live answers may have come a step apart: the newest grid counts, the others are moved onto it
  const newest = parts.reduce((a, b) => (b.grid.endMs > a.grid.endMs ? b : a))
  const places = assignColours(parts.flatMap(({ letter, chart }) => chart.series.map(({ key }) => `${letter} ${key}`)))
  const series = parts.flatMap((part) =>
    dressed(part).map((one): ChartSeries => {
      const key = `${part.letter} ${one.key}`
      return {
        ...one,
        key,
        name: part.row.legend === '' ? `${part.letter}: ${one.name}` : one.name,
        values: moved(one.values, part.grid, newest.grid),
        place: part.row.colour === undefined ? (places.get(key) ?? 0) : one.place,
      }
    }),
  )
  const total = parts.reduce((sum, { chart }) => sum + chart.total, 0)
  return { chart: { timesMs: newest.chart.timesMs, series, total, shared: {} }, grid: newest.grid }
}

/** The series with the names and colours that their query's row gives them. */
function dressed({ chart, row: { legend, colour } }: LetteredChart): readonly ChartSeries[] {
  if (legend === '' && colour === undefined) return chart.series
  return chart.series.map((one, index) => ({
    ...one,
    name: legend === '' ? one.name : legendName(legend, one.labels) || one.name,
    place:
      colour === undefined
        ? one.place
        : ((colour - 1 + index) % colourCount) + Math.floor(index / colourCount) * colourCount,
  }))
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
  readonly histogram?: HistogramPair[1]
  /** Where it is not the answer's own time: a sample of a range. */
  readonly atMs?: number
}

/** Samples of ranges that are listed one by one. */
const maxSamples = 5000

/** The rows of an instant answer, whatever its kind; a range has one for each of its samples. */
export function tableRows(data: QueryData): TableRow[] {
  switch (data.resultType) {
    case 'vector':
      return data.result.map(({ metric, value, histogram }) =>
        histogram === undefined ? row(metric, value?.[1] ?? '') : histogramRow(metric, histogram[1]),
      )
    case 'matrix':
      return data.result
        .flatMap(({ metric, values = [], histograms = [] }) => [
          ...values.map(([seconds, text]) => atRow(row(metric, text), seconds)),
          ...histograms.map(([seconds, one]) => atRow(histogramRow(metric, one), seconds)),
        ])
        .slice(0, maxSamples)
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

const histogramRow = (labels: LabelSet, histogram: HistogramPair[1]): TableRow => ({
  ...row(labels, histogram.count),
  text: `count ${histogram.count}, sum ${histogram.sum}`,
  histogram,
})

const atRow = (one: TableRow, seconds: number): TableRow => ({
  ...one,
  key: `${one.key} @ ${seconds}`,
  atMs: seconds * 1000,
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

/** Metrics that a query names, in order, each once. */
export function namedMetrics(query: string, known: Readonly<Record<string, unknown>>): string[] {
  const words = query.replace(/"(?:\\.|[^"\\])*"/g, '').match(/[a-zA-Z_:][\w:]*/g) ?? []
  const base = (word: string) => (word in known ? word : word.replace(/_(?:bucket|sum|count)$/, ''))
  return [...new Set(words.map(base))].filter((word) => Object.hasOwn(known, word))
}
