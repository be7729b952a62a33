// How many series there are, of what, and what could go.
import { queryOptions } from '@tanstack/react-query'
import { cardinalityReport, labelValuesReport } from '@tidewatch/api/cardinality.ts'
import { callOurs } from './client.ts'

export const cardinalityQuery = queryOptions({
  queryKey: ['cardinality'],
  queryFn: ({ signal }) => callOurs('/cardinality?limit=20', { schema: cardinalityReport, signal }),
})

export const labelValuesQuery = (name: string) =>
  queryOptions({
    queryKey: ['cardinality', 'label', name],
    queryFn: ({ signal }) =>
      callOurs(`/cardinality/labels/${encodeURIComponent(name)}?limit=50`, { schema: labelValuesReport, signal }),
  })
