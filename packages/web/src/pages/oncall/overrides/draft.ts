// An override while it is being written: local times as inputs hold them. No React here.
import type { OverrideItem, ShiftItem } from '@tidewatch/api/oncall.ts'
import type { OverrideInput } from '../../../data/oncall.ts'
import { inputMoment, inputText, spanName } from '../calendar/zoned.ts'

export interface OverrideDraft {
  /** Of the override that is changed; undefined makes a new one. */
  readonly id: string | undefined
  readonly schedule: string
  readonly person: string
  /** Local times of the schedule's zone: `2026-11-27T18:00`. */
  readonly from: string
  readonly to: string
  readonly note: string
}

interface DraftStart {
  readonly schedule: string
  readonly timeZone: string
  readonly startMs: number
  readonly endMs: number
  readonly person?: string
}

export const newDraft = ({ schedule, timeZone, startMs, endMs, person = '' }: DraftStart): OverrideDraft => ({
  ...{ id: undefined, schedule, person, note: '' },
  ...{ from: inputText(startMs, timeZone), to: inputText(endMs, timeZone) },
})

export const draftOf = (override: OverrideItem, timeZone: string): OverrideDraft => ({
  ...newDraft({ ...override, timeZone }),
  ...{ id: override.id, note: override.note },
})

export type Checked =
  | { readonly ok: true; readonly input: OverrideInput & { readonly id: string | undefined } }
  | { readonly ok: false; readonly problem: string }

/** What is sent, or what is missing; the end is on a later minute than the begin. */
export function checkDraft({ id, schedule, person, from, to, note }: OverrideDraft, timeZone: string): Checked {
  const [startMs, endMs] = [inputMoment(from, timeZone), inputMoment(to, timeZone)]
  if (person === '') return { ok: false, problem: 'Choose who takes it.' }
  if (startMs === undefined || endMs === undefined) return { ok: false, problem: 'Both times are needed.' }
  if (endMs <= startMs) return { ok: false, problem: 'It must end after it begins.' }
  return { ok: true, input: { id, schedule, person, startMs, endMs, note: note.trim() } }
}

/** Who had it before, in words: "instead of mara and nobody". */
export function insteadText(shifts: readonly ShiftItem[], person: string): string {
  const others = [...new Set(shifts.map((shift) => shift.person ?? 'nobody'))].filter((one) => one !== person)
  if (others.length === 0) return shifts.length === 0 ? '' : `, who has it already`
  return ` instead of ${new Intl.ListFormat('en', { type: 'conjunction' }).format(others)}`
}

/** The sentence that says what saving will do. */
export const draftText = (input: OverrideInput, timeZone: string): string =>
  `${input.person} is on call for ${input.schedule} from ${spanName(input, timeZone)} ${timeZone}`
