// The big figure of a stat. No React here.
import type { ChartData } from '../../charts/series.ts'
import { formatValue } from '../../ui/units.ts'
import type { StatQuestion } from './queries.ts'

/** The newest value of the series that counts, and its name where there are several. */
export function headlineOf(
  chart: ChartData,
  question: Pick<StatQuestion, 'headline' | 'unit'>,
): { value: string; detail: string | undefined } | undefined {
  const [first, ...rest] = chart.series
  if (first === undefined) return undefined
  const one =
    question.headline === 'first' ? first : chart.series.reduce((a, b) => (b.stats.last > a.stats.last ? b : a))
  const others = chart.series.filter((series) => series !== one).slice(0, 2)
  const detail =
    rest.length === 0
      ? undefined
      : [one.name, ...others.map((series) => `${series.name} ${formatValue(series.stats.last, question.unit)}`)].join(
          ', ',
        )
  return { value: formatValue(one.stats.last, question.unit), detail }
}
