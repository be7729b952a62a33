import { useQuery } from '@tanstack/react-query'
import type { LogRetentionPreview, LogSettings } from '@tidewatch/api/log-settings.ts'
import { Plus, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { problemOf } from '../../data/client.ts'
import { toLoadable } from '../../data/loadable.ts'
import { logSettingsQuery, useChangeRetention, useRetentionPreview } from '../../data/log-settings.ts'
import { useMay } from '../../data/session.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { formatValue } from '../../ui/units.ts'
import { ChangedNote } from './changed-note.tsx'
import {
  costText,
  draftOf,
  dropText,
  type KeepingDraft,
  newRule,
  type RuleDraft,
  sourceText,
  wishOf,
} from './keeping-model.ts'
import { daysText, keptText, ruleText } from './storage-model.ts'
import './storage.css'

type Retention = LogSettings['retention']

/** How long lines are kept: tried first, with what it costs and what goes, and then changed. */
export function KeepingSection() {
  const result = useQuery(logSettingsQuery)
  return (
    <section className="section" aria-label="Change how long lines are kept">
      <div className="section-head">
        <h2>Change how long lines are kept</h2>
        <span className="third small">for all projects; days go whole, the oldest first</span>
      </div>
      <Loaded of={toLoadable(result)} what="the settings" height={160}>
        {({ retention }) => <KeepingForm key={JSON.stringify(retention.own)} retention={retention} />}
      </Loaded>
    </section>
  )
}

function KeepingForm({ retention }: { readonly retention: Retention }) {
  const [draft, setDraft] = useState(() => draftOf(retention.own))
  const preview = useRetentionPreview()
  const may = useMay('admin')
  const change = (part: Partial<KeepingDraft>) => {
    setDraft((before) => ({ ...before, ...part }))
    // what was told is of other settings
    preview.reset()
  }
  const ask = (event: FormEvent) => {
    event.preventDefault()
    if (!preview.isPending) preview.mutate(wishOf(draft))
  }
  const isChanged = JSON.stringify(wishOf(draft)) !== JSON.stringify(retention.own)
  return (
    <>
      <form className="storage-form" onSubmit={ask}>
        <Limits retention={retention} draft={draft} onChange={change} />
        <Rules retention={retention} draft={draft} onChange={change} />
        <div className="storage-actions">
          <button type="submit" className="button" disabled={preview.isPending}>
            {isChanged ? 'Show what it costs' : 'Show what it costs now'}
          </button>
          {!may && <span className="small second">Only administrators change it.</span>}
          <ChangedNote changed={retention.changed} />
        </div>
      </form>
      {preview.error !== null && <ProblemBox problem={problemOf(preview.error)} />}
      {preview.data !== undefined && <Cost preview={preview.data} draft={draft} mayKeep={may && isChanged} />}
    </>
  )
}

interface PartProps {
  readonly retention: Retention
  readonly draft: KeepingDraft
  readonly onChange: (part: Partial<KeepingDraft>) => void
}

function Limits({ retention: { age, size }, draft, onChange }: PartProps) {
  const common = { autoCapitalize: 'none', autoComplete: 'off', spellCheck: false, maxLength: 50 } as const
  return (
    <div className="storage-fields">
      <TextField
        {...common}
        label="Keep lines for"
        placeholder={age.value}
        value={age.from === 'file' ? age.value : draft.age}
        readOnly={age.from === 'file'}
        onValue={(text) => onChange({ age: text })}
        note={<Note text={`${age.value === 'off' ? 'without an end' : age.value} now, ${sourceText(age, '')}`} />}
      />
      <TextField
        {...common}
        label="At most on disk"
        placeholder="no limit"
        value={size.from === 'file' ? size.value : draft.size}
        readOnly={size.from === 'file'}
        onValue={(text) => onChange({ size: text })}
        note={
          <Note
            text={`${size.value === 'off' ? 'no limit' : size.value} now${size.from === 'none' ? '' : `, ${sourceText(size, '')}`}`}
          />
        }
      />
    </div>
  )
}

const Note = ({ text }: { readonly text: string }) => <span className="small third break">{text}</span>

/** Lines kept for another time, by service and level. */
function Rules({ retention: { classes }, draft, onChange }: PartProps) {
  if (classes.from === 'file')
    return <p className="small second">Rules by service and level: {sourceText(classes, '')}.</p>
  const set = (id: number, part: Partial<RuleDraft>) =>
    onChange({ rules: draft.rules.map((rule) => (rule.id === id ? { ...rule, ...part } : rule)) })
  return (
    <fieldset className="storage-rules" aria-label="Lines kept for another time">
      {draft.rules.map((rule, at) => (
        <RuleRow
          key={rule.id}
          rule={rule}
          number={at + 1}
          onChange={(part) => set(rule.id, part)}
          onRemove={() => onChange({ rules: draft.rules.filter(({ id }) => id !== rule.id) })}
        />
      ))}
      <div className="storage-actions">
        <button
          type="button"
          className="button little"
          onClick={() => onChange({ rules: [...draft.rules, newRule(draft)] })}
        >
          <Plus className="icon" aria-hidden /> Rule by service or level
        </button>
        {draft.rules.length > 0 && (
          <span className="small third">
            The first counts that a line is in when it comes; lines that are there keep theirs.
          </span>
        )}
      </div>
    </fieldset>
  )
}

interface RuleRowProps {
  readonly rule: RuleDraft
  readonly number: number
  readonly onChange: (part: Partial<RuleDraft>) => void
  readonly onRemove: () => void
}

function RuleRow({ rule, number, onChange, onRemove }: RuleRowProps) {
  const input = (what: string, key: 'services' | 'levels' | 'age', placeholder: string) => (
    <input
      className="input mono"
      aria-label={`${what} of rule ${number}`}
      placeholder={placeholder}
      autoCapitalize="none"
      spellCheck={false}
      maxLength={1000}
      value={rule[key]}
      onChange={(event) => onChange({ [key]: event.target.value })}
    />
  )
  return (
    <div className="storage-rule">
      {input('Services', 'services', 'all services, or audit, sign-*')}
      {input('Levels', 'levels', 'all levels, or debug, info')}
      {input('Age', 'age', '3d')}
      <button type="button" className="button bare square" aria-label={`Remove rule ${number}`} onClick={onRemove}>
        <X className="icon" aria-hidden />
      </button>
    </div>
  )
}

interface CostProps {
  readonly preview: LogRetentionPreview
  readonly draft: KeepingDraft
  readonly mayKeep: boolean
}

/** What the settings would do, and the button that takes them. */
function Cost({ preview, draft, mayKeep }: CostProps) {
  const change = useChangeRetention()
  const toast = useToast()
  const { days } = preview.drops
  const keep = () =>
    change.mutate(
      { wish: wishOf(draft), confirmedDays: days },
      { onSuccess: () => toast({ text: 'Changed how long lines are kept.' }) },
    )
  return (
    <fieldset className="storage-cost" aria-label="What it costs">
      <p role="status">
        <b>{dropText(preview)}</b> {costText(preview)}
      </p>
      <DataTable
        name="Cost by rule"
        columns={costColumns}
        rows={preview.costs.map((cost, at) => ({ ...cost, at }))}
        rowKey={({ at }) => String(at)}
        initialSort={{ column: 'at', descending: false }}
      />
      {change.error !== null && <ProblemBox problem={problemOf(change.error)} />}
      {mayKeep && (
        <div className="storage-actions">
          <button
            type="button"
            className={days === 0 ? 'button primary' : 'button danger'}
            disabled={change.isPending}
            onClick={keep}
          >
            {days === 0 ? 'Keep lines so' : `Keep lines so and drop ${daysText(days)}`}
          </button>
        </div>
      )}
    </fieldset>
  )
}

type CostRow = LogRetentionPreview['costs'][number] & { readonly at: number }
const bytesText = (bytes: number | undefined, otherwise: string): string =>
  bytes === undefined ? otherwise : formatValue(bytes, 'bytes')

const costColumns: readonly Column<CostRow>[] = [
  { key: 'at', title: 'Rule', numeric: true, wideOnly: true, sortBy: ({ at }) => at, cell: ({ at }) => at + 1 },
  { key: 'whose', title: 'Lines', cell: ruleText },
  {
    key: 'days',
    title: 'Kept',
    cell: keptText,
  },
  { key: 'day', title: 'A day', numeric: true, wideOnly: true, cell: (row) => bytesText(row.bytesPerDay, '?') },
  {
    key: 'bytes',
    title: 'In the long run',
    numeric: true,
    cell: (row) => bytesText(row.bytes, row.days === 0 ? 'grows' : '?'),
  },
]
