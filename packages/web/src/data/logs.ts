// Lines of logs: what the server is asked, and its answers. Searches that stream are in log-stream.ts.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import {
  type LogLanguage,
  logContext,
  logFields,
  logHistogram,
  logPatterns,
  logStorage,
  logValues,
  pipelineTrialResult,
  savedLogSearches,
} from '@tidewatch/api/logs.ts'
import { z } from 'zod'
import { useToast } from '../ui/toasts.tsx'
import { callOurs, problemOf } from './client.ts'
import { rangeMs, type TimeRange } from './range.ts'

/** Which lines are meant. */
export interface LogQuestion {
  readonly query: string
  readonly language: LogLanguage
  readonly range: TimeRange
  /** Counts up when the same is asked again by hand. */
  readonly run: number
}

export interface LogSpan {
  readonly fromMs: number
  readonly toMs: number
}

/** A range at a moment. Clocks of senders run ahead a little: what is newest must not be missed. */
export function logSpanOf(range: TimeRange, nowMs: number): LogSpan {
  return range.kind === 'last'
    ? { fromMs: nowMs - rangeMs(range), toMs: nowMs + aheadMs }
    : { fromMs: range.startMs, toMs: range.endMs }
}
const aheadMs = 10_000

/** The part of an address that says which lines, and `more`. */
export function logSearchText(
  { query, language }: Pick<LogQuestion, 'query' | 'language'>,
  span: LogSpan | undefined,
  more: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const parameters = new URLSearchParams({ query, language })
  for (const [name, value] of Object.entries({ ...span, ...more }))
    if (value !== undefined) parameters.set(name, String(value))
  return parameters.toString()
}

/** Bars of a histogram, at most. */
const bars = 90

/** The histogram with the span that it was asked for, since its bars stand in it. */
export const logHistogramQuery = (question: LogQuestion) =>
  queryOptions({
    queryKey: ['logs', 'histogram', question],
    queryFn: async ({ signal }) => {
      const span = logSpanOf(question.range, Date.now())
      const answer = await callOurs(`/logs/histogram?${logSearchText(question, span, { bars })}`, {
        schema: logHistogram,
        signal,
      })
      return { ...answer, span }
    },
  })

export const logFieldsQuery = (question: LogQuestion) =>
  queryOptions({
    queryKey: ['logs', 'fields', question],
    queryFn: ({ signal }) =>
      callOurs(`/logs/fields?${logSearchText(question, logSpanOf(question.range, Date.now()))}`, {
        schema: logFields,
        signal,
      }),
    staleTime: 30_000,
  })

/** The values of a field; of several fields asked at once, each is one query. */
export const logValuesQuery = (question: LogQuestion, field: string, { prefix = '', limit = 8 } = {}) =>
  queryOptions({
    queryKey: ['logs', 'values', question, field, prefix, limit],
    queryFn: ({ signal }) =>
      callOurs(
        `/logs/fields/values?${logSearchText(question, logSpanOf(question.range, Date.now()), { field, prefix, limit })}`,
        { schema: logValues, signal },
      ),
    // the values of another field must not stand under this one's name
    placeholderData: () => undefined,
    staleTime: 30_000,
  })

export const logContextQuery = (id: string, around: number) =>
  queryOptions({
    queryKey: ['logs', 'context', id, around],
    queryFn: ({ signal }) =>
      callOurs(`/logs/context?${new URLSearchParams({ id, before: `${around}`, after: `${around}` })}`, {
        schema: logContext,
        signal,
      }),
    placeholderData: (before, asked) => (asked?.queryKey[2] === id ? before : undefined),
    // a line and what stood around it do not change
    staleTime: 60_000,
  })

/** `deploy`: since which patterns are new: `latest`, `none`, or an id. */
export const logPatternsQuery = (question: LogQuestion, deploy: string) =>
  queryOptions({
    queryKey: ['logs', 'patterns', question, deploy],
    queryFn: async ({ signal }) => {
      const span = logSpanOf(question.range, Date.now())
      return {
        ...(await callOurs(`/logs/patterns?${logSearchText(question, span, { deploy })}`, {
          schema: logPatterns,
          signal,
        })),
        span,
      }
    },
    staleTime: 15_000,
  })

export const logStorageQuery = queryOptions({
  queryKey: ['logs', 'storage'],
  queryFn: ({ signal }) => callOurs('/logs/storage', { schema: logStorage, signal }),
})

/** What the browser is sent to for a file. */
export const logExportHref = (
  question: LogQuestion,
  format: 'json' | 'ndjson' | 'csv',
  columns: readonly string[],
): string =>
  `/api/tidewatch/v1/logs/export?${logSearchText(question, logSpanOf(question.range, Date.now()), {
    format,
    columns: format === 'csv' ? columns.join(',') : undefined,
  })}`

const searchesKey = ['logs', 'searches'] as const

export const savedLogSearchesQuery = queryOptions({
  queryKey: searchesKey,
  queryFn: async ({ signal }) =>
    (await callOurs('/logs/searches', { schema: savedLogSearches, signal })).searches.toSorted((a, b) =>
      a.name.localeCompare(b.name, 'en', { numeric: true }),
    ),
})

/** What is kept under a name. */
export interface LogSearchToSave {
  readonly name: string
  readonly query: string
  readonly language: LogLanguage
  readonly span?: string
  readonly columns: readonly string[]
}

/** Keeps a search under a name; with the id of one it takes that one's place. */
export function useSaveLogSearch(onSaved: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, search }: { readonly id: string | undefined; readonly search: LogSearchToSave }) =>
      callOurs(id === undefined ? '/logs/searches' : `/logs/searches/${encodeURIComponent(id)}`, {
        method: id === undefined ? 'POST' : 'PUT',
        body: search,
        schema: z.unknown(),
      }),
    onSuccess: onSaved,
    onSettled: () => client.invalidateQueries({ queryKey: searchesKey }),
  })
}

export function useDeleteLogSearch() {
  const client = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: (id: string) =>
      callOurs(`/logs/searches/${encodeURIComponent(id)}`, { method: 'DELETE', schema: z.unknown() }),
    onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: searchesKey }),
  })
}

export interface PipelineTrial {
  readonly text: string
  readonly format: 'logstash' | 'yaml'
  readonly sample: string
}

export function usePipelineTrial() {
  return useMutation({
    mutationFn: (trial: PipelineTrial) =>
      callOurs('/logs/pipelines/try', { method: 'POST', body: trial, schema: pipelineTrialResult }),
  })
}
