// Alerts of the past: one by one, and how soon people answered.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { alertHistory, alertSummary } from '@tidewatch/api/alert-history.ts'
import { callOurs } from './client.ts'

export interface HistoryFilter {
  /** Ends now. */
  readonly lastMs: number
  readonly severity?: string | undefined
  readonly rule?: string | undefined
  readonly state?: string | undefined
}

/** Rows of one call. */
const pageRows = 100

function parametersOf({ lastMs, severity, rule }: HistoryFilter, nowMs: number): URLSearchParams {
  const parameters = new URLSearchParams({ from: String(nowMs - lastMs), to: String(nowMs) })
  if (severity !== undefined) parameters.set('severity', severity)
  if (rule !== undefined) parameters.set('rule', rule)
  return parameters
}

/** The newest first, page by page. */
export function alertHistoryQuery(filter: HistoryFilter) {
  return infiniteQueryOptions({
    queryKey: ['alert-history', filter],
    queryFn: ({ signal, pageParam }) => {
      const parameters = parametersOf(filter, Date.now())
      parameters.set('limit', String(pageRows))
      if (filter.state !== undefined) parameters.set('state', filter.state)
      if (pageParam !== '') parameters.set('cursor', pageParam)
      return callOurs(`/alerts/history?${parameters.toString()}`, { schema: alertHistory, signal })
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
}

export function alertSummaryQuery(filter: HistoryFilter) {
  return queryOptions({
    queryKey: ['alert-history', 'summary', filter],
    queryFn: ({ signal }) =>
      callOurs(`/alerts/history/summary?${parametersOf(filter, Date.now()).toString()}`, {
        schema: alertSummary,
        signal,
      }),
  })
}
