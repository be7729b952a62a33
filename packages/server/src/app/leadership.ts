// Of several processes one must do a thing: it holds a lock, and another takes over when it is gone.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { StateLocks } from '../state/port.ts'

/** How often a process that is not the one asks again, in ms. */
const retryMs = 5000

export interface LeadershipOptions {
  readonly locks: StateLocks
  readonly name: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Waits for the lock, calls `lead`, and again when it was lost. `lead` ends when its signal fires: then another process may already lead. */
export async function whileLeading(
  { locks, name, clock, signal }: LeadershipOptions,
  lead: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await using lock = await locks.tryLock(name)
    if (lock !== undefined) await lead(AbortSignal.any([signal, lock.signal]))
    else await clock.sleep(retryMs, { signal })
  }
}

/** Resolves when a signal fires. */
export function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
