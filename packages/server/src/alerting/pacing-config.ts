// `cooldown` and `throttle` as rules and tidewatch.yml write them.
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'
import type { AlertPacing } from './port.ts'
import { span, text } from './rules/written-scalars.ts'

const maxThrottleCount = 1000

const throttle = text.transform((written, context) => {
  const match = /^(\d+)\s*(?:per|in|\/)\s*(\S+)$/.exec(written.trim())
  const count = Number(match?.[1])
  const windowMs = parseDurationMs(match?.[2] ?? '')
  if (match !== null && count >= 1 && count <= maxThrottleCount && windowMs !== undefined && windowMs > 0)
    return { count, windowMs }
  context.addIssue({ code: 'custom', message: 'not a throttle. Write how many in how long: 3 per 1h' })
  return z.NEVER
})

export const pacingKeys = { cooldown: span.optional(), throttle: throttle.optional() }

export interface WrittenPacing {
  readonly cooldown?: number | undefined
  readonly throttle?: { readonly count: number; readonly windowMs: number } | undefined
}

/** Undefined where nothing is said. */
export function toPacing({ cooldown, throttle: most }: WrittenPacing): AlertPacing | undefined {
  if (cooldown === undefined && most === undefined) return undefined
  return { cooldownMs: cooldown, throttle: most }
}
