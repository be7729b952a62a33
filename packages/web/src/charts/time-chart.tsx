import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useDrawnTheme, usePreferences } from '../ui/preferences.ts'
import { formatSecond } from '../ui/times.ts'
import { formatAge, formatValue, type Unit } from '../ui/units.ts'
import { type ChartMark, ChartMarks, type PlotArea, plotArea, sameArea } from './chart-marks.tsx'
import { ChartTable } from './chart-table.tsx'
import { applyLift, type ChartLimit, type ChartSpan, type PlotModel, plotData, plotOptions } from './plot.ts'
import { describeChart, readAt } from './reading.ts'
import type { ChartData, ChartGrid, ChartSeries } from './series.ts'
import { Swatch } from './swatch.tsx'
import './time-chart.css'

export interface TimeChartProps {
  readonly title: string
  readonly data: ChartData
  readonly grid: ChartGrid
  readonly unit: Unit
  readonly height: number
  readonly stacked?: boolean
  /** A dot a value, no lines. */
  readonly points?: boolean
  /** Single values with a story, drawn as dots over the lines. */
  readonly marks?: readonly ChartMark[]
  readonly limits?: readonly ChartLimit[]
  readonly spans?: readonly ChartSpan[]
  /** Keys of the series to draw; all of them where it is empty. */
  readonly only?: ReadonlySet<string>
  readonly lifted?: string | undefined
  readonly onZoom?: (startMs: number, endMs: number) => void
  readonly onZoomOut?: () => void
}

const noLimits: readonly ChartLimit[] = []
const noSpans: readonly ChartSpan[] = []
const noMarks: readonly ChartMark[] = []

interface Cursor {
  readonly index: number
  readonly leftPx: number
}

/** Lines over time: gaps stay gaps, drag zooms, double click goes back, arrows move the cursor, a table stands behind it. */
export function TimeChart(props: TimeChartProps) {
  const { title, data, grid, unit, height, stacked = false, limits = noLimits, spans = noSpans, only, lifted } = props
  const { points = false, marks = noMarks } = props
  const { zone } = usePreferences()
  const series = only === undefined || only.size === 0 ? data.series : data.series.filter((one) => only.has(one.key))
  const model: PlotModel = { timesMs: data.timesMs, series, grid, unit, zone, stacked, points, limits, spans, lifted }
  const [area, setArea] = useState<PlotArea | undefined>(undefined)
  const [cursor, setCursor] = useState<Cursor | undefined>(undefined)
  const { hostRef, plotRef } = usePlot(model, height, {
    onCursor: setCursor,
    onZoom: props.onZoom,
    onArea: marks.length === 0 ? undefined : setArea,
  })
  const description = describeChart(title, series, grid, { unit, zone })
  const move = (event: KeyboardEvent) => moveCursor(event, plotRef.current, data.timesMs.length)
  return (
    <figure className="time-chart" onDoubleClick={props.onZoomOut}>
      <div
        ref={hostRef}
        className="time-chart-canvas"
        style={{ height }}
        role="img"
        aria-label={description}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the cursor
        tabIndex={0}
        onKeyDown={move}
      />
      {area !== undefined && <ChartMarks marks={marks} area={area} grid={grid} unit={unit} />}
      {cursor !== undefined && series.length > 0 && (
        <Tip cursor={cursor} series={series} timesMs={data.timesMs} unit={unit} />
      )}
      <ChartTable title={title} series={series} unit={unit} />
    </figure>
  )
}

interface PlotListeners {
  readonly onCursor: (cursor: Cursor | undefined) => void
  readonly onZoom: TimeChartProps['onZoom']
  readonly onArea: ((change: (known: PlotArea | undefined) => PlotArea) => void) | undefined
}

/** Owns the uPlot: made anew when its shape changes, fed when only its data does. */
function usePlot(model: PlotModel, height: number, events: PlotListeners) {
  const hostRef = useRef<HTMLDivElement>(null)
  const plotRef = useRef<uPlot | undefined>(undefined)
  const modelRef = useRef(model)
  const eventsRef = useRef(events)
  useLayoutEffect(() => {
    modelRef.current = model
    eventsRef.current = events
  })
  const theme = useDrawnTheme()
  const shape = [
    theme,
    model.zone,
    model.unit,
    model.stacked,
    model.points,
    height,
    ...model.series.map((one) => `${one.place} ${one.key}`),
  ].join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for all that a new chart is needed for
  useLayoutEffect(() => {
    const host = hostRef.current
    if (host === null) return
    const current = () => modelRef.current
    const options = plotOptions(current, { width: Math.max(host.clientWidth, 80), height }, plotEvents(eventsRef, host))
    const plot = new uPlot(options, plotData(current()), host)
    plotRef.current = plot
    const leave = () => eventsRef.current.onCursor(undefined)
    plot.over.addEventListener('mouseleave', leave)
    const resize = new ResizeObserver(() => host.clientWidth > 0 && plot.setSize({ width: host.clientWidth, height }))
    resize.observe(host)
    return () => {
      resize.disconnect()
      plot.destroy()
      plotRef.current = undefined
    }
  }, [shape])
  const { timesMs, series, grid, limits, spans } = model
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what the data is made of
  useEffect(
    () => plotRef.current?.setData(plotData(modelRef.current)),
    [timesMs, series.length, model.series[0]?.values, grid.startMs, grid.endMs, limits, spans, shape],
  )
  const hasMarks = events.onArea !== undefined
  useEffect(() => {
    if (hasMarks) plotRef.current?.redraw(false)
  }, [hasMarks])
  useEffect(() => {
    if (plotRef.current !== undefined) applyLift(plotRef.current, { ...modelRef.current, lifted: model.lifted })
  }, [model.lifted])
  return { hostRef, plotRef }
}

function plotEvents(events: { readonly current: PlotListeners }, host: HTMLElement) {
  return {
    onDrawn: (u: uPlot) => {
      const { onArea } = events.current
      if (onArea === undefined) return
      const next = plotArea(u)
      // the chart is drawn for each move of the cursor too
      queueMicrotask(() => onArea((known) => (known !== undefined && sameArea(known, next) ? known : next)))
    },
    onCursor: (u: uPlot) => {
      const { idx, left } = u.cursor
      // other charts of the page move their cursor too, but only the one that is pointed at tells its values
      const isHere = host.matches(':hover') || host === document.activeElement
      const leftPx = (left ?? -1) + u.over.offsetLeft
      events.current.onCursor(
        isHere && idx != null && left !== undefined && left >= 0 ? { index: idx, leftPx } : undefined,
      )
    },
    onSelect: (startMs: number, endMs: number) => events.current.onZoom?.(startMs, endMs),
  }
}

function moveCursor(event: KeyboardEvent, plot: uPlot | undefined, steps: number): void {
  if (plot === undefined || steps === 0) return
  if (event.key === 'Escape') plot.setCursor({ left: -10, top: -10 })
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
  event.preventDefault()
  const by = (event.key === 'ArrowRight' ? 1 : -1) * (event.shiftKey ? 10 : 1)
  const index = Math.max(0, Math.min(steps - 1, (plot.cursor.idx ?? steps - (by > 0 ? 1 : 0)) + by))
  plot.setCursor({ left: plot.valToPos(plot.data[0][index] ?? 0, 'x'), top: 10 })
}

interface TipProps {
  readonly cursor: Cursor
  readonly series: readonly ChartSeries[]
  readonly timesMs: readonly number[]
  readonly unit: Unit
}

function Tip({ cursor, series, timesMs, unit }: TipProps) {
  const { zone } = usePreferences()
  const atMs = timesMs[cursor.index]
  if (atMs === undefined) return null
  const { shown, rest } = readAt(series, cursor.index, unit)
  const onRight = cursor.index > timesMs.length / 2
  return (
    <div className={`chart-tip small ${onRight ? 'left' : ''}`} style={{ left: cursor.leftPx }} role="status">
      <div className="third tiny">
        <span>{formatSecond(atMs, zone)}</span>
        <span>{formatAge(Date.now() - atMs)} ago</span>
      </div>
      {shown.map(({ series: one, value }) => (
        <div key={one.key}>
          <Swatch place={one.place} />
          <span className="cut">{one.name}</span>
          <span className="nowrap">{formatValue(value, unit)}</span>
        </div>
      ))}
      {shown.length === 0 && <div className="third">No value here</div>}
      {rest !== undefined && <div className="third">{rest}</div>}
    </div>
  )
}
