import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ChartData } from '../../charts/series.ts'
import { TimeChart } from '../../charts/time-chart.tsx'
import { toLoadable } from '../../data/loadable.ts'
import { instantQuery, useRangeQuery } from '../../data/prometheus.ts'
import { chooseStepMs } from '../../data/range.ts'
import type { Search } from '../../data/search.ts'
import { usePageRange } from '../../data/use-range.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { formatValue } from '../../ui/units.ts'
import type { StatQuestion } from './queries.ts'
import '../../ui/stat.css'

const height = 124
const points = 120

/** A value, what it is held against, and its course; the title leads to the query. */
export function ChartStat({ question }: { readonly question: StatQuestion }) {
  const { range, refetchInterval, zoom, zoomOut } = usePageRange()
  const stepMs = chooseStepMs(range, { points })
  const query = question.query(stepMs)
  const result = useRangeQuery(query, { points })
  const against = useQuery({
    ...instantQuery(question.against?.query ?? '', range),
    enabled: question.against !== undefined,
    refetchInterval: refetchInterval === false ? false : 60_000,
  })
  const head = result.data === undefined ? undefined : headlineOf(result.data.chart, question)
  const value = againstValue(against.data?.data)
  return (
    <section className="stat" aria-label={question.title}>
      <h3 className="second">
        <Link
          to="/explore"
          search={
            ((before: Search) => ({
              range: before.range,
              from: before.from,
              to: before.to,
              live: before.live,
              q: query,
            })) as never
          }
          className="stat-link"
          title="Open the query"
        >
          {question.title}
        </Link>
      </h3>
      <p className="stat-value">{head?.value ?? '\u00a0'}</p>
      <p className="small third cut">
        {[head?.detail, value === undefined ? undefined : question.against?.words(value)]
          .filter((part) => part !== undefined)
          .join(' ') || '\u00a0'}
      </p>
      <Loaded
        of={toLoadable(result)}
        what={question.title}
        height={height}
        isEmpty={(answer) => answer.chart.total === 0}
        empty={
          <p className="small third" style={{ minHeight: height, paddingTop: 8 }}>
            No sample in this range. The first ones come within 15 s of a start.
          </p>
        }
      >
        {({ chart, grid }) => (
          <TimeChart
            title={question.title}
            data={chart}
            grid={grid}
            unit={question.unit}
            height={height}
            limits={question.limits ?? noLimits}
            onZoom={zoom}
            onZoomOut={zoomOut}
          />
        )}
      </Loaded>
    </section>
  )
}

const noLimits: NonNullable<StatQuestion['limits']> = []

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

function againstValue(data: { resultType: string; result: unknown } | undefined): number | undefined {
  if (data?.resultType !== 'vector' || !Array.isArray(data.result)) return undefined
  const text: unknown = data.result[0]?.value?.[1]
  return typeof text === 'string' && Number.isFinite(Number(text)) ? Number(text) : undefined
}
