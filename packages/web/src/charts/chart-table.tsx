import { formatValue, type Unit } from '../ui/units.ts'
import type { ChartSeries } from './series.ts'

const maxRows = 50

/** What the canvas shows, for those who cannot see it. */
export function ChartTable({
  title,
  series,
  unit,
}: {
  readonly title: string
  readonly series: readonly ChartSeries[]
  readonly unit: Unit
}) {
  return (
    <div className="hidden-text">
      <table>
        <caption>{series.length > maxRows ? `${title}, ${maxRows} of ${series.length} series` : title}</caption>
        <thead>
          <tr>
            {['Series', 'Last', 'Least', 'Mean', 'Most'].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {series.slice(0, maxRows).map(({ key, name, stats }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td>{formatValue(stats.last, unit)}</td>
              <td>{formatValue(stats.least, unit)}</td>
              <td>{formatValue(stats.mean, unit)}</td>
              <td>{formatValue(stats.most, unit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
