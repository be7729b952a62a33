import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useDeferredValue, useState } from 'react'
import { problemOf } from '../../data/client.ts'
import { formatMatchers, type Matcher } from '../../data/matchers.ts'
import { sessionQuery } from '../../data/session.ts'
import { useEndSilence, useSetSilence } from '../../data/silences.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { formatMoment, zoneName } from '../../ui/times.ts'
import { useToast } from '../../ui/toasts.tsx'
import { formatSeconds } from '../../ui/units.ts'
import { MatcherRows } from './matcher-rows.tsx'
import {
  durations,
  fromInput,
  missingOf,
  type SilenceDraft,
  type SilenceStart,
  toInput,
  usualMs,
} from './silence-model.ts'
import { SilencePreview } from './silence-preview.tsx'
import './silences.css'

interface SilenceDialogProps {
  readonly start: SilenceStart
  readonly onClose: () => void
  readonly onDone?: () => void
}

/** Makes or changes a silence, and shows while it is written what it hides. */
export function SilenceDialog({ start, onClose, onDone }: SilenceDialogProps) {
  const nowMs = useTicking(30_000)
  const session = useQuery(sessionQuery)
  const { draft, change } = useDraft(start)
  const done = useSaidDone()
  const set = useSetSilence({
    onSuccess: (id) => {
      done(id, draft.endsAtMs ?? 0, start.id !== undefined)
      onDone?.()
      onClose()
    },
  })
  const missing = missingOf(draft, nowMs)
  const filter = useDeferredValue(formatMatchers(draft.matchers.filter(({ name }) => name.trim() !== '')))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const { endsAtMs } = draft
    if (missing !== undefined || endsAtMs === undefined || set.isPending) return
    const createdBy = session.data?.user.name ?? 'somebody'
    const wish = { ...draft, id: start.id, startsAtMs: draft.startsAtMs ?? Date.now(), endsAtMs, createdBy }
    set.mutate(wish)
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={start.id === undefined ? 'Silence' : 'Change the silence'}
      wide
    >
      <form className="silence-form" onSubmit={submit}>
        <MatcherRows matchers={draft.matchers} onChange={(matchers) => change({ matchers })} />
        <SilencePreview
          filter={filter}
          isEmpty={draft.matchers.length === 0}
          meant={start.meant}
          onNarrow={
            start.narrower === undefined || start.narrower.length <= start.matchers.length
              ? undefined
              : () => change({ matchers: start.narrower ?? [] })
          }
        />
        <Times draft={draft} nowMs={nowMs} onChange={change} />
        <TextField
          label="Why"
          required
          maxLength={1000}
          placeholder="Moving the database, ticket 4711"
          value={draft.comment}
          onValue={(comment) => change({ comment })}
        />
        {set.error !== null && <ProblemBox problem={problemOf(set.error)} />}
        <div className="dialog-actions silence-actions">
          <span className="small second grow" role="status">
            {missing ?? `By ${session.data?.user.name ?? ''}`}
          </span>
          <button type="button" className="button bare" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={missing !== undefined || set.isPending}>
            {start.id === undefined ? 'Silence' : 'Change'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function useDraft(start: SilenceStart) {
  const [draft, setDraft] = useState<SilenceDraft>(() => ({
    matchers: start.matchers,
    startsAtMs: start.startsAtMs,
    endsAtMs: start.endsAtMs ?? Date.now() + usualMs,
    comment: start.comment ?? '',
  }))
  const change = (part: Partial<SilenceDraft>) => setDraft((before) => ({ ...before, ...part }))
  return { draft, change }
}

/** Says that it stands, and until when; Undo ends it. */
function useSaidDone() {
  const toast = useToast()
  const end = useEndSilence({ onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }) })
  const { zone } = usePreferences()
  return (id: string, endsAtMs: number, isChange: boolean) => {
    const text = `${isChange ? 'Changed: silent' : 'Silent'} until ${formatMoment(endsAtMs, zone)}.`
    const undo = () => end.mutate(id)
    toast(isChange ? { text } : { text, undo })
  }
}

interface TimesProps {
  readonly draft: SilenceDraft
  readonly nowMs: number
  readonly onChange: (part: Partial<SilenceDraft>) => void
}

function Times({ draft: { startsAtMs, endsAtMs }, nowMs, onChange }: TimesProps) {
  const { zone } = usePreferences()
  const fromMs = Math.max(nowMs, startsAtMs ?? nowMs)
  const zoneText = zoneName(fromMs, zone)
  const lasts = endsAtMs === undefined ? undefined : endsAtMs - fromMs
  return (
    <div className="silence-times">
      <fieldset className="segments wrap-segments" aria-label="How long">
        {durations.map(({ title, ms }) => {
          const isOn = lasts !== undefined && Math.abs(lasts - ms) < 60_000
          return (
            <button
              key={title}
              type="button"
              className={isOn ? 'on' : ''}
              aria-pressed={isOn}
              onClick={() => onChange({ endsAtMs: fromMs + ms })}
            >
              {title}
            </button>
          )
        })}
      </fieldset>
      <div className="silence-moments">
        <TextField
          label={`Begins (${zoneText})`}
          type="datetime-local"
          value={startsAtMs === undefined ? '' : toInput(startsAtMs, zone)}
          onValue={(text) => onChange({ startsAtMs: fromInput(text, zone) })}
          note={startsAtMs === undefined ? <span className="small third">now</span> : undefined}
        />
        <TextField
          label={`Ends (${zoneText})`}
          type="datetime-local"
          required
          value={endsAtMs === undefined ? '' : toInput(endsAtMs, zone)}
          onValue={(text) => onChange({ endsAtMs: fromInput(text, zone) })}
          note={
            lasts !== undefined && lasts > 0 ? (
              <span className="small third">{formatSeconds(Math.round(lasts / 60_000) * 60)}</span>
            ) : undefined
          }
        />
      </div>
    </div>
  )
}

export const noMatchers: readonly Matcher[] = [{ name: '', op: '=', value: '' }]
