import { useQuery } from '@tanstack/react-query'
import type { ArchivedDay, LogArchiveState } from '@tidewatch/api/log-archive.ts'
import { useState } from 'react'
import { toLoadable } from '../../data/loadable.ts'
import { logArchiveQuery, useDropRestored, useRestoreDay } from '../../data/log-archive.ts'
import { useMay } from '../../data/session.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { TextField } from '../../ui/field.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { SureButton } from '../../ui/sure-button.tsx'
import { formatDay } from '../../ui/times.ts'
import { formatNumber, formatValue } from '../../ui/units.ts'
import { ArchiveSettings } from './archive-settings.tsx'
import { bytesColumn, linesColumn } from './size-columns.ts'
import { daysText, restoredText } from './storage-model.ts'

/** Archived days, and back. */
export function ArchiveSection() {
  const result = useQuery(logArchiveQuery)
  return (
    <section className="section" aria-label="Archive">
      <div className="section-head">
        <h2>Archive</h2>
        <span className="third small">days that are over, as compressed files; retention waits for it</span>
      </div>
      <Loaded of={toLoadable(result)} what="the archive" height={120}>
        {(archive) => (archive.place === undefined ? <NoArchive /> : <Archived archive={archive} />)}
      </Loaded>
      <ArchiveSettings />
    </section>
  )
}

function NoArchive() {
  return <p>There is none: days go without a copy.</p>
}

function Archived({ archive }: { readonly archive: LogArchiveState }) {
  const { place, days, lines, bytes, trouble, unread, waitingDays } = archive
  const [keep, setKeep] = useState('7')
  return (
    <>
      <p>
        <code>{place}</code>: {daysText(days.length)}, {formatNumber(lines)} lines, {formatValue(bytes, 'bytes')}
        {waitingDays === undefined || waitingDays === 0 ? '' : `; ${waitingDays} wait`}
      </p>
      {trouble !== undefined && (
        <p role="alert">
          Archiving fails since {formatDay(trouble.sinceMs, 'utc')}: {trouble.message} Days stay until it works again.
        </p>
      )}
      {unread !== undefined && <p role="alert">The archive cannot be read: {unread}</p>}
      <TextField label="Days a restored day stays" type="number" min={1} max={3650} value={keep} onValue={setKeep} />
      <DataTable
        name="Archived days"
        columns={columnsFor(Number(keep))}
        rows={days}
        rowKey={({ day }) => day}
        initialSort={{ column: 'day', descending: true }}
      />
    </>
  )
}

const columnsFor = (keepDays: number): readonly Column<ArchivedDay>[] => [
  { key: 'day', title: 'Day', sortBy: ({ dayMs }) => dayMs, cell: ({ day }) => day },
  linesColumn,
  bytesColumn('In the archive'),
  { key: 'state', title: 'Searchable', cell: (day) => restoredText(day) },
  { key: 'act', title: 'Do', cell: (day) => <DayAction day={day} keepDays={keepDays} /> },
]

function DayAction({
  day: { day, isStored, restored },
  keepDays,
}: {
  readonly day: ArchivedDay
  readonly keepDays: number
}) {
  const may = useMay('admin')
  const restore = useRestoreDay()
  const drop = useDropRestored()
  if (!may) return null
  if (restored !== undefined)
    return (
      <SureButton word="Drop" what={`the restored ${day}`} disabled={drop.isPending} onSure={() => drop.mutate(day)} />
    )
  if (isStored) return null
  return (
    <button
      type="button"
      className="button little"
      aria-label={`Restore ${day}`}
      disabled={restore.isPending || !Number.isInteger(keepDays) || keepDays < 1}
      onClick={() => restore.mutate({ day, days: keepDays })}
    >
      Restore
    </button>
  )
}
