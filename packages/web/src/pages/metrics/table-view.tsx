import type { UseQueryResult } from '@tanstack/react-query'
import { formatSeries } from '../../charts/series.ts'
import { toLoadable } from '../../data/loadable.ts'
import type { InstantAnswer } from '../../data/prometheus.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { formatMoment } from '../../ui/times.ts'
import { formatValue, type Unit } from '../../ui/units.ts'
import { type TableRow, tableRows } from './model.ts'
import { QueryError } from './query-error.tsx'

/** The values at the end of the range, exact. */
export function TableView({
  result,
  query,
  unit,
}: {
  readonly result: UseQueryResult<InstantAnswer>
  readonly query: string
  readonly unit: Unit
}) {
  const { zone } = usePreferences()
  if (result.error !== null && result.data === undefined)
    return <QueryError error={result.error} query={query} index={undefined} onAgain={() => void result.refetch()} />
  return (
    <Loaded
      of={toLoadable(result)}
      what="the values"
      height={300}
      isEmpty={(answer) => tableRows(answer.data).length === 0}
      empty={
        <ProblemBox
          tone="info"
          problem={{
            what: 'Nothing matches at this moment.',
            fix: 'Check names and labels, or choose an earlier end of the range',
          }}
        />
      }
    >
      {(answer) => (
        <>
          <p className="small third table-moment">at {formatMoment(answer.atMs, zone)}</p>
          <DataTable
            name="Values"
            columns={columns(unit)}
            rows={tableRows(answer.data)}
            rowKey={(row) => row.key}
            initialSort={{ column: 'value', descending: true }}
          />
        </>
      )}
    </Loaded>
  )
}

const columns = (unit: Unit): readonly Column<TableRow>[] => [
  {
    key: 'series',
    title: 'Series',
    cell: (row) => <code className="break">{formatSeries(row.labels)}</code>,
    sortBy: (row) => row.key,
  },
  {
    key: 'exact',
    title: 'Exact',
    numeric: true,
    wideOnly: true,
    cell: (row) => <code className="third">{row.text}</code>,
  },
  {
    key: 'value',
    title: 'Value',
    numeric: true,
    cell: (row) => <span className="label">{Number.isNaN(row.value) ? row.text : formatValue(row.value, unit)}</span>,
    sortBy: (row) => row.value,
  },
]
