import { Link } from '@tanstack/react-router'
import type { CountedLabel } from '@tidewatch/api/cardinality.ts'
import { linkSearch } from '../../data/search.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatNumber, formatValue } from '../../ui/units.ts'

export interface Counted {
  readonly name: string
  readonly count: number
}

/** Metrics by series, each beside its part of all; a name leads to its series in Metrics. */
export function MetricTable({ metrics, total }: { readonly metrics: readonly Counted[]; readonly total: number }) {
  return (
    <DataTable
      name="Metrics by series"
      columns={metricColumns(total)}
      rows={metrics}
      rowKey={(metric) => metric.name}
      initialSort={{ column: 'series', descending: true }}
    />
  )
}

const metricColumns = (total: number): readonly Column<Counted>[] => [
  {
    key: 'metric',
    title: 'Metric',
    sortBy: (metric) => metric.name,
    cell: (metric) => (
      <Link
        to="/explore"
        search={linkSearch({ q: `{__name__=${JSON.stringify(metric.name)}}` })}
        className="mono break"
      >
        {metric.name}
      </Link>
    ),
  },
  {
    key: 'series',
    title: 'Series',
    numeric: true,
    width: '90px',
    sortBy: (metric) => metric.count,
    cell: (metric) => formatNumber(metric.count),
  },
  {
    key: 'part',
    title: 'Of all',
    numeric: true,
    width: '80px',
    cell: (metric) => <span className="third">{part(metric.count, total)}</span>,
  },
]

export function LabelTable({
  labels,
  onOpen,
}: {
  readonly labels: readonly CountedLabel[]
  readonly onOpen: (name: string) => void
}) {
  return (
    <DataTable
      name="Labels by values"
      columns={labelColumns}
      rows={labels}
      rowKey={(label) => label.name}
      initialSort={{ column: 'values', descending: true }}
      onOpen={(label) => onOpen(label.name)}
    />
  )
}

const labelColumns: readonly Column<CountedLabel>[] = [
  {
    key: 'label',
    title: 'Label',
    sortBy: (label) => label.name,
    cell: (label) => <span className="mono break">{label.name}</span>,
  },
  {
    key: 'values',
    title: 'Values',
    numeric: true,
    width: '90px',
    sortBy: (label) => label.values,
    cell: (label) => formatNumber(label.values),
  },
  {
    key: 'series',
    title: 'Series',
    numeric: true,
    width: '90px',
    sortBy: (label) => label.series,
    cell: (label) => formatNumber(label.series),
  },
  {
    key: 'bytes',
    title: 'As text',
    numeric: true,
    wideOnly: true,
    width: '90px',
    sortBy: (label) => label.bytes,
    cell: (label) => <span className="third">{formatValue(label.bytes, 'bytes')}</span>,
  },
]

/** A short list without a head of its own to sort by: largest first, as it came. */
export function CountTable({
  name,
  title,
  rows,
  countTitle,
}: {
  readonly name: string
  readonly title: string
  readonly rows: readonly Counted[]
  readonly countTitle: string
}) {
  const columns: readonly Column<Counted>[] = [
    { key: 'name', title, cell: (row) => <span className="mono break">{row.name === '' ? '(none)' : row.name}</span> },
    { key: 'count', title: countTitle, numeric: true, width: '110px', cell: (row) => formatNumber(row.count) },
  ]
  return <DataTable name={name} columns={columns} rows={rows} rowKey={(row) => row.name} />
}

/** A part in per cent; little is not nothing. */
function part(count: number, total: number): string {
  const percent = (count / total) * 100
  return percent > 0 && percent < 0.1 ? '< 0.1 %' : `${formatNumber(percent)} %`
}
