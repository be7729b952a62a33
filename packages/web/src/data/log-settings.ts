// How logs are kept, archived and indexed, as far as the page may change it.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import {
  type LogArchiveWish,
  type LogRetentionWish,
  type LogSettings,
  logRetentionPreview,
  logSettings,
  type OptionalLogIndex,
} from '@tidewatch/api/log-settings.ts'
import { z } from 'zod'
import { callOurs } from './client.ts'
import { useChange } from './use-change.ts'

const path = '/logs/settings'
/** Storage, archive and settings: all of them may be different then. */
const stale = ['logs']

/** Something is on its way. */
const isMoving = ({ indexes }: LogSettings): boolean => indexes.some(({ stage }) => stage !== 'on' && stage !== 'off')

export const logSettingsQuery = queryOptions({
  queryKey: ['logs', 'settings'],
  queryFn: ({ signal }) => callOurs(path, { schema: logSettings, signal }),
  refetchInterval: ({ state: { data } }) => (data !== undefined && isMoving(data) ? 2000 : 60_000),
})

export function useRetentionPreview() {
  return useMutation({
    mutationFn: (wish: LogRetentionWish) =>
      callOurs(`${path}/retention/preview`, { method: 'POST', body: wish, schema: logRetentionPreview }),
  })
}

export interface RetentionChange {
  readonly wish: LogRetentionWish
  /** That may go at once, as the preview said. */
  readonly confirmedDays: number
}

export function useChangeRetention() {
  const client = useQueryClient()
  return useChange(async ({ wish, confirmedDays }: RetentionChange) => {
    await callOurs(`${path}/retention`, { method: 'PUT', body: { ...wish, confirmedDays }, schema: z.unknown() })
    // what the form begins with is this from now on
    await client.fetchQuery({ ...logSettingsQuery, staleTime: 0 })
  }, stale)
}

/** Undefined: the page says nothing of an archive any more. */
export function useChangeArchive() {
  return useChange(
    (wish: LogArchiveWish | undefined) =>
      callOurs(`${path}/archive`, {
        ...(wish === undefined ? { method: 'DELETE' } : { method: 'PUT', body: wish }),
        schema: z.unknown(),
      }),
    stale,
  )
}

export function useSwitchIndex() {
  return useChange(
    ({ name, enabled }: { readonly name: OptionalLogIndex; readonly enabled: boolean }) =>
      callOurs(`${path}/indexes/${name}`, { method: 'PUT', body: { enabled }, schema: z.unknown() }),
    stale,
  )
}
