// The list of lines: what searches brought, what came since, what waits. Newest first. No React here.
import type { LogLine, LogSearchEvent } from '@tidewatch/api/logs.ts'
import type { ProblemText } from '../../ui/problem-box.tsx'

type SearchPhase = 'searching' | 'done' | 'cancelled' | 'failed'

interface Progress {
  readonly searchedToNs: string
  readonly rowsRead: number
  readonly bytesRead: number
}

export interface LinesState {
  readonly lines: readonly LogLine[]
  /** Of what is listed, so that no line is there twice. */
  readonly ids: ReadonlySet<string>
  readonly phase: SearchPhase
  /** The lines are those of the search before. */
  readonly isStale: boolean
  readonly progress: Progress | undefined
  /** Where to go on behind the last line. */
  readonly cursor: string | undefined
  readonly tookMs: number | undefined
  readonly problem: ProblemText | undefined
  /** Came in and not shown yet, newest first. */
  readonly waiting: readonly LogLine[]
  /** Lines that wait are not all that came: older ones of them were let go. */
  readonly isWaitingCut: boolean
  /** Of what matched lately, how much was shown: 1 unless there was too much. */
  readonly share: number
  /** Lines that came since the search began and are not in the list, as too many came at once. */
  readonly leftOut: number
  /** Older lines were let go, as more came than a list holds. */
  readonly isTrimmed: boolean
}

/** A list holds so many lines; of what goes on coming, the oldest go. */
export const maxLines = 20_000
/** Lines that wait to be shown; of more, the newest are kept. */
const maxWaiting = 5000

export const noLines: LinesState = {
  lines: [],
  ids: new Set(),
  phase: 'searching',
  isStale: false,
  progress: undefined,
  cursor: undefined,
  tookMs: undefined,
  problem: undefined,
  waiting: [],
  isWaitingCut: false,
  share: 1,
  leftOut: 0,
  isTrimmed: false,
}

export type LinesAction =
  /** `more`: goes on behind the last line. */
  | { readonly type: 'begin'; readonly more: boolean }
  | { readonly type: 'event'; readonly event: LogSearchEvent; readonly tookMs: number }
  | { readonly type: 'fail'; readonly problem: ProblemText }
  | { readonly type: 'cancel' }
  /** Lines that were accepted meanwhile, shown unless the list is held. */
  | {
      readonly type: 'arrived'
      readonly lines: readonly LogLine[]
      readonly share: number
      readonly leftOut: number
      readonly held: boolean
    }
  | { readonly type: 'show' }

export function reduceLines(state: LinesState, action: LinesAction): LinesState {
  switch (action.type) {
    case 'begin':
      if (action.more) return { ...state, phase: 'searching', problem: undefined }
      return { ...noLines, lines: state.lines, ids: state.ids, isStale: state.lines.length > 0 }
    case 'event':
      return withEvent(state, action.event, action.tookMs)
    case 'fail':
      return { ...state, phase: 'failed', problem: action.problem }
    case 'cancel':
      return state.phase === 'searching' ? { ...state, phase: 'cancelled' } : state
    case 'arrived': {
      const waiting = mergeLines(action.lines.filter(isNewTo(state)), state.waiting)
      const next = {
        ...state,
        waiting: waiting.slice(0, maxWaiting),
        isWaitingCut: state.isWaitingCut || waiting.length > maxWaiting,
        share: action.share,
        leftOut: state.leftOut + action.leftOut,
      }
      return action.held || state.isStale ? next : shown(next)
    }
    case 'show':
      return shown(state)
    default:
      return action satisfies never
  }
}

function withEvent(state: LinesState, event: LogSearchEvent, tookMs: number): LinesState {
  // the first piece of an answer takes the place of the lines of the search before
  const base = state.isStale && event.type !== 'progress' ? { ...state, lines: [], ids: noLines.ids } : state
  switch (event.type) {
    case 'progress':
      return { ...state, progress: event, tookMs }
    case 'lines': {
      const fresh = event.lines.filter(isNewTo(base))
      return { ...listed(base, [...base.lines, ...fresh]), isStale: false, progress: event, tookMs }
    }
    case 'end': {
      const done = { ...base, isStale: false, progress: event, cursor: event.cursor, tookMs, phase: 'done' as const }
      return state.isStale ? shown(done) : done
    }
    case 'error':
      return { ...state, phase: 'failed', problem: { what: event.message, fix: event.fix } }
    default:
      return event satisfies never
  }
}

const isNewTo =
  ({ ids }: LinesState) =>
  ({ id }: LogLine): boolean =>
    !ids.has(id)

const listed = (state: LinesState, lines: readonly LogLine[]): LinesState => ({
  ...state,
  lines,
  ids: new Set(lines.map(({ id }) => id)),
})

function shown(state: LinesState): LinesState {
  if (state.waiting.length === 0) return state
  // between lines that waited in part and what is listed others are missing: the list begins anew with what waited
  const merged = state.isWaitingCut ? state.waiting : mergeLines(state.waiting, state.lines)
  const isTrimmed = state.isTrimmed || state.isWaitingCut || merged.length > maxLines
  const next = listed(state, merged.length > maxLines ? merged.slice(0, maxLines) : merged)
  // behind a list that was cut the cursor would leave a gap
  return { ...next, waiting: [], isWaitingCut: false, isTrimmed, cursor: isTrimmed ? undefined : state.cursor }
}

/** Two lists as one, newest first, each id once. `older` has to be in order already. */
export function mergeLines(newer: readonly LogLine[], older: readonly LogLine[]): LogLine[] {
  if (newer.length === 0) return [...older]
  const sorted = newer.toSorted(newestFirst)
  const seen = new Set<string>()
  const merged: LogLine[] = []
  let [i, j] = [0, 0]
  while (i < sorted.length || j < older.length) {
    const [a, b] = [sorted[i], older[j]]
    const isA = b === undefined || (a !== undefined && newestFirst(a, b) <= 0)
    const line = isA ? a : b
    if (isA) i++
    else j++
    if (line === undefined || seen.has(line.id)) continue
    seen.add(line.id)
    merged.push(line)
  }
  return merged
}

/** Times are digits of different lengths: the longer is the later. */
function newestFirst(a: LogLine, b: LogLine): number {
  if (a.timeNs.length !== b.timeNs.length) return b.timeNs.length - a.timeNs.length
  return a.timeNs === b.timeNs ? 0 : a.timeNs < b.timeNs ? 1 : -1
}

/** How far a search is, from 0 to 1, by the time that it has looked through. */
export function shareSearched(searchedToNs: string, { fromMs, toMs }: { fromMs: number; toMs: number }): number {
  const atMs = Number(BigInt(searchedToNs) / 1_000_000n)
  return Math.max(0, Math.min(1, (toMs - atMs) / Math.max(1, toMs - fromMs)))
}
