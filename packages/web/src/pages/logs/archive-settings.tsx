import { useQuery } from '@tanstack/react-query'
import type { LogSettings } from '@tidewatch/api/log-settings.ts'
import { type FormEvent, useState } from 'react'
import { problemOf } from '../../data/client.ts'
import { logSettingsQuery, useChangeArchive } from '../../data/log-settings.ts'
import { useMay } from '../../data/session.ts'
import { SelectField, TextField } from '../../ui/field.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { SureButton } from '../../ui/sure-button.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { ChangedNote } from './changed-note.tsx'
import { type ArchiveDraft, archiveDraftOf, archiveWishOf, sourceText } from './keeping-model.ts'
import './storage.css'

/** Where days are archived: what a file says is shown with its place, else it can be changed. */
export function ArchiveSettings() {
  const { data } = useQuery(logSettingsQuery)
  const may = useMay('admin')
  const [isOpen, setIsOpen] = useState(false)
  if (data === undefined) return null
  const { archive } = data
  if (archive.from === 'file') return <p className="small third">Where to: {sourceText(archive, '')}.</p>
  if (!may) return <p className="small second">Only administrators change where days are archived.</p>
  if (isOpen) return <ArchiveForm archive={archive} onClose={() => setIsOpen(false)} />
  return (
    <div className="storage-actions">
      <button type="button" className="button" onClick={() => setIsOpen(true)}>
        {archive.from === 'none' ? 'Archive days ...' : 'Change where to ...'}
      </button>
      {archive.from === 'page' && <RemoveArchive />}
      <ChangedNote changed={archive.changed} />
    </div>
  )
}

function RemoveArchive() {
  const change = useChangeArchive()
  const toast = useToast()
  const remove = () =>
    change.mutate(undefined, { onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }) })
  return <SureButton word="Stop" what="archiving days" disabled={change.isPending} onSure={remove} />
}

interface FormProps {
  readonly archive: LogSettings['archive']
  readonly onClose: () => void
}

function ArchiveForm({ archive, onClose }: FormProps) {
  const [draft, setDraft] = useState(() => archiveDraftOf(archive.own ?? {}))
  const change = useChangeArchive()
  const toast = useToast()
  const set = (part: Partial<ArchiveDraft>) => setDraft((before) => ({ ...before, ...part }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (change.isPending) return
    change.mutate(archiveWishOf(draft), {
      onSuccess() {
        toast({ text: 'Changed where days are archived.' })
        onClose()
      },
    })
  }
  const field = (key: Exclude<keyof ArchiveDraft, 'kind'>, label: string, placeholder: string, isSecret = false) => (
    <TextField
      label={label}
      placeholder={placeholder}
      type={isSecret ? 'password' : 'text'}
      autoCapitalize="none"
      autoComplete={isSecret ? 'new-password' : 'off'}
      spellCheck={false}
      maxLength={1000}
      value={draft[key]}
      onValue={(text) => set({ [key]: text })}
    />
  )
  return (
    <form className="storage-form" aria-label="Where days are archived" onSubmit={submit}>
      <div className="storage-fields">
        <SelectField label="Where to" value={draft.kind} options={kinds} onValue={(kind) => set({ kind })} />
        {draft.kind === 'folder' ? (
          field('folder', 'Folder of the server', '/srv/archive')
        ) : (
          <>
            {field('bucket', 'Bucket', 'logs')}
            {field('region', 'Region', 'us-east-1')}
            {field('endpoint', 'Endpoint', 'AWS')}
            {field('prefix', 'Prefix', 'team/')}
            {field('accessKeyId', 'Access key', 'as AWS’s own programs find it')}
            {field('secretAccessKey', 'Secret key', archive.own?.s3?.accessKeyId === undefined ? '' : 'as it is', true)}
          </>
        )}
        {field('after', 'After the end of a day', '6h')}
        {field('hold', 'Keep days back while it fails', '14d, or off')}
      </div>
      {change.error !== null && <ProblemBox problem={problemOf(change.error)} />}
      <div className="storage-actions">
        <button type="submit" className="button primary" disabled={change.isPending}>
          Archive there
        </button>
        <button type="button" className="button bare" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  )
}

const kinds = [
  { value: 'folder', title: 'a folder' },
  { value: 's3', title: 'a bucket (S3)' },
] as const
