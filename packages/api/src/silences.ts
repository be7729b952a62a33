// What a silence would hide: asked by the page before one is made.
import { z } from 'zod'
import { silenceMatcher } from './alertmanager.ts'

/** `filter`: matchers as in Alertmanager, one or several, or a list in braces. */
export const silencePreviewQuery = z.object({ filter: z.union([z.string(), z.array(z.string())]) })

export const silencePreview = z.object({
  /** The filter, read. */
  matchers: z.array(silenceMatcher),
  /** All that would be hidden now. */
  count: z.number(),
  /** The first 200 of them. */
  alerts: z.array(
    z.object({ fingerprint: z.string(), labels: z.record(z.string(), z.string()), startsAtMs: z.number() }),
  ),
})
export type SilencePreview = z.infer<typeof silencePreview>
