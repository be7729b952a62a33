import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { TimeChart } from '../../charts/time-chart.tsx'
import { toLoadable } from '../../data/loadable.ts'
import { instantQuery, useRangeQuery } from '../../data/prometheus.ts'
import { chooseStepMs } from '../../data/range.ts'
import { linkSearch } from '../../data/search.ts'
import { usePageRange } from '../../data/use-range.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { Stat } from '../../ui/stat.tsx'
import { headlineOf } from './headline.ts'
import type { StatQuestion } from './queries.ts'

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
  const held = [head?.detail, value === undefined ? undefined : question.against?.words(value)]
  return (
    <Stat
      name={question.title}
      title={
        <Link to="/explore" search={linkSearch({ q: query })} className="stat-link" title="Open the query">
          {question.title}
        </Link>
      }
      value={head?.value}
      against={held.filter((part) => part !== undefined).join(' ')}
    >
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
    </Stat>
  )
}

const noLimits: NonNullable<StatQuestion['limits']> = []

function againstValue(data: { resultType: string; result: unknown } | undefined): number | undefined {
  if (data?.resultType !== 'vector' || !Array.isArray(data.result)) return undefined
  const text: unknown = data.result[0]?.value?.[1]
  return typeof text === 'string' && Number.isFinite(Number(text)) ? Number(text) : undefined
}
