// What comes next for an alert, in a sentence.
import type { AlertDetail } from '@tidewatch/api/alert-why.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'

type Next = AlertDetail['next']

/** Pure. */
export function nextOf({
  state,
  activeAtMs,
  forMs,
  groups,
  holding,
  isTaken,
}: Pick<AlertDetail, 'state' | 'activeAtMs' | 'groups' | 'holding'> & {
  readonly forMs: number
  readonly isTaken: boolean
}): Next {
  if (state === 'ended') return { text: 'Nothing: it has ended.' }
  if (state === 'pending')
    return {
      text: `It fires if its condition still holds then: it must hold for ${formatDurationMs(forMs)}.`,
      ...(activeAtMs === undefined ? {} : { atMs: activeAtMs + forMs }),
    }
  const [first] = groups.toSorted((a, b) => a.dueAtMs - b.dueAtMs)
  if (first === undefined) return { text: 'Another process tells people of it.' }
  const receivers = [...new Set(groups.map(({ receiver }) => receiver))].join(', ')
  const isMuted = holding.some(({ stage, receiver }) => stage !== 'acknowledged' && receiver === undefined)
  if (isMuted)
    return { text: `Its groups are looked at again; what holds it may have ended then.`, atMs: first.dueAtMs }
  if (isTaken) return { text: 'Nothing until it ends: somebody has taken it.' }
  const told = groups.flatMap((group) =>
    group.told.filter(({ firing }) => firing).map(({ atMs }) => atMs + group.repeatIntervalMs),
  )
  if (told.length === 0) return { text: `${receivers} is told.`, atMs: first.dueAtMs }
  return { text: `${receivers} is told again if it still fires.`, atMs: Math.min(...told) }
}
