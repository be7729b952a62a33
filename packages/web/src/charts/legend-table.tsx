import { ChevronDown, ChevronUp } from 'lucide-react'
import { type MouseEvent, useState } from 'react'
import { formatNumber, formatValue, type Unit } from '../ui/units.ts'
import { nextOnly } from './only.ts'
import { type ChartData, type ChartSeries, formatSeries, type LegendColumn, sortSeries } from './series.ts'
import { Swatch } from './swatch.tsx'
import './legend-table.css'

interface LegendTableProps {
  readonly data: ChartData
  readonly unit: Unit
  readonly only: ReadonlySet<string>
  readonly onOnly: (only: ReadonlySet<string>) => void
  readonly onLift: (key: string | undefined) => void
}

const columns: readonly { readonly column: LegendColumn; readonly title: string; readonly wideOnly?: boolean }[] = [
  { column: 'last', title: 'Last' },
  { column: 'least', title: 'Least', wideOnly: true },
  { column: 'mean', title: 'Mean', wideOnly: true },
  { column: 'most', title: 'Most' },
]
const findFrom = 10
const maxRows = 200

/** The legend as a table: sort by any figure, click isolates, Shift click adds, pointing lifts the line. */
export function LegendTable({ data, unit, only, onOnly, onLift }: LegendTableProps) {
  const [sort, setSort] = useState<{ column: LegendColumn; descending: boolean }>({ column: 'last', descending: true })
  const [find, setFind] = useState('')
  const wanted = find.trim().toLowerCase()
  const found =
    wanted === '' ? data.series : data.series.filter((one) => formatSeries(one.labels).toLowerCase().includes(wanted))
  const sorted = sortSeries(found, sort.column, sort.descending)
  const head = (column: LegendColumn) =>
    setSort({ column, descending: sort.column === column ? !sort.descending : column !== 'name' })
  const count =
    data.total > data.series.length
      ? `${data.series.length} of ${formatNumber(data.total)} series drawn, highest first`
      : `${data.total} series`
  return (
    <>
      <div className="legend-head small">
        <SharedLabels labels={data.shared} />
        {data.series.length > findFrom && (
          <input
            className="input legend-find"
            type="search"
            placeholder="Find a series"
            aria-label="Find a series"
            value={find}
            onChange={(event) => setFind(event.target.value)}
          />
        )}
      </div>
      <table className="table legend" aria-label="Legend">
        <thead>
          <tr>
            <LegendHead title={count} column="name" sort={sort} onSort={head} />
            {columns.map(({ column, title, wideOnly }) => (
              <LegendHead
                key={column}
                title={title}
                column={column}
                sort={sort}
                onSort={head}
                wideOnly={wideOnly === true}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, maxRows).map((one) => (
            <LegendRow
              key={one.key}
              series={one}
              unit={unit}
              dimmed={only.size > 0 && !only.has(one.key)}
              pressed={only.has(one.key)}
              onClick={(event) => onOnly(nextOnly(only, one.key, event.shiftKey))}
              onLift={onLift}
            />
          ))}
        </tbody>
      </table>
      {found.length === 0 && <p className="second small">No series has “{find}” in its labels.</p>}
    </>
  )
}

function SharedLabels({ labels }: { readonly labels: ChartData['shared'] }) {
  const entries = Object.entries(labels)
  if (entries.length === 0) return <span />
  return (
    <div className="row wrap third">
      <span>All have</span>
      {entries.map(([name, value]) => (
        <span key={name} className="chip">
          {name}=<b>{value}</b>
        </span>
      ))}
    </div>
  )
}

interface LegendHeadProps {
  readonly title: string
  readonly column: LegendColumn
  readonly sort: { readonly column: LegendColumn; readonly descending: boolean }
  readonly onSort: (column: LegendColumn) => void
  readonly wideOnly?: boolean
}

function LegendHead({ title, column, sort, onSort, wideOnly = false }: LegendHeadProps) {
  const isSorted = sort.column === column
  const Arrow = sort.descending ? ChevronDown : ChevronUp
  const className = `${column === 'name' ? '' : 'number'} ${wideOnly ? 'wide-only' : ''}`
  return (
    <th
      scope="col"
      className={className}
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" className="sort" onClick={() => onSort(column)}>
        {title}
        {isSorted && <Arrow className="icon" aria-hidden />}
      </button>
    </th>
  )
}

interface LegendRowProps {
  readonly series: ChartSeries
  readonly unit: Unit
  readonly dimmed: boolean
  readonly pressed: boolean
  readonly onClick: (event: MouseEvent) => void
  readonly onLift: (key: string | undefined) => void
}

function LegendRow({ series, unit, dimmed, pressed, onClick, onLift }: LegendRowProps) {
  const { stats } = series
  return (
    <tr
      className={dimmed ? 'dimmed' : ''}
      onMouseEnter={() => onLift(series.key)}
      onMouseLeave={() => onLift(undefined)}
    >
      <td>
        <button
          type="button"
          className="legend-name"
          aria-pressed={pressed}
          title={formatSeries(series.labels)}
          onClick={onClick}
          onFocus={() => onLift(series.key)}
          onBlur={() => onLift(undefined)}
        >
          <Swatch place={series.place} />
          <span className="mono cut">{series.name}</span>
        </button>
      </td>
      <td className="number label">{formatValue(stats.last, unit)}</td>
      <td className="number second wide-only">{formatValue(stats.least, unit)}</td>
      <td className="number second wide-only">{formatValue(stats.mean, unit)}</td>
      <td className="number second">{formatValue(stats.most, unit)}</td>
    </tr>
  )
}
