// `GET /api/tidewatch/v1/alerts/routes`: the tree by which alerts find people; `POST .../routes/trace`: where one would go.
import { z } from 'zod'

const texts = z.record(z.string(), z.string())

const routeFields = {
  id: z.string(),
  receiver: z.string(),
  /** As amtool prints them; empty on the root. */
  matchers: z.array(z.string()),
  /** Routes beside it are asked too. */
  continue: z.boolean(),
  /** `["..."]`: each set of labels is a group of its own. */
  groupBy: z.array(z.string()),
  groupWaitMs: z.number(),
  groupIntervalMs: z.number(),
  repeatIntervalMs: z.number(),
  muteTimeIntervals: z.array(z.string()),
  activeTimeIntervals: z.array(z.string()),
  /** Keys of the integrations that are told: `critical/slack[0]`, `channels/ops`. */
  integrations: z.array(z.string()),
  /** Groups of this route in which something is now. */
  groups: z.number(),
  /** Names of the intervals for which the route is silent now. */
  mutedBy: z.array(z.string()),
}

export interface RouteNode extends z.infer<z.ZodObject<typeof routeFields>> {
  routes: RouteNode[]
}

const routeNode: z.ZodType<RouteNode> = z.object({
  ...routeFields,
  get routes() {
    return z.array(routeNode)
  },
})

export const routeTree = z.object({
  root: routeNode,
  receivers: z.array(z.string()),
  /** Matchers as amtool prints them. */
  inhibitRules: z.array(
    z.object({ source: z.array(z.string()), target: z.array(z.string()), equal: z.array(z.string()) }),
  ),
  /** `alertmanager.yml`, or ours where there is none. */
  isDefault: z.boolean(),
})
export type RouteTree = z.infer<typeof routeTree>

export const traceRequest = z.strictObject({
  labels: z
    .record(z.string().min(1).max(1024), z.string().max(8192))
    .refine((labels) => Object.keys(labels).length <= 100, {
      error: 'at most 100 labels.',
    }),
})

export const routeTrace = z.object({
  routes: z.array(
    z.object({
      id: z.string(),
      receiver: z.string(),
      integrations: z.array(z.string()),
      groupKey: z.string(),
      groupLabels: texts,
      groupWaitMs: z.number(),
      mutedBy: z.array(z.string()),
    }),
  ),
  /** Fingerprints of alerts that mute it. */
  inhibitedBy: z.array(z.string()),
  /** Ids of silences. */
  silencedBy: z.array(z.string()),
})
export type RouteTrace = z.infer<typeof routeTrace>
