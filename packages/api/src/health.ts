// `GET /health`: how each part of the server is.
import { z } from 'zod'

export const partState = z.enum(['starting', 'ready', 'degraded', 'down'])

export const health = z.object({
  /** The worst of all parts. */
  status: partState,
  ready: z.boolean(),
  version: z.string(),
  uptimeSeconds: z.number(),
  parts: z.array(
    z.object({
      name: z.string(),
      state: partState,
      /** Why it is not ready; for those signed in. */
      reason: z.string().optional(),
      /** Since when it is so, in ms since 1970. */
      sinceMs: z.number(),
    }),
  ),
})
export type Health = z.infer<typeof health>
