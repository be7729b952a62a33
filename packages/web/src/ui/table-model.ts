// Sorting and the visible part of a long table. No React here.

export type SortValue = number | string

export interface Sort {
  readonly column: string
  readonly descending: boolean
}

/** Stable; numbers by size with what is not a number last, words as a person sorts them. */
export function sortRows<Row>(rows: readonly Row[], sortBy: (row: Row) => SortValue, descending: boolean): Row[] {
  const direction = descending ? -1 : 1
  return rows.toSorted((a, b) => {
    const [x, y] = [sortBy(a), sortBy(b)]
    if (typeof x === 'string' || typeof y === 'string')
      return direction * String(x).localeCompare(String(y), 'en', { numeric: true })
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y))
    return direction * (x - y)
  })
}

/** A click on a head: the same column turns round, another begins with the order that is useful first. */
export function nextSort(sort: Sort | undefined, column: string, numeric: boolean): Sort {
  if (sort?.column === column) return { column, descending: !sort.descending }
  return { column, descending: numeric }
}

/** Up to this many rows are all drawn; above, only those in sight. */
export const maxPlainRows = 200
const rowsBeyond = 20

export interface VisibleRows {
  readonly first: number
  /** Exclusive. */
  readonly last: number
  /** Height of what is left out above and below, px. */
  readonly beforePx: number
  readonly afterPx: number
}

export function visibleRows(count: number, scrollTopPx: number, viewPx: number, rowPx: number): VisibleRows {
  if (count <= maxPlainRows) return { first: 0, last: count, beforePx: 0, afterPx: 0 }
  const first = Math.max(0, Math.min(count, Math.floor(scrollTopPx / rowPx) - rowsBeyond))
  const last = Math.min(count, Math.ceil((scrollTopPx + viewPx) / rowPx) + rowsBeyond)
  return { first, last, beforePx: first * rowPx, afterPx: (count - last) * rowPx }
}
