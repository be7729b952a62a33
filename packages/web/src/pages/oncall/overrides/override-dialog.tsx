import { useQuery } from '@tanstack/react-query'
import type { OnCallPlanAnswer } from '@tidewatch/api/oncall.ts'
import { type FormEvent, useState } from 'react'
import { problemOf } from '../../../data/client.ts'
import { shiftsQuery, useWriteOverride } from '../../../data/oncall.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { useTicking } from '../../../ui/loaded.tsx'
import { ProblemBox } from '../../../ui/problem-box.tsx'
import { useToast } from '../../../ui/toasts.tsx'
import { namedSpans } from '../calendar/lanes.ts'
import { inputText } from '../calendar/zoned.ts'
import { type Checked, checkDraft, draftText, insteadText, type OverrideDraft } from './draft.ts'

interface OverrideDialogProps {
  readonly start: OverrideDraft
  readonly plan: OnCallPlanAnswer
  readonly onClose: () => void
}

/** Somebody stands in: who, for which schedule, from when to when. Says what it will do before it is saved. */
export function OverrideDialog({ start, plan, onClose }: OverrideDialogProps) {
  const [draft, setDraft] = useState(start)
  const [tried, setTried] = useState(false)
  const write = useWriteOverride()
  const toast = useToast()
  const timeZone = plan.schedules.find(({ name }) => name === draft.schedule)?.timeZone ?? 'UTC'
  const checked = checkDraft(draft, timeZone)
  const change = (part: Partial<OverrideDraft>) => setDraft((before) => ({ ...before, ...part }))
  const save = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (!checked.ok) return
    write.mutate(checked.input, {
      onSuccess: () => {
        toast({ text: `${draftText(checked.input, timeZone)}.` })
        onClose()
      },
    })
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={draft.id === undefined ? 'Somebody stands in' : 'Change who stands in'}
    >
      <form onSubmit={save} noValidate>
        <SelectField
          label="Who takes it"
          value={draft.person}
          options={[{ value: '', title: 'Choose' }, ...plan.people.map(({ name }) => ({ value: name, title: name }))]}
          onValue={(person) => change({ person })}
        />
        <SelectField
          label="Schedule"
          value={draft.schedule}
          options={plan.schedules.map(({ name, timeZone: zone }) => ({ value: name, title: `${name} (${zone})` }))}
          onValue={(schedule) => change({ schedule })}
        />
        <Times draft={draft} timeZone={timeZone} change={change} />
        <TextField
          label="Note"
          maxLength={500}
          placeholder="Why, for the others"
          value={draft.note}
          onValue={(note) => change({ note })}
        />
        <Outcome checked={checked} timeZone={timeZone} tried={tried} />
        {write.error !== null && <ProblemBox problem={problemOf(write.error)} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={write.isPending}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  )
}

interface TimesProps {
  readonly draft: OverrideDraft
  readonly timeZone: string
  readonly change: (part: Partial<OverrideDraft>) => void
}

function Times({ draft, timeZone, change }: TimesProps) {
  const nowMs = useTicking(60_000)
  return (
    <>
      <div className="override-two">
        <TextField
          label="From"
          type="datetime-local"
          required
          value={draft.from}
          onValue={(from) => change({ from })}
        />
        <TextField label="To" type="datetime-local" required value={draft.to} onValue={(to) => change({ to })} />
      </div>
      <div className="oncall-tools">
        {namedSpans(nowMs, timeZone).map(({ title, startMs, endMs }) => (
          <button
            key={title}
            type="button"
            className="button little"
            onClick={() => change({ from: inputText(startMs, timeZone), to: inputText(endMs, timeZone) })}
          >
            {title}
          </button>
        ))}
        <span className="small third end">Times of {timeZone}</span>
      </div>
    </>
  )
}

function Outcome({
  checked,
  timeZone,
  tried,
}: {
  readonly checked: Checked
  readonly timeZone: string
  readonly tried: boolean
}) {
  const { schedule, startMs, endMs } = checked.ok ? checked.input : { schedule: '', startMs: 0, endMs: 0 }
  const shifts = useQuery({ ...shiftsQuery(schedule, { fromMs: startMs, toMs: endMs }), enabled: checked.ok })
  if (!checked.ok)
    return (
      <p className={`small ${tried ? 'crit label' : 'third'}`} role="status">
        {checked.problem}
      </p>
    )
  const instead =
    shifts.data === undefined || shifts.isPlaceholderData ? '' : insteadText(shifts.data, checked.input.person)
  return (
    <p className="small second" role="status">
      {draftText(checked.input, timeZone)}
      {instead}.
    </p>
  )
}
