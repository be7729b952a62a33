// When a failed delivery is tried again; one table for all channels.
import type { SendResult } from './port.ts'

/** Whether a receiver that answered so may take the same notification later. */
export function isWorthRetrying(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}

export const isDelivered = (status: number): boolean => status >= 200 && status < 300

/** What an answer means. */
export function verdictOf({ status, verdict }: SendResult): 'delivered' | 'retry' | 'failed' {
  if (verdict !== undefined) return verdict
  if (isDelivered(status)) return 'delivered'
  return isWorthRetrying(status) ? 'retry' : 'failed'
}

/** Alertmanager's words for why a notification failed: labels of its metric. */
export type FailureReason =
  | 'clientError'
  | 'serverError'
  | 'rateLimited'
  | 'contextCanceled'
  | 'contextDeadlineExceeded'
  | 'other'

export function reasonOfStatus(status: number): FailureReason {
  if (status === 429) return 'rateLimited'
  if (status >= 500) return 'serverError'
  return status >= 400 ? 'clientError' : 'other'
}

const firstDelayMs = 2_000
const longestDelayMs = 5 * 60_000

/** How long to wait after so many failed attempts, in ms: doubled each time up to 5 minutes. */
export function retryDelayMs(attempts: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 20))
}

/** After so long a notification is news no more; it is kept as failed, for a person to see and send again. */
export const giveUpAfterMs = 24 * 3_600_000

/** However long a receiver asks for: it is asked again after this. */
const longestPauseMs = 3_600_000

/** What `Retry-After` asks for, in ms from now: seconds, or a date (RFC 9110, 10.2.3). */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) && header.trim() !== '' ? seconds * 1000 : Date.parse(header) - nowMs
  return Number.isFinite(ms) ? Math.min(longestPauseMs, Math.max(0, Math.ceil(ms))) : undefined
}
