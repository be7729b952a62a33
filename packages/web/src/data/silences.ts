// Silences: the list, what one would hide, making and ending them.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { gettableSilences, silenceMade } from '@tidewatch/api/alertmanager.ts'
import { silencePreview } from '@tidewatch/api/silences.ts'
import { z } from 'zod'
import { alertsKey } from './alerts.ts'
import { callAlertmanager, callOurs } from './client.ts'
import { type Matcher, toApi } from './matchers.ts'

export const silencesQuery = queryOptions({
  queryKey: ['silences'],
  queryFn: ({ signal }) => callAlertmanager('/silences', { schema: gettableSilences, signal }),
})

/** What matchers, written as a text, would hide now. */
export function silencePreviewQuery(filter: string) {
  return queryOptions({
    queryKey: ['silences', 'preview', filter],
    queryFn: ({ signal }) =>
      callOurs(`/silences/preview?${new URLSearchParams({ filter }).toString()}`, { schema: silencePreview, signal }),
    retry: false,
    placeholderData: (before, query) => (query?.queryKey[2] === filter ? before : undefined),
  })
}

export interface SilenceWish {
  /** Of the one that is changed. */
  readonly id?: string | undefined
  readonly matchers: readonly Matcher[]
  readonly startsAtMs: number
  readonly endsAtMs: number
  readonly createdBy: string
  readonly comment: string
}

/** What is said when it is done; also where the part of the page that asked is gone by then. */
interface Said<T> {
  readonly onSuccess?: (done: T) => void
  readonly onError?: (error: unknown) => void
}

export function useSetSilence({ onSuccess, onError }: Said<string> = {}) {
  const client = useQueryClient()
  return useMutation({
    onSuccess: (id) => onSuccess?.(id),
    onError: (error) => onError?.(error),
    mutationFn: async ({ id, matchers, startsAtMs, endsAtMs, createdBy, comment }: SilenceWish) => {
      const body = {
        ...(id === undefined ? {} : { id }),
        matchers: matchers.map(toApi),
        startsAt: new Date(startsAtMs).toISOString(),
        endsAt: new Date(endsAtMs).toISOString(),
        createdBy,
        comment,
      }
      return (await callAlertmanager('/silences', { method: 'POST', body, schema: silenceMade })).silenceID
    },
    onSettled: () => renew(client),
  })
}

export function useEndSilence({ onSuccess, onError }: Said<string> = {}) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      callAlertmanager(`/silence/${encodeURIComponent(id)}`, { method: 'DELETE', schema: z.unknown() }),
    onSuccess: (_, id) => onSuccess?.(id),
    onError: (error) => onError?.(error),
    onSettled: () => renew(client),
  })
}

const renew = (client: ReturnType<typeof useQueryClient>) =>
  Promise.all([
    client.invalidateQueries({ queryKey: silencesQuery.queryKey }),
    client.invalidateQueries({ queryKey: alertsKey }),
  ])
