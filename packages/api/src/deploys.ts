// `/api/tidewatch/v1/deploys`: when which release of a service began to run somewhere.
import { z } from 'zod'

const name = z.string().max(250)

export const deploy = z.object({
  id: z.string(),
  service: z.string(),
  /** Where it runs; '' where that is not said. */
  environment: z.string(),
  release: z.string(),
  atMs: z.number(),
  /** `lines`: a line of that release was seen for the first time; `told`: somebody said so. */
  source: z.enum(['lines', 'told']),
  /** Who said so. */
  by: z.string(),
})
export type Deploy = z.infer<typeof deploy>

/** `POST`. `at`: RFC 3339 or ms since 1970; now where it is left out. The same again counts once. */
export const postedDeploy = z.strictObject({
  service: name.min(1),
  release: name.min(1),
  environment: name.default(''),
  at: z
    .union([z.number().int().min(0), z.string().max(40)])
    .transform((at) => (typeof at === 'number' ? at : Date.parse(at)))
    .refine((atMs) => Number.isFinite(atMs), 'must be a time: 2026-11-22T14:05:00Z, or ms since 1970')
    .optional(),
})
export type PostedDeploy = z.output<typeof postedDeploy>

const ms = z.coerce.number().int().min(0).max(8.64e15)

/** `GET`. */
export const deploysQuery = z.strictObject({
  service: name.optional(),
  environment: name.optional(),
  /** From it on, and before it. */
  fromMs: ms.optional(),
  toMs: ms.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
export type DeploysQuery = z.output<typeof deploysQuery>

/** The newest first. */
export const deploys = z.object({ deploys: z.array(deploy) })
