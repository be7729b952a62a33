// Fire drills: when they come, how they went, one now; the heartbeat that goes out.
import { queryOptions } from '@tanstack/react-query'
import { drillList, drillRun, drillRunList } from '@tidewatch/api/drills.ts'
import { callOurs } from './client.ts'
import { useChange } from './use-change.ts'

export const drillsQuery = queryOptions({
  queryKey: ['drills'],
  queryFn: ({ signal }) => callOurs('/drills', { schema: drillList, signal }),
})

/** Newest first. */
export const drillRunsQuery = (drill: string, limit: number) =>
  queryOptions({
    queryKey: ['drill-runs', drill, limit],
    queryFn: async ({ signal }) =>
      (
        await callOurs(`/drills/runs?drill=${encodeURIComponent(drill)}&limit=${limit}`, {
          schema: drillRunList,
          signal,
        })
      ).runs,
  })

export const useRunDrill = () =>
  useChange(
    (name: string) => callOurs(`/drills/${encodeURIComponent(name)}/run`, { method: 'POST', schema: drillRun }),
    ['drills', 'drill-runs'],
  )
