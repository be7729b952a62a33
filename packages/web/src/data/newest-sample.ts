import { queryOptions } from '@tanstack/react-query'
import { queryData } from '@tidewatch/api/prometheus.ts'
import { callPrometheus } from './client.ts'

/** How old the newest sample of any target is, by the server's clock; undefined where there is none. */
export const newestSampleQuery = queryOptions({
  queryKey: ['newest-sample'],
  queryFn: async ({ signal }): Promise<{ readonly ageMs: number | undefined }> => {
    const parameters = new URLSearchParams({ query: 'time() - max(timestamp(up))' })
    const { data } = await callPrometheus('/query', parameters, { schema: queryData, signal })
    const value = data.resultType === 'vector' ? data.result[0]?.value?.[1] : undefined
    return { ageMs: value === undefined ? undefined : Math.max(0, Number(value) * 1000) }
  },
})
