// Rules tried on the past: begun, looked at until they are over, cancelled.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { type Backtest, type BacktestRequest, backtest, backtestList } from '@tidewatch/api/backtest.ts'
import { z } from 'zod'
import { ApiFailure, callOurs } from './client.ts'

const path = '/alerts/backtests'
const lookEveryMs = 700

export const isOver = ({ status }: Pick<Backtest, 'status'>): boolean => status !== 'waiting' && status !== 'running'

export const backtestQuery = (id: string) =>
  queryOptions({
    queryKey: ['backtests', id],
    queryFn: ({ signal }) => callOurs(`${path}/${encodeURIComponent(id)}`, { schema: backtest, signal }),
    refetchInterval: ({ state: { data, error } }) =>
      (data !== undefined && isOver(data)) || isGone(error) ? false : lookEveryMs,
    // a report does not change
    staleTime: ({ state: { data } }) => (data !== undefined && isOver(data) ? Number.POSITIVE_INFINITY : 0),
    // the report of another one is none
    placeholderData: () => undefined,
  })

/** Reports are kept in memory: after a restart, or twenty others, it has to be tried again. */
export const isGone = (error: unknown): boolean => error instanceof ApiFailure && error.status === 404

export const backtestsQuery = queryOptions({
  queryKey: ['backtests'],
  queryFn: async ({ signal }) => (await callOurs(path, { schema: backtestList, signal })).backtests,
})

/** How one is begun: rules, or those of a pack, each by its own address. */
export function useBeginBacktest(onBegun: (begun: Backtest) => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ to = path, body }: { to?: string; body: BacktestRequest | PackBacktest }) =>
      callOurs(to, { method: 'POST', body, schema: backtest }),
    onSuccess: (begun) => {
      client.setQueryData(backtestQuery(begun.id).queryKey, begun)
      void client.invalidateQueries({ queryKey: backtestsQuery.queryKey, exact: true })
      onBegun(begun)
    },
  })
}

interface PackBacktest {
  readonly days?: number
  readonly parameters?: Readonly<Record<string, string>>
}

export function useCancelBacktest() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      callOurs(`${path}/${encodeURIComponent(id)}`, { method: 'DELETE', schema: z.unknown() }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['backtests'] }),
  })
}
