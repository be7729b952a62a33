// What stands in each table of what logs take: how many lines, how many bytes.
import type { Column } from '../../ui/data-table.tsx'
import { formatNumber, formatValue } from '../../ui/units.ts'

export const linesColumn: Column<{ readonly lines: number }> = {
  key: 'lines',
  title: 'Lines',
  numeric: true,
  sortBy: ({ lines }) => lines,
  cell: ({ lines }) => formatNumber(lines),
}

export const bytesColumn = (title: string): Column<{ readonly bytes: number }> => ({
  key: 'bytes',
  title,
  numeric: true,
  sortBy: ({ bytes }) => bytes,
  cell: ({ bytes }) => formatValue(bytes, 'bytes'),
})
