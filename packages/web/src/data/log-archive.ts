// Archived days of logs, and bringing them back.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { type LogArchiveState, logArchive } from '@tidewatch/api/log-archive.ts'
import { z } from 'zod'
import { useToast } from '../ui/toasts.tsx'
import { callOurs, problemOf } from './client.ts'

const archiveKey = ['logs', 'archive'] as const

/** Something is on its way. */
const isMoving = ({ days }: LogArchiveState): boolean =>
  days.some(({ restored }) => restored?.stage === 'waiting' || restored?.stage === 'loading')

export const logArchiveQuery = queryOptions({
  queryKey: archiveKey,
  queryFn: ({ signal }) => callOurs('/logs/archive', { schema: logArchive, signal }),
  refetchInterval: ({ state: { data } }) => (data !== undefined && isMoving(data) ? 2000 : 60_000),
})

export function useRestoreDay() {
  const client = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: ({ day, days }: { readonly day: string; readonly days: number }) =>
      callOurs(`/logs/archive/${day}/restore`, { method: 'POST', body: { days }, schema: z.unknown() }),
    onSuccess: (_, { day }) => toast({ text: `${day} is being restored.` }),
    onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: archiveKey }),
  })
}

export function useDropRestored() {
  const client = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: (day: string) => callOurs(`/logs/archive/${day}/restore`, { method: 'DELETE', schema: z.unknown() }),
    onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: archiveKey }),
  })
}
