import type { UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import { LegendTable } from '../../charts/legend-table.tsx'
import { TimeChart } from '../../charts/time-chart.tsx'
import { toLoadable } from '../../data/loadable.ts'
import type { RangeAnswer } from '../../data/prometheus.ts'
import { usePageRange } from '../../data/use-range.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'
import type { Unit } from '../../ui/units.ts'
import { letterOf, mergeCharts } from './model.ts'
import { QueryError } from './query-error.tsx'

interface GraphViewProps {
  readonly asked: readonly { readonly query: string; readonly index: number }[]
  readonly results: readonly UseQueryResult<RangeAnswer>[]
  readonly unit: Unit
  readonly stacked: boolean
}

const chartHeight = 300
const nothing: ReadonlySet<string> = new Set()

/** The chart of all queries, their legend, and below each query that failed why. */
export function GraphView({ asked, results, unit, stacked }: GraphViewProps) {
  const several = asked.length > 1
  const answered = asked.flatMap(({ index }, i) => {
    const answer = results[i]?.data
    return answer === undefined ? [] : [{ letter: letterOf(index), chart: answer.chart, grid: answer.grid }]
  })
  const merged = mergeCharts(answered)
  const failed = asked.flatMap(({ query, index }, i) => {
    const result = results[i]
    return result?.error != null && result.data === undefined ? [{ query, index, result, error: result.error }] : []
  })
  const [only, ...rest] = results
  const waiting = results.find((result) => result.data === undefined && result.error === null)
  return (
    <>
      {failed.map(({ query, index, error, result }) => (
        <QueryError
          key={index}
          error={error}
          query={query}
          index={several ? index : undefined}
          onAgain={() => void result.refetch()}
        />
      ))}
      {asked.length === 0 && <p className="second small">Every query is hidden. Show one with the eye beside it.</p>}
      {waiting !== undefined && merged === undefined && (
        <Loaded of={toLoadable(waiting)} what="the chart" height={chartHeight}>
          {() => null}
        </Loaded>
      )}
      {merged !== undefined && only !== undefined && rest.length === 0 && (
        <Loaded of={toLoadable(only)} what="the chart">
          {() => null}
        </Loaded>
      )}
      {merged !== undefined && <Graph {...merged} unit={unit} stacked={stacked} />}
    </>
  )
}

function Graph({
  chart,
  grid,
  unit,
  stacked,
}: Pick<RangeAnswer, 'chart' | 'grid'> & { readonly unit: Unit; readonly stacked: boolean }) {
  const { zoom, zoomOut, range, setRange } = usePageRange()
  const [only, setOnly] = useState(nothing)
  const [lifted, setLifted] = useState<string | undefined>(undefined)
  if (chart.total === 0) {
    return (
      <ProblemBox
        tone="info"
        problem={{ what: 'Nothing matches in this range.', fix: 'Check names and labels, or look further back' }}
      >
        {range.kind === 'last' && range.ms < 86_400_000 && (
          <button type="button" className="button little" onClick={() => setRange({ kind: 'last', ms: 86_400_000 })}>
            Last 24 h
          </button>
        )}
      </ProblemBox>
    )
  }
  const present = new Set(chart.series.filter((series) => only.has(series.key)).map((series) => series.key))
  return (
    <>
      <TimeChart
        title="Result"
        data={chart}
        grid={grid}
        unit={unit}
        height={chartHeight}
        stacked={stacked}
        only={present}
        lifted={lifted}
        onZoom={zoom}
        onZoomOut={zoomOut}
      />
      <LegendTable data={chart} unit={unit} only={present} onOnly={setOnly} onLift={setLifted} />
    </>
  )
}
