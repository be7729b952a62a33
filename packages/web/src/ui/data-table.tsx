import { ChevronDown, ChevronUp } from 'lucide-react'
import { type CSSProperties, type KeyboardEvent, type ReactNode, useState } from 'react'
import { maxPlainRows, nextSort, type Sort, type SortValue, sortRows, visibleRows } from './table-model.ts'
import './data-table.css'

export interface Column<Row> {
  readonly key: string
  readonly title: string
  /** For a column of buttons: the title is there for screen readers alone. */
  readonly titleHidden?: boolean
  readonly cell: (row: Row) => ReactNode
  /** Without it the column cannot be sorted. */
  readonly sortBy?: (row: Row) => SortValue
  readonly numeric?: boolean
  /** A column that a phone can do without. */
  readonly wideOnly?: boolean
  readonly width?: string
}

interface DataTableProps<Row> {
  readonly name: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
  readonly initialSort?: Sort
  /** A click, or Enter on the row. */
  readonly onOpen?: (row: Row) => void
}

const rowPx = 36
const viewPx = 640

/** A real table: sticky head, sort by header, j, k and Enter, drawn in part above 200 rows. */
export function DataTable<Row>({ name, columns, rows, rowKey, initialSort, onOpen }: DataTableProps<Row>) {
  const [sort, setSort] = useState(initialSort)
  const [scrollTop, setScrollTop] = useState(0)
  const sortBy = columns.find((column) => column.key === sort?.column)?.sortBy
  const sorted = sort === undefined || sortBy === undefined ? rows : sortRows(rows, sortBy, sort.descending)
  const long = rows.length > maxPlainRows
  const visible = visibleRows(rows.length, scrollTop, viewPx, rowPx)
  return (
    <div
      className={`table-frame ${long ? 'long' : ''}`}
      onScroll={long ? (event) => setScrollTop(event.currentTarget.scrollTop) : undefined}
    >
      <table className="table" aria-label={name} aria-rowcount={long ? rows.length + 1 : undefined}>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeadCell key={column.key} column={column} sort={sort} onSort={setSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {visible.beforePx > 0 && <tr aria-hidden style={{ height: visible.beforePx }} />}
          {sorted.slice(visible.first, visible.last).map((row) => (
            <BodyRow key={rowKey(row)} row={row} columns={columns} onOpen={onOpen} />
          ))}
          {visible.afterPx > 0 && <tr aria-hidden style={{ height: visible.afterPx }} />}
        </tbody>
      </table>
    </div>
  )
}

function classOf<Row>(column: Column<Row>): string {
  return `${column.numeric === true ? 'number' : ''} ${column.wideOnly === true ? 'wide-only' : ''}`.trim()
}

function HeadCell<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>
  sort: Sort | undefined
  onSort: (sort: Sort) => void
}) {
  const sorted = sort?.column === column.key ? (sort.descending ? 'descending' : 'ascending') : undefined
  const Arrow = sorted === 'ascending' ? ChevronUp : ChevronDown
  return (
    <th
      scope="col"
      className={classOf(column)}
      aria-sort={sorted}
      style={column.width === undefined ? undefined : ({ '--column': column.width } as CSSProperties)}
    >
      {column.sortBy === undefined ? (
        <span className={column.titleHidden === true ? 'hidden-text' : undefined}>{column.title}</span>
      ) : (
        <button
          type="button"
          className="sort"
          onClick={() => onSort(nextSort(sort, column.key, column.numeric === true))}
        >
          {column.title}
          {sorted !== undefined && <Arrow className="icon" aria-hidden />}
        </button>
      )}
    </th>
  )
}

function BodyRow<Row>({
  row,
  columns,
  onOpen,
}: {
  row: Row
  columns: readonly Column<Row>[]
  onOpen: ((row: Row) => void) | undefined
}) {
  const cells = columns.map((column) => (
    <td key={column.key} className={classOf(column)} data-title={column.title}>
      {column.cell(row)}
    </td>
  ))
  if (onOpen === undefined) return <tr>{cells}</tr>
  return (
    <tr
      className="open-row"
      tabIndex={0}
      onClick={() => onOpen(row)}
      onKeyDown={(event) => rowKeys(event, () => onOpen(row))}
    >
      {cells}
    </tr>
  )
}

function rowKeys(event: KeyboardEvent<HTMLTableRowElement>, open: () => void): void {
  if (event.target !== event.currentTarget) return
  const { currentTarget: row } = event
  if (event.key === 'Enter') open()
  else if (event.key === 'j' || event.key === 'ArrowDown') focusRow(row.nextElementSibling)
  else if (event.key === 'k' || event.key === 'ArrowUp') focusRow(row.previousElementSibling)
  else return
  event.preventDefault()
}

function focusRow(row: Element | null): void {
  if (row instanceof HTMLElement) row.focus()
}
