// Who is on call at a moment. Pure: a backtest asks of the past, the calendar of the future.
import { fromLocalMs, toLocalMs } from '@tidewatch/core/time-zone.ts'
import type { Layer, Override, Schedule, Window } from './port.ts'

const minuteMs = 60_000
const dayMs = 86_400_000

/** Who is on call, and by what. */
export interface OnCall {
  readonly person: string
  /** The layer's name, or that of nobody's: an override. */
  readonly by: { readonly layer: string } | { readonly override: string }
}

/** Undefined: nobody. */
export function onCallAt(schedule: Schedule, overrides: readonly Override[], atMs: number): OnCall | undefined {
  const standIn = overrideAt(schedule, overrides, atMs)
  if (standIn !== undefined) return { person: standIn.person, by: { override: standIn.id } }
  for (const layer of schedule.layers.toReversed()) {
    const person = personOf(layer, schedule.timeZone, atMs)
    if (person !== undefined) return { person, by: { layer: layer.name } }
  }
  return undefined
}

function overrideAt({ name }: Schedule, overrides: readonly Override[], atMs: number): Override | undefined {
  let found: Override | undefined
  for (const one of overrides) {
    if (one.schedule !== name || atMs < one.startMs || atMs >= one.endMs) continue
    if (found === undefined || isYounger(one, found)) found = one
  }
  return found
}

const isYounger = (a: Override, b: Override): boolean =>
  a.createdAtMs > b.createdAtMs || (a.createdAtMs === b.createdAtMs && a.id > b.id)

function personOf(layer: Layer, timeZone: string, atMs: number): string | undefined {
  if (layer.people.length === 0 || atMs < fromLocalMs(timeZone, layer.beginsLocalMs)) return undefined
  if (layer.endsLocalMs !== undefined && atMs >= fromLocalMs(timeZone, layer.endsLocalMs)) return undefined
  if (layer.windows.length > 0 && !layer.windows.some((window) => isWithin(window, timeZone, atMs))) return undefined
  const turn = turnAt(layer, timeZone, atMs)
  const place = ((turn % layer.people.length) + layer.people.length) % layer.people.length
  return layer.people[place]
}

const turnBeginMs = ({ anchorLocalMs, turnMs }: Layer, timeZone: string, turn: number): number =>
  fromLocalMs(timeZone, anchorLocalMs + turn * turnMs)

/** The turn whose hand-over was the last one: by moments, as a local time may come twice. */
function turnAt(layer: Layer, timeZone: string, atMs: number): number {
  let turn = Math.floor((toLocalMs(timeZone, atMs) - layer.anchorLocalMs) / layer.turnMs)
  while (turnBeginMs(layer, timeZone, turn) > atMs) turn--
  while (turnBeginMs(layer, timeZone, turn + 1) <= atMs) turn++
  return turn
}

/** From when to when a window that begins on a local day lasts; undefined where it does not begin on that day. */
function windowOn(window: Window, timeZone: string, localDayMs: number): readonly [number, number] | undefined {
  if (!window.weekdays.includes(new Date(localDayMs).getUTCDay())) return undefined
  const { fromMinute, toMinute } = window
  const nextDayMs = toMinute <= fromMinute ? dayMs : 0
  return [
    fromLocalMs(timeZone, localDayMs + fromMinute * minuteMs),
    fromLocalMs(timeZone, localDayMs + nextDayMs + toMinute * minuteMs),
  ]
}

function isWithin(window: Window, timeZone: string, atMs: number): boolean {
  const today = Math.floor(toLocalMs(timeZone, atMs) / dayMs) * dayMs
  // that of yesterday may reach over midnight; tomorrow's may begin early where midnight is skipped
  return [today - dayMs, today, today + dayMs].some((day) => {
    const span = windowOn(window, timeZone, day)
    return span !== undefined && atMs >= span[0] && atMs < span[1]
  })
}

/** A stretch of time with one person, or with nobody. */
export interface Shift {
  readonly startMs: number
  readonly endMs: number
  readonly onCall: OnCall | undefined
}

/** Longest range of a calendar. */
export const longestRangeMs = 400 * dayMs

/** The whole range without holes, in order: shifts and, where nobody is on call, gaps. Neighbours differ. */
export function shiftsOf(
  schedule: Schedule,
  overrides: readonly Override[],
  range: { readonly fromMs: number; readonly toMs: number },
): readonly Shift[] {
  const { fromMs, toMs } = range
  const moments = new Set([fromMs])
  const add = (atMs: number): void => {
    if (atMs > fromMs && atMs < toMs) moments.add(atMs)
  }
  for (const { schedule: name, startMs, endMs } of overrides) {
    if (name !== schedule.name) continue
    add(startMs)
    add(endMs)
  }
  for (const layer of schedule.layers) addMoments(layer, schedule.timeZone, range, add)
  const shifts: Shift[] = []
  const sorted = [...moments].sort((a, b) => a - b)
  for (const [i, startMs] of sorted.entries()) {
    const endMs = sorted[i + 1] ?? toMs
    const onCall = onCallAt(schedule, overrides, startMs)
    const last = shifts.at(-1)
    if (last !== undefined && isSame(last.onCall, onCall)) shifts[shifts.length - 1] = { ...last, endMs }
    else shifts.push({ startMs, endMs, onCall })
  }
  return shifts
}

function isSame(a: OnCall | undefined, b: OnCall | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.person === b.person && JSON.stringify(a.by) === JSON.stringify(b.by)
}

/** All moments at which who a layer has may change. */
function addMoments(
  layer: Layer,
  timeZone: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  add: (atMs: number) => void,
): void {
  add(fromLocalMs(timeZone, layer.beginsLocalMs))
  if (layer.endsLocalMs !== undefined) add(fromLocalMs(timeZone, layer.endsLocalMs))
  if (layer.people.length > 1) {
    for (let turn = turnAt(layer, timeZone, fromMs); ; turn++) {
      const beginMs = turnBeginMs(layer, timeZone, turn)
      if (beginMs >= toMs) break
      add(beginMs)
    }
  }
  if (layer.windows.length === 0) return
  const firstDayMs = Math.floor(toLocalMs(timeZone, fromMs) / dayMs) * dayMs - dayMs
  const lastDayMs = toLocalMs(timeZone, toMs) + dayMs
  for (let day = firstDayMs; day <= lastDayMs; day += dayMs) {
    for (const window of layer.windows) for (const atMs of windowOn(window, timeZone, day) ?? []) add(atMs)
  }
}

/** Who comes after the present shift, and when; within 60 days. Gaps are no answer: it is the next person. */
export function nextShift(schedule: Schedule, overrides: readonly Override[], atMs: number): Shift | undefined {
  const now = onCallAt(schedule, overrides, atMs)
  // in pieces: usually it is within days
  const pieces = [7, 60]
  for (const daysAhead of pieces) {
    const shifts = shiftsOf(schedule, overrides, { fromMs: atMs, toMs: atMs + daysAhead * dayMs })
    const next = shifts.slice(1).find(({ onCall }) => onCall !== undefined && onCall.person !== now?.person)
    if (next !== undefined) return next
  }
  return undefined
}
