// A silence while it is written: how long, what is missing, and times as the inputs of a browser have them. No React here.
import type { GettableSilence } from '@tidewatch/api/alertmanager.ts'
import { fromApi, type Matcher } from '../../data/matchers.ts'
import { momentOf, partsOf, type Zone } from '../../ui/times.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

export const durations: readonly { readonly title: string; readonly ms: number }[] = [
  { title: '30 min', ms: 30 * minuteMs },
  { title: '1 h', ms: hourMs },
  { title: '2 h', ms: 2 * hourMs },
  { title: '4 h', ms: 4 * hourMs },
  { title: '8 h', ms: 8 * hourMs },
  { title: '1 d', ms: 24 * hourMs },
  { title: '3 d', ms: 72 * hourMs },
  { title: '1 week', ms: 168 * hourMs },
]

/** How long a silence is where nobody chose. */
export const usualMs = 2 * hourMs

export interface SilenceStart {
  /** Of the one that is changed. */
  readonly id?: string
  readonly matchers: readonly Matcher[]
  /** Hides only what was chosen, where `matchers` hide more. */
  readonly narrower?: readonly Matcher[]
  /** So many alerts were chosen. */
  readonly meant?: number
  readonly startsAtMs?: number
  readonly endsAtMs?: number
  readonly comment?: string
}

/** To change one, or to make an ended one again as long as it was. */
export function startOf(silence: GettableSilence, nowMs: number): SilenceStart {
  const { id, matchers, comment, status } = silence
  const [startsAtMs, endsAtMs] = [Date.parse(silence.startsAt), Date.parse(silence.endsAt)]
  const base = { matchers: matchers.map(fromApi), comment }
  if (status.state !== 'expired') return { ...base, id, startsAtMs, endsAtMs }
  return { ...base, endsAtMs: nowMs + Math.max(minuteMs, endsAtMs - startsAtMs) }
}

const two = (value: number): string => String(value).padStart(2, '0')

/** For `<input type="datetime-local">`, to the minute. */
export function toInput(atMs: number, zone: Zone): string {
  const { year, month, day, hour, minute } = partsOf(atMs, zone)
  return `${year}-${two(month + 1)}-${two(day)}T${two(hour)}:${two(minute)}`
}

/** Undefined where it is no time. */
export function fromInput(text: string, zone: Zone): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number)
  return momentOf({ year, month: month - 1, day, hour, minute, second: 0 }, zone)
}

export interface SilenceDraft {
  readonly matchers: readonly Matcher[]
  /** Undefined: now. */
  readonly startsAtMs: number | undefined
  readonly endsAtMs: number | undefined
  readonly comment: string
}

/** Why it cannot be made yet; undefined: it can. */
export function missingOf(
  { matchers, startsAtMs, endsAtMs, comment }: SilenceDraft,
  nowMs: number,
): string | undefined {
  if (matchers.length === 0) return 'Add a label: a silence without one would hide everything.'
  if (matchers.some(({ name }) => name.trim() === '')) return 'Name the label.'
  if (!matchers.some(isBinding)) return 'One of the labels must ask for a value: all of these match alerts without it.'
  if (endsAtMs === undefined) return 'Say when it ends.'
  if (endsAtMs <= Math.max(nowMs, startsAtMs ?? nowMs)) return 'It must end after it begins.'
  return comment.trim() === '' ? 'Say why, for those who wonder at night.' : undefined
}

/** Alertmanager refuses a silence whose matchers all match the empty value. An expression is judged by the server. */
const isBinding = ({ op, value }: Matcher): boolean =>
  op === '=' ? value !== '' : op === '!=' ? value === '' : op === '=~' ? value !== '' && value !== '.*' : true
