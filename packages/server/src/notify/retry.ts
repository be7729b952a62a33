// When a failed delivery is tried again; one table for all channels.

/** Whether a receiver that answered so may take the same notification later. */
export function isWorthRetrying(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}

export const isDelivered = (status: number): boolean => status >= 200 && status < 300

const firstDelayMs = 2_000
const longestDelayMs = 5 * 60_000

/** How long to wait after so many failed attempts, in ms: doubled each time up to 5 minutes. */
export function retryDelayMs(attempts: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 20))
}

/** After so long a notification is news no more; it is kept as failed, for a person to see and send again. */
export const giveUpAfterMs = 24 * 3_600_000
