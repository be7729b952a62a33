import { useQuery } from '@tanstack/react-query'
import { type LogIndexSetting, optionalLogIndexes } from '@tidewatch/api/log-settings.ts'
import { problemOf } from '../../data/client.ts'
import { toLoadable } from '../../data/loadable.ts'
import { logSettingsQuery, useSwitchIndex } from '../../data/log-settings.ts'
import { useMay } from '../../data/session.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { SureButton } from '../../ui/sure-button.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { formatValue } from '../../ui/units.ts'
import { ChangedNote } from './changed-note.tsx'
import { indexTexts, stageText } from './keeping-model.ts'
import { bytesColumn } from './size-columns.ts'

/** Each index with what it takes and what it is for; off and on. */
export function IndexSection({ bodyBytes }: { /** What messages take on disk. */ readonly bodyBytes: number }) {
  const result = useQuery(logSettingsQuery)
  return (
    <section className="section" aria-label="Indexes">
      <div className="section-head">
        <h2>Indexes</h2>
        <span className="third small">
          of the lines of all projects; those that can be switched off make searches slower, and change nothing that is
          found
        </span>
      </div>
      <Loaded of={toLoadable(result)} what="the indexes" height={120}>
        {({ indexes, indexesChanged }) => (
          <>
            <DataTable name="Indexes of lines" columns={columns} rows={indexes} rowKey={({ name }) => name} />
            <p className="small second storage-note">
              Without the index of words a search for one reads the messages of its time
              {bodyBytes === 0 ? '' : ` (of all days ${formatValue(bodyBytes, 'bytes')} on disk)`}. Switched on again,
              an index is built for the lines that are there too, part by part, beside all else.{' '}
              <ChangedNote changed={indexesChanged} />
            </p>
          </>
        )}
      </Loaded>
    </section>
  )
}

const columns: readonly Column<LogIndexSetting>[] = [
  {
    key: 'name',
    title: 'Index',
    cell: ({ name }) => (
      <>
        {indexTexts[name].title}
        <span className="small third break storage-serves">{indexTexts[name].serves}</span>
      </>
    ),
  },
  bytesColumn('On disk'),
  { key: 'state', title: 'State', cell: (index) => <span className="break">{stageText(index)}</span> },
  { key: 'act', title: 'Do', titleHidden: true, cell: (index) => <Switch index={index} /> },
]

function Switch({ index }: { readonly index: LogIndexSetting }) {
  const may = useMay('admin')
  const toast = useToast()
  const change = useSwitchIndex()
  const name = optionalLogIndexes.find((one) => one === index.name)
  if (!may || name === undefined) return null
  const what = `the index: ${indexTexts[name].title.toLowerCase()}`
  const set = (on: boolean) =>
    change.mutate({ name, enabled: on }, { onError: (error) => toast({ text: problemOf(error).what, tone: 'error' }) })
  if (index.enabled)
    return <SureButton word="Switch off" what={what} disabled={change.isPending} onSure={() => set(false)} />
  return (
    <button
      type="button"
      className="button little"
      aria-label={`Switch on ${what}`}
      disabled={change.isPending}
      onClick={() => set(true)}
    >
      Switch on
    </button>
  )
}
