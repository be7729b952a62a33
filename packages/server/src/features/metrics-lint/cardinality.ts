// How many series each metric of a page makes, as `promtool check metrics --extended` counts and prints them.
import { compareUtf8 } from '@tidewatch/core/labels.ts'
import type { MetricFamily } from './page-reader.ts'

/** Lines of a table, the largest first; those of the same size by name. */
export function cardinalityTable(families: readonly MetricFamily[]): string[] {
  const counted = families
    .map((family) => ({ name: family.name, series: seriesOf(family) }))
    .sort((a, b) => b.series - a.series || compareUtf8(a.name, b.name))
  const total = counted.reduce((sum, { series }) => sum + series, 0)
  const share = (series: number): string => `${((series / total) * 100).toFixed(2)}%`
  return aligned([
    ['Metric', 'Cardinality', 'Percentage'],
    ...counted.map(({ name, series }) => [name, String(series), share(series)]),
    ['Total', String(total), '100%'],
  ])
}

/** A histogram has sum and count beside as many buckets as its first one; a summary quantiles in their place. */
function seriesOf({ type, series, marksOfFirst }: MetricFamily): number {
  return type === 'histogram' || type === 'summary' ? series.length * (2 + marksOfFirst) : series.length
}

const gap = 4

/** Columns as wide as their longest cell and a gap, the last one too, as Go's tabwriter leaves them. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map(
    (_, column) => Math.max(...rows.map((row) => (row[column] as string).length)) + gap,
  )
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] as number)).join(''))
}
