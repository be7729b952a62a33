import type { Clock } from '@tidewatch/core/clock.ts'
import { TimeSlices } from '@tidewatch/core/time-slices.ts'
import { checkCancelled } from '@tidewatch/logquery/logql/limits.ts'

/** Items between two looks at the time. */
const itemsPerLook = 64

/** Does the work for each item, and lets others have the thread in between. */
export async function inTurns<T>(
  items: readonly T[],
  clock: Pick<Clock, 'monotonicMs'>,
  signal: AbortSignal,
  work: (item: T) => void,
): Promise<void> {
  const slices = new TimeSlices(clock)
  for (let at = 0; at < items.length; at++) {
    work(items[at] as T)
    if (at % itemsPerLook !== 0 || !slices.isOver()) continue
    await slices.turn()
    checkCancelled(signal)
  }
}
