import type { UseQueryResult } from '@tanstack/react-query'
import { formatSeries } from '../../charts/series.ts'
import { toLoadable } from '../../data/loadable.ts'
import type { InstantAnswer } from '../../data/prometheus.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { ProblemBox } from '../../ui/problem-box.tsx'
import { formatMoment, type Zone } from '../../ui/times.ts'
import { formatValue, type Unit } from '../../ui/units.ts'
import { BucketBars } from './bucket-bars.tsx'
import { csvOf } from './csv.ts'
import { type TableRow, tableRows } from './model.ts'
import { QueryError } from './query-error.tsx'
import { type AskedQuery, letterOf } from './rows.ts'

interface TableViewProps {
  readonly asked: readonly AskedQuery[]
  readonly results: readonly UseQueryResult<InstantAnswer>[]
  readonly unit: Unit
}

/** The values at the end of the range, exact: a table a query. */
export function TableView({ asked, results, unit }: TableViewProps) {
  if (asked.length === 0) return <p className="second small">Every query is hidden. Show one with the eye beside it.</p>
  return asked.map((row, i) => {
    const result = results[i]
    return result === undefined ? null : (
      <QueryTable
        key={row.index}
        query={row.query}
        index={asked.length > 1 ? row.index : undefined}
        result={result}
        unit={unit}
      />
    )
  })
}

interface QueryTableProps {
  readonly query: string
  /** Undefined where there is only one query. */
  readonly index: number | undefined
  readonly result: UseQueryResult<InstantAnswer>
  readonly unit: Unit
}

function QueryTable({ query, index, result, unit }: QueryTableProps) {
  if (result.error !== null && result.data === undefined)
    return <QueryError error={result.error} query={query} index={index} onAgain={() => void result.refetch()} />
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
            what: `${index === undefined ? '' : `${letterOf(index)}: `}Nothing matches at this moment.`,
            fix: 'Check names and labels, or choose an earlier end of the range',
          }}
        />
      }
    >
      {(answer) => <Values answer={answer} index={index} unit={unit} />}
    </Loaded>
  )
}

function Values({ answer, index, unit }: { readonly answer: InstantAnswer } & Pick<QueryTableProps, 'index' | 'unit'>) {
  const { zone } = usePreferences()
  const rows = tableRows(answer.data)
  const isRange = answer.data.resultType === 'matrix'
  return (
    <>
      <div className="row small third table-moment">
        <span>
          {index === undefined ? '' : `${letterOf(index)}, `}
          {isRange ? `${rows.length} samples up to` : 'at'} {formatMoment(answer.atMs, zone)}
        </span>
        <button type="button" className="button little end" onClick={() => save(csvOf(rows, answer.atMs))}>
          CSV
        </button>
      </div>
      <DataTable
        name={index === undefined ? 'Values' : `Values of ${letterOf(index)}`}
        columns={columns(unit, isRange ? zone : undefined)}
        rows={rows}
        rowKey={(row) => row.key}
        {...(isRange ? {} : { initialSort: { column: 'value', descending: true } })}
      />
    </>
  )
}

function save(csv: string): void {
  const url = URL.createObjectURL(new Blob([csv], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'metrics.csv'
  link.click()
  // the browser has taken it by its next turn
  setTimeout(() => URL.revokeObjectURL(url), 0)
}

const columns = (unit: Unit, rangeZone: Zone | undefined): readonly Column<TableRow>[] => [
  {
    key: 'series',
    title: 'Series',
    cell: (row) => (
      <>
        <code className="break">{formatSeries(row.labels)}</code>
        {row.histogram !== undefined && <BucketBars histogram={row.histogram} unit={unit} />}
      </>
    ),
    sortBy: (row) => row.key,
  },
  ...(rangeZone === undefined
    ? []
    : [
        {
          key: 'time',
          title: 'Time',
          cell: (row: TableRow) => <span className="nowrap third">{formatMoment(row.atMs ?? 0, rangeZone)}</span>,
          sortBy: (row: TableRow) => row.atMs ?? 0,
        },
      ]),
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
    cell: (row) => (
      <span className="label">
        {Number.isNaN(row.value) ? row.text : formatValue(row.value, row.histogram === undefined ? unit : 'number')}
      </span>
    ),
    sortBy: (row) => row.value,
  },
]
