// Deploys: when which release of a service began to run.
import { queryOptions } from '@tanstack/react-query'
import { deploys } from '@tidewatch/api/deploys.ts'
import { callOurs } from './client.ts'
import { logSpanOf } from './logs.ts'
import type { TimeRange } from './range.ts'

const most = 200

/** Those of a range, the newest first; `backMs` before it too. */
export const deploysQuery = (range: TimeRange, backMs = 0) =>
  queryOptions({
    queryKey: ['deploys', range, backMs],
    queryFn: async ({ signal }) => {
      const { fromMs, toMs } = logSpanOf(range, Date.now())
      const parameters = { fromMs: `${Math.max(0, fromMs - backMs)}`, toMs: `${toMs}`, limit: `${most}` }
      return (await callOurs(`/deploys?${new URLSearchParams(parameters)}`, { schema: deploys, signal })).deploys
    },
    staleTime: 15_000,
  })
