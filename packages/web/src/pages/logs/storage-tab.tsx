import { useQuery } from '@tanstack/react-query'
import type { logStorage } from '@tidewatch/api/logs.ts'
import type { z } from 'zod'
import { toLoadable } from '../../data/loadable.ts'
import { logStorageQuery } from '../../data/logs.ts'
import { CodeBlock } from '../../ui/code-block.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { Stat } from '../../ui/stat.tsx'
import { formatDay } from '../../ui/times.ts'
import { formatNumber, formatValue } from '../../ui/units.ts'
import { ArchiveSection } from './archive-section.tsx'
import { IndexSection } from './index-section.tsx'
import { KeepingSection } from './keeping-section.tsx'
import { bytesColumn, linesColumn } from './size-columns.ts'
import { bodyBytesOf, costOf, keptText, ruleText, storageSnippets } from './storage-model.ts'

type Storage = z.infer<typeof logStorage>

/** What logs take, for how long they are kept, and how that is changed. */
export function StorageTab() {
  const result = useQuery(logStorageQuery)
  return (
    <Loaded of={toLoadable(result)} what="what logs take" height={400}>
      {(storage) => (
        <>
          <Totals storage={storage} />
          <section className="section" aria-label="How long lines are kept">
            <div className="section-head">
              <h2>How long lines are kept</h2>
              <span className="third small">and what each takes</span>
            </div>
            <DataTable
              name="Lines by how long they are kept"
              columns={classColumns}
              rows={storage.classes}
              rowKey={({ days }) => String(days)}
              initialSort={{ column: 'bytes', descending: true }}
            />
          </section>
          <Rules storage={storage} />
          <KeepingSection />
          <ArchiveSection />
          <IndexSection bodyBytes={bodyBytesOf(storage)} />
          <Days storage={storage} />
          <Columns storage={storage} />
          <section className="section" aria-label="Changing it">
            <div className="section-head">
              <h2>Changing it by a file</h2>
              <span className="third small">what tidewatch.yml says goes before what is set above</span>
            </div>
            <CodeBlock name="Settings of log storage" snippets={storageSnippets} />
          </section>
        </>
      )}
    </Loaded>
  )
}

function Totals({ storage }: { readonly storage: Storage }) {
  const { lines, bytes, indexBytes, rawBytes, oldestMs } = storage
  const cost = costOf(storage)
  return (
    <section aria-label="What logs take">
      <h2 className="hidden-text">What logs take</h2>
      <div className="stats log-totals">
        <Stat
          name="On disk"
          title="On disk"
          value={formatValue(bytes, 'bytes')}
          against={`of it ${formatValue(indexBytes, 'bytes')} indexes`}
        />
        <Stat
          name="Lines"
          title="Lines"
          value={formatNumber(lines)}
          against={cost.bytesPerLine === undefined ? '' : `${formatValue(cost.bytesPerLine, 'bytes')} each`}
        />
        <Stat
          name="As they came"
          title="As they came"
          value={formatValue(rawBytes, 'bytes')}
          against={cost.timesSmaller === undefined ? '' : `kept ${formatNumber(cost.timesSmaller)} times smaller`}
        />
        <Stat
          name="A day"
          title="A day"
          value={cost.bytesPerDay === undefined ? 'not known yet' : formatValue(cost.bytesPerDay, 'bytes')}
          against={
            cost.bytesPerDay === undefined
              ? 'after one whole day'
              : `${formatValue(cost.bytesPerDay * 30, 'bytes')} in 30 days`
          }
        >
          <p className="small third">
            {oldestMs === undefined ? 'no day is kept' : `days are kept since ${formatDay(oldestMs, 'utc')}`}
          </p>
        </Stat>
      </div>
    </section>
  )
}

const classColumns: readonly Column<Storage['classes'][number]>[] = [
  {
    key: 'days',
    title: 'Kept',
    sortBy: ({ days }) => (days === 0 ? Number.POSITIVE_INFINITY : days),
    cell: keptText,
  },
  linesColumn,
  bytesColumn('On disk'),
]

function Rules({ storage: { rules } }: { readonly storage: Storage }) {
  return (
    <section className="section" aria-label="Rules in force">
      <div className="section-head">
        <h2>Rules in force</h2>
        <span className="third small">the first counts that a line is in when it comes</span>
      </div>
      <DataTable
        name="Rules of keeping"
        columns={ruleColumns}
        rows={rules.map((rule, at) => ({ ...rule, at }))}
        rowKey={({ at }) => String(at)}
        initialSort={{ column: 'at', descending: false }}
      />
    </section>
  )
}

const ruleColumns: readonly Column<Storage['rules'][number] & { readonly at: number }>[] = [
  { key: 'at', title: 'Rule', numeric: true, sortBy: ({ at }) => at, cell: ({ at }) => at + 1 },
  { key: 'whose', title: 'Lines', cell: ruleText },
  { key: 'days', title: 'Kept', sortBy: ({ days }) => (days === 0 ? Number.POSITIVE_INFINITY : days), cell: keptText },
]

function Columns({ storage }: { readonly storage: Storage }) {
  // the store keeps no sizes of columns for days with few lines
  const columns = storage.columns.filter(({ bytes }) => bytes > 0)
  if (columns.length === 0) return null
  return (
    <section className="section" aria-label="What takes the room">
      <div className="section-head">
        <h2>What takes the room</h2>
        <span className="third small">columns and indexes over all days</span>
      </div>
      <DataTable
        name="Columns and indexes"
        columns={columnColumns}
        rows={columns}
        rowKey={({ kind, name }) => `${kind} ${name}`}
        initialSort={{ column: 'bytes', descending: true }}
      />
    </section>
  )
}

const columnColumns: readonly Column<Storage['columns'][number]>[] = [
  { key: 'name', title: 'Name', sortBy: ({ name }) => name, cell: ({ name }) => <code>{name}</code> },
  { key: 'kind', title: 'Kind', sortBy: ({ kind }) => kind, cell: ({ kind }) => kind },
  bytesColumn('On disk'),
  {
    key: 'raw',
    title: 'Before compression',
    numeric: true,
    wideOnly: true,
    sortBy: ({ rawBytes }) => rawBytes,
    cell: ({ rawBytes }) => formatValue(rawBytes, 'bytes'),
  },
]

function Days({ storage: { perDay } }: { readonly storage: Storage }) {
  const most = perDay.reduce((max, { bytes }) => Math.max(max, bytes), 1)
  if (perDay.length === 0) return null
  return (
    <section className="section" aria-label="By day">
      <div className="section-head">
        <h2>By day</h2>
        <span className="third small">bytes on disk of the lines of each day in UTC</span>
      </div>
      <ol className="log-days">
        {perDay.map(({ dayMs, lines, bytes }) => (
          <li key={dayMs} className="small">
            <span className="nowrap">{formatDay(dayMs, 'utc')}</span>
            <span className="meter" aria-hidden>
              <i style={{ width: `${(bytes / most) * 100}%` }} />
            </span>
            <span className="number">{formatValue(bytes, 'bytes')}</span>
            <span className="number third">
              {formatNumber(lines)} {lines === 1 ? 'line' : 'lines'}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
