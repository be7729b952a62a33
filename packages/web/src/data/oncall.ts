// Who is on call: now, by calendar, by overrides; escalations; calendar feeds.
import { queryOptions } from '@tanstack/react-query'
import {
  escalationList,
  feedAnswer,
  onCallNow,
  onCallPlan,
  override,
  overrideList,
  shiftList,
  type writeOverride,
} from '@tidewatch/api/oncall.ts'
import { z } from 'zod'
import { callOurs } from './client.ts'
import { useChange } from './use-change.ts'

export type OverrideInput = z.infer<typeof writeOverride>
export type FeedKind = 'person' | 'schedule'

export const onCallNowQuery = queryOptions({
  queryKey: ['oncall-now'],
  queryFn: ({ signal }) => callOurs('/oncall/now', { schema: onCallNow, signal }),
})

export const onCallPlanQuery = queryOptions({
  queryKey: ['oncall-plan'],
  queryFn: ({ signal }) => callOurs('/oncall/plan', { schema: onCallPlan, signal }),
  staleTime: 30_000,
})

export const shiftsQuery = (schedule: string, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) =>
  queryOptions({
    queryKey: ['oncall-shifts', schedule, fromMs, toMs],
    queryFn: async ({ signal }) => {
      const path = `/oncall/schedules/${encodeURIComponent(schedule)}/shifts?from=${fromMs}&to=${toMs}`
      return (await callOurs(path, { schema: shiftList, signal })).shifts
    },
  })

export const overridesQuery = queryOptions({
  queryKey: ['oncall-overrides'],
  queryFn: async ({ signal }) => (await callOurs('/oncall/overrides', { schema: overrideList, signal })).overrides,
})

export const escalationsQuery = ({ open, limit }: { readonly open: boolean; readonly limit: number }) =>
  queryOptions({
    queryKey: ['oncall-escalations', open, limit],
    queryFn: async ({ signal }) =>
      (await callOurs(`/oncall/escalations?open=${open}&limit=${limit}`, { schema: escalationList, signal }))
        .escalations,
  })

const feedPath = (kind: FeedKind, name: string): string => `/oncall/feeds/${kind}/${encodeURIComponent(name)}`

/** The secret address of a calendar; asked for only when somebody wants to see it. */
export const feedQuery = (kind: FeedKind, name: string) =>
  queryOptions({
    queryKey: ['oncall-feed', kind, name],
    queryFn: async ({ signal }) => (await callOurs(feedPath(kind, name), { schema: feedAnswer, signal })).url,
  })

export const useRenewFeed = (kind: FeedKind, name: string) =>
  useChange(() => callOurs(feedPath(kind, name), { method: 'POST', schema: feedAnswer }), ['oncall-feed'])

const calendars = ['oncall-overrides', 'oncall-shifts', 'oncall-now']

/** With an `id` it changes that override, without it makes one. */
export const useWriteOverride = () =>
  useChange(
    ({ id, ...body }: OverrideInput & { readonly id?: string | undefined }) =>
      id === undefined
        ? callOurs('/oncall/overrides', { method: 'POST', body, schema: override })
        : callOurs(`/oncall/overrides/${encodeURIComponent(id)}`, { method: 'PUT', body, schema: override }),
    calendars,
  )

export const useRemoveOverride = () =>
  useChange(
    (id: string) => callOurs(`/oncall/overrides/${encodeURIComponent(id)}`, { method: 'DELETE', schema: z.unknown() }),
    calendars,
  )

/** Takes all that fires in a group: nobody else is called. */
export const useTakeGroup = () =>
  useChange(
    (groupKey: string) =>
      callOurs('/alerts/acknowledgements', { method: 'POST', body: { groupKey, via: 'page' }, schema: z.unknown() }),
    ['oncall-escalations', 'drill-runs', 'drills'],
  )
