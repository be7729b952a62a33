// Alerts that fire, as the server narrows and cuts them, and all that is known of one.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { alertDetail, alertPast } from '@tidewatch/api/alert-why.ts'
import {
  type AlertStanding,
  alertsSummary,
  type FiringRow,
  firingAlerts,
  firingLabels,
  pendingAlerts,
  silencedAlerts,
} from '@tidewatch/api/firing-alerts.ts'
import { callOurs, callOursIfChanged } from './client.ts'

export const alertsKey = ['alerts'] as const

/** What every page says of alerts. */
export const alertsSummaryQuery = queryOptions({
  queryKey: [...alertsKey, 'summary'],
  queryFn: ({ signal }) => callOursIfChanged('/alerts/summary', { schema: alertsSummary, signal }),
})

/** How the server is asked to narrow what fires. */
export interface FiringQuestion {
  readonly find: string | undefined
  readonly severity: FiringRow['severity'] | undefined
  readonly state: AlertStanding | undefined
  readonly receiver: string | undefined
  /** Matchers, each a text. */
  readonly filter: readonly string[]
}

interface Page {
  readonly group?: string
  readonly cursor?: string | undefined
  readonly limit?: number
}

function firingText(
  { find, severity, state, receiver, filter }: FiringQuestion,
  { group, cursor, limit }: Page,
): string {
  const parts = Object.entries({ find, severity, state, receiver, group, cursor, limit: limit?.toString() })
  const given = parts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]]))
  return new URLSearchParams([...given, ...filter.map((matcher) => ['filter', matcher])]).toString()
}

const firstPage: string | undefined = undefined as string | undefined

/** Groups as routes make them, those with something open first; a page has some 200 alerts. */
export const firingQuery = (question: FiringQuestion) =>
  infiniteQueryOptions({
    queryKey: [...alertsKey, 'firing', question],
    queryFn: ({ signal, pageParam }) =>
      callOursIfChanged(`/alerts/firing?${firingText(question, { cursor: pageParam })}`, {
        schema: firingAlerts,
        signal,
      }),
    initialPageParam: firstPage,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  })

/** All of one group, by pages. */
export const groupQuery = (question: FiringQuestion, group: string) =>
  infiniteQueryOptions({
    queryKey: [...alertsKey, 'group', group, question],
    queryFn: async ({ signal, pageParam }) => {
      const text = firingText(question, { group, cursor: pageParam })
      const { groups } = await callOursIfChanged(`/alerts/firing?${text}`, { schema: firingAlerts, signal })
      return { rows: groups[0]?.rows ?? [], nextCursor: groups[0]?.nextCursor }
    },
    initialPageParam: firstPage,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (before, query) => (query?.queryKey[2] === group ? before : undefined),
  })

/** Labels of all that the question finds, or of those of one group, to act on all at once. */
export const fetchFiringLabels = (question: FiringQuestion, group?: string) =>
  callOurs(`/alerts/firing/labels?${firingText(question, group === undefined ? {} : { group })}`, {
    schema: firingLabels,
  })

export const pendingQuery = queryOptions({
  queryKey: [...alertsKey, 'pending'],
  queryFn: ({ signal }) => callOursIfChanged('/alerts/pending', { schema: pendingAlerts, signal }),
})

/** What each silence hides now. */
export const silencedQuery = queryOptions({
  queryKey: [...alertsKey, 'silenced'],
  queryFn: ({ signal }) => callOursIfChanged('/alerts/silenced', { schema: silencedAlerts, signal }),
})

/** One alert with its time line; also one that has ended. */
export function alertDetailQuery(fingerprint: string) {
  return queryOptions({
    queryKey: [...alertsKey, 'one', fingerprint],
    queryFn: ({ signal }) => callOurs(`/alerts/${encodeURIComponent(fingerprint)}`, { schema: alertDetail, signal }),
    placeholderData: (before, query) => (query?.queryKey[2] === fingerprint ? before : undefined),
  })
}

/** When it fired in the last 30 days, and what happened shortly before. */
export const alertPastQuery = (fingerprint: string) =>
  queryOptions({
    queryKey: [...alertsKey, 'past', fingerprint],
    queryFn: ({ signal }) => callOurs(`/alerts/${encodeURIComponent(fingerprint)}/past`, { schema: alertPast, signal }),
    placeholderData: (before, query) => (query?.queryKey[2] === fingerprint ? before : undefined),
  })

/** What a person reads first; empty where the sender said nothing. */
export const sentenceOf = ({ annotations }: { readonly annotations: Readonly<Record<string, string>> }): string =>
  annotations.summary ?? annotations.message ?? annotations.description ?? ''

export const alertHref = (fingerprint: string): string => `/alerts/${fingerprint}`
