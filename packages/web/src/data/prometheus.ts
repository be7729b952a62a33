// Questions to Prometheus's API: instant and range queries, names, metadata.
import { keepPreviousData, type QueryClient, queryOptions, useQuery } from '@tanstack/react-query'
import {
  buildInfoData,
  type Explain,
  exemplarsData,
  explainData,
  type MatrixSeries,
  metadataData,
  namesData,
  type QueryData,
  queryData,
} from '@tidewatch/api/prometheus.ts'
import { type ChartData, type LabelSet, toChartData } from '../charts/series.ts'
import { callPrometheus } from './client.ts'
import { chooseStepMs, type Grid, gridOf, type TimeRange } from './range.ts'
import { usePageRange } from './use-range.ts'

/** A range answer ready to be drawn, with what it cost. */
export interface RangeAnswer {
  readonly chart: ChartData
  /** As it came, native histograms included. */
  readonly matrix: readonly MatrixSeries[]
  readonly grid: Grid
  readonly samples: number
  readonly tookMs: number
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
}

export interface RangeQuestion {
  readonly query: string
  readonly range: TimeRange
  readonly stepMs: number
}

/** The ends are taken when it is asked, so that a live range moves. */
export function rangeQuery({ query, range, stepMs }: RangeQuestion) {
  return queryOptions({
    queryKey: ['query_range', query, range, stepMs],
    queryFn: async ({ signal }): Promise<RangeAnswer> => {
      const grid = gridOf(range, Date.now(), stepMs)
      const parameters = new URLSearchParams({
        query,
        start: seconds(grid.startMs),
        end: seconds(grid.endMs),
        step: seconds(stepMs),
      })
      const { data, ...answer } = await callPrometheus('/query_range', parameters, { schema: queryData, signal })
      const matrix = data.resultType === 'matrix' ? data.result : []
      return { ...answer, chart: toChartData(matrix, grid), matrix, grid, samples: countSamples(matrix) }
    },
    // the chart of another question must not stand under this one's title; its own last answer may
    placeholderData: (before, query_) => (query_?.queryKey[1] === query ? before : undefined),
  })
}

const seconds = (ms: number): string => String(ms / 1000)
const countSamples = (matrix: readonly MatrixSeries[]): number =>
  matrix.reduce((sum, { values, histograms }) => sum + (values?.length ?? 0) + (histograms?.length ?? 0), 0)

/** The newest answer to a query over any range: what a chart shows until the one for a new range has come. */
export function lastAnswer(client: QueryClient, query: string): RangeAnswer | undefined {
  const known = client.getQueryCache().findAll({ queryKey: ['query_range', query] })
  const newest = known.reduce<(typeof known)[number] | undefined>(
    (a, b) => (b.state.dataUpdatedAt > (a?.state.dataUpdatedAt ?? 0) ? b : a),
    undefined,
  )
  return newest?.state.data as RangeAnswer | undefined
}

/** A range query over the page's range, asked again while live. */
export function useRangeQuery(
  query: string | ((stepMs: number) => string),
  options: { stepMs?: number; points?: number; enabled?: boolean } = {},
) {
  const { range, refetchInterval } = usePageRange()
  const stepMs = chooseStepMs(range, {
    chosenMs: options.stepMs,
    ...(options.points === undefined ? {} : { points: options.points }),
  })
  const text = typeof query === 'string' ? query : query(stepMs)
  return useQuery({ ...rangeQuery({ query: text, range, stepMs }), refetchInterval, enabled: options.enabled ?? true })
}

export interface InstantAnswer {
  readonly data: QueryData
  readonly atMs: number
  readonly tookMs: number
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
}

/** At the end of the range. */
export function instantQuery(query: string, range: TimeRange) {
  const at = range.kind === 'between' ? range.endMs : 'now'
  return queryOptions({
    queryKey: ['query', query, at],
    queryFn: async ({ signal }): Promise<InstantAnswer> => {
      const atMs = at === 'now' ? Date.now() : at
      const parameters = new URLSearchParams({ query, time: seconds(atMs) })
      const answer = await callPrometheus('/query', parameters, { schema: queryData, signal })
      return { ...answer, atMs }
    },
    placeholderData: (before, query_) => (query_?.queryKey[1] === query ? before : undefined),
  })
}

/** How a query is answered: it is done once more, with one series of its result and all that it says of itself. */
export function explainQuery({ query, range, stepMs }: RangeQuestion, asInstant: boolean) {
  return queryOptions({
    queryKey: ['explain', query, range, stepMs, asInstant],
    queryFn: async ({ signal }): Promise<Explain> => {
      const grid = gridOf(range, Date.now(), stepMs)
      const times: Record<string, string> = asInstant
        ? { time: seconds(range.kind === 'between' ? range.endMs : Date.now()) }
        : { start: seconds(grid.startMs), end: seconds(grid.endMs), step: seconds(stepMs) }
      const parameters = new URLSearchParams({ query, ...times, stats: 'all', limit: '1' })
      const path = asInstant ? '/query' : '/query_range'
      return (await callPrometheus(path, parameters, { schema: explainData, signal })).data.stats
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
}

export interface Exemplar {
  readonly atMs: number
  readonly value: number
  readonly seriesLabels: LabelSet
  readonly labels: LabelSet
}

/** More dots than this hide one another. */
const maxExemplars = 100

/** The newest ones of the series that a query selects. */
export function exemplarsQuery(query: string, range: TimeRange) {
  return queryOptions({
    queryKey: ['exemplars', query, range],
    queryFn: async ({ signal }): Promise<readonly Exemplar[]> => {
      const nowMs = Date.now()
      const [startMs, endMs] = range.kind === 'between' ? [range.startMs, range.endMs] : [nowMs - range.ms, nowMs]
      const parameters = new URLSearchParams({ query, start: seconds(startMs), end: seconds(endMs) })
      const answer = await callPrometheus('/query_exemplars', parameters, { schema: exemplarsData, signal })
      return (answer.data ?? [])
        .flatMap(({ seriesLabels, exemplars }) =>
          exemplars.map(({ labels, value, timestamp }) => ({
            atMs: timestamp * 1000,
            value: Number(value),
            seriesLabels,
            labels,
          })),
        )
        .filter(({ value }) => Number.isFinite(value))
        .sort((a, b) => b.atMs - a.atMs)
        .slice(0, maxExemplars)
    },
    placeholderData: (before, query_) => (query_?.queryKey[1] === query ? before : undefined),
  })
}

/** Label names of a metric, and the values of one of them: for browsing. */
export function labelNamesQuery(metric: string) {
  return queryOptions({
    queryKey: ['label-names', metric],
    queryFn: async ({ signal }) => {
      const parameters = new URLSearchParams({ 'match[]': metricSelector(metric), limit: '200' })
      const { data } = await callPrometheus('/labels', parameters, { schema: namesData, signal })
      return data.filter((name) => name !== '__name__')
    },
    staleTime: 30_000,
  })
}

export function labelValuesQuery(metric: string, label: string) {
  return queryOptions({
    queryKey: ['label-values', metric, label],
    queryFn: async ({ signal }) => {
      const parameters = new URLSearchParams({ 'match[]': metricSelector(metric), limit: '500' })
      const path = `/label/${encodeURIComponent(label)}/values`
      return (await callPrometheus(path, parameters, { schema: namesData, signal })).data
    },
    staleTime: 30_000,
  })
}

const metricSelector = (metric: string): string => `{__name__=${JSON.stringify(metric)}}`

const nameSeconds = 300

export const metricNamesQuery = queryOptions({
  queryKey: ['metric-names'],
  queryFn: async ({ signal }) =>
    (await callPrometheus('/label/__name__/values', new URLSearchParams(), { schema: namesData, signal })).data,
  staleTime: 30_000,
  placeholderData: keepPreviousData,
})

export const metadataQuery = queryOptions({
  queryKey: ['metadata'],
  queryFn: async ({ signal }) =>
    (await callPrometheus('/metadata', new URLSearchParams(), { schema: metadataData, signal })).data,
  staleTime: nameSeconds * 1000,
})

export const buildInfoQuery = queryOptions({
  queryKey: ['buildinfo'],
  queryFn: async ({ signal }) =>
    (await callPrometheus('/status/buildinfo', new URLSearchParams(), { schema: buildInfoData, signal })).data,
  staleTime: nameSeconds * 1000,
})
