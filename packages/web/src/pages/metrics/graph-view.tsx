import type { UseQueryResult } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { ChartMark } from '../../charts/chart-marks.tsx'
import { heatOf } from '../../charts/heat.ts'
import { HeatMap } from '../../charts/heat-map.tsx'
import { LegendTable } from '../../charts/legend-table.tsx'
import { TimeChart } from '../../charts/time-chart.tsx'
import { unitOfBuckets } from '../../charts/unit-of-query.ts'
import { toLoadable } from '../../data/loadable.ts'
import type { Exemplar, RangeAnswer } from '../../data/prometheus.ts'
import { usePageRange } from '../../data/use-range.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { ProblemBox } from '../../ui/problem-box.tsx'
import type { Unit } from '../../ui/units.ts'
import { mergeCharts, type View } from './model.ts'
import { QueryError } from './query-error.tsx'
import { type AskedQuery, letterOf } from './rows.ts'

interface GraphViewProps {
  readonly asked: readonly AskedQuery[]
  readonly results: readonly UseQueryResult<RangeAnswer>[]
  /** Empty where nobody asked for them. */
  readonly exemplars: readonly UseQueryResult<readonly Exemplar[]>[]
  readonly unit: Unit
  /** Undefined where nobody chose one. */
  readonly chosenUnit: Unit | undefined
  readonly view: Exclude<View, 'table'>
}

const chartHeight = 300
const nothing: ReadonlySet<string> = new Set()

/** The chart of all queries, their legend, and below each query that failed why. */
export function GraphView({ asked, results, exemplars, unit, chosenUnit, view }: GraphViewProps) {
  const several = asked.length > 1
  const answered = asked.flatMap((row, i) => {
    const answer = results[i]?.data
    return answer === undefined ? [] : [{ letter: letterOf(row.index), row, ...answer }]
  })
  const merged = mergeCharts(answered)
  const failed = asked.flatMap(({ query, index }, i) => {
    const result = results[i]
    return result?.error != null && result.data === undefined ? [{ query, index, result, error: result.error }] : []
  })
  const [only, ...rest] = results
  const waiting = results.find((result) => result.data === undefined && result.error === null)
  // native histograms have no line of their own
  const asHeat = view === 'heat' || (merged?.chart.total === 0 && answered.some(({ matrix }) => hasHistograms(matrix)))
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
      {merged !== undefined && !asHeat && (
        <Graph {...merged} unit={unit} view={view} marks={marksOf(exemplars, merged.chart.total)} />
      )}
      {asHeat &&
        answered.map(({ letter, row, matrix, grid }) => (
          <HeatView
            key={letter}
            letter={several ? letter : undefined}
            matrix={matrix}
            grid={grid}
            unit={chosenUnit ?? unitOfBuckets(row.query)}
          />
        ))}
    </>
  )
}

const hasHistograms = (matrix: RangeAnswer['matrix']): boolean =>
  matrix.some(({ histograms = [] }) => histograms.length > 0)

const noMarks: readonly ChartMark[] = []

function marksOf(exemplars: GraphViewProps['exemplars'], total: number): readonly ChartMark[] {
  if (exemplars.length === 0 || total === 0) return noMarks
  return exemplars.flatMap(({ data = [] }, query) =>
    data.map((one, i) => ({ ...one, key: `${query} ${one.atMs} ${one.value} ${i}` })),
  )
}

interface HeatViewProps extends Pick<RangeAnswer, 'matrix' | 'grid'> {
  readonly letter: string | undefined
  readonly unit: Unit
}

function HeatView({ letter, matrix, grid, unit }: HeatViewProps) {
  const heat = useMemo(() => heatOf(matrix, grid), [matrix, grid])
  if (heat === undefined) {
    return (
      <ProblemBox
        tone="info"
        problem={{
          what: `${letter === undefined ? '' : `${letter}: `}There are no buckets in this answer.`,
          fix: 'Ask for a native histogram, or for classic ones keep le: sum by (le) (rate(name_bucket[5m]))',
        }}
      />
    )
  }
  return (
    <>
      {letter !== undefined && <p className="small second">{letter}</p>}
      <HeatMap
        title={`Result${letter === undefined ? '' : ` ${letter}`}`}
        heat={heat}
        grid={grid}
        unit={unit}
        height={chartHeight}
      />
    </>
  )
}

interface GraphProps extends Pick<RangeAnswer, 'chart' | 'grid'> {
  readonly unit: Unit
  readonly view: View
  readonly marks: readonly ChartMark[]
}

function Graph({ chart, grid, unit, view, marks }: GraphProps) {
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
        stacked={view === 'stacked'}
        points={view === 'points'}
        marks={marks}
        only={present}
        lifted={lifted}
        onZoom={zoom}
        onZoomOut={zoomOut}
      />
      <LegendTable data={chart} unit={unit} only={present} onOnly={setOnly} onLift={setLifted} />
    </>
  )
}
