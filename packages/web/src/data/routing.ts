// The tree of routes, and where an alert with given labels would go.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { routeTrace, routeTree } from '@tidewatch/api/routing.ts'
import { callOurs } from './client.ts'

export const routeTreeQuery = queryOptions({
  queryKey: ['routes'],
  queryFn: ({ signal }) => callOurs('/alerts/routes', { schema: routeTree, signal }),
})

export const routeTraceQuery = (labels: Readonly<Record<string, string>>) =>
  queryOptions({
    queryKey: ['routes', 'trace', labels],
    queryFn: ({ signal }) =>
      callOurs('/alerts/routes/trace', { method: 'POST', body: { labels }, schema: routeTrace, signal }),
    placeholderData: keepPreviousData,
  })
