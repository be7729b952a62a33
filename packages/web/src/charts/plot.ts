// The one wrapper around uPlot: options from a model. Called once per chart and change of its shape; no React here.
import uPlot from 'uplot'
import type { Zone } from '../ui/times.ts'
import type { Unit } from '../ui/units.ts'
import { tickLabels, timeTicks, type ValueAxis, valueAxis } from './axis.ts'
import { colourToken, dashOf } from './colours.ts'
import { stackColumns } from './reading.ts'
import { type ChartData, type ChartGrid, type ChartSeries, lonePoints } from './series.ts'

/** A limit that is drawn as a dashed line with its name, in its state's colour. */
export interface ChartLimit {
  readonly value: number
  readonly name: string
  readonly tone: 'warn' | 'crit'
}

/** A stretch of time that is tinted behind the data. */
export interface ChartSpan {
  readonly startMs: number
  readonly endMs: number
  readonly tone: 'warn' | 'crit'
}

/** All that a chart draws; its functions read the newest one, so that new data needs no new chart. */
export interface PlotModel {
  readonly timesMs: ChartData['timesMs']
  readonly series: readonly ChartSeries[]
  readonly grid: ChartGrid
  readonly unit: Unit
  readonly zone: Zone
  readonly stacked: boolean
  /** A dot a value, no lines. */
  readonly points?: boolean
  readonly limits: readonly ChartLimit[]
  readonly spans: readonly ChartSpan[]
  /** Key of the series that is pointed at elsewhere, in the legend. */
  readonly lifted: string | undefined
}

export interface PlotEvents {
  readonly onCursor: (u: uPlot) => void
  /** A stretch was dragged. */
  readonly onSelect: (startMs: number, endMs: number) => void
  /** It was drawn: where its values lie may have changed. */
  readonly onDrawn: (u: uPlot) => void
}

const lineWidth = 1.5
const liftedWidth = 2.25
const dimmedAlpha = 0.35

/** uPlot's table: times, then one column a series. */
export function plotData(model: PlotModel): uPlot.AlignedData {
  const columns = model.stacked ? stackColumns(model.series) : model.series.map((series) => [...series.values])
  return [[...model.timesMs], ...columns]
}

function axisOf(model: PlotModel, heightPx: number): ValueAxis {
  const columns = model.stacked ? stackColumns(model.series) : undefined
  let [least, most] = [0, 0]
  for (const [i, series] of model.series.entries()) {
    least = Math.min(least, series.stats.least)
    most = Math.max(most, series.stats.most)
    for (const value of columns?.[i] ?? []) if (value !== null && value > most) most = value
  }
  for (const limit of model.limits) most = Math.max(most, limit.value)
  // a share is easier to read against the whole than against its own most
  if (model.unit === 'ratio' && most > 0.5 && most < 1 && least === 0) most = 1
  return valueAxis(least, most, model.unit, heightPx < 140 ? 4 : 6)
}

export function plotOptions(
  current: () => PlotModel,
  size: { width: number; height: number },
  events: PlotEvents,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (token: string): string => style.getPropertyValue(token).trim()
  const model = current()
  return {
    ...size,
    ms: 1,
    pxAlign: false,
    legend: { show: false },
    // the last label of the time axis stands under its tick, half of it beyond the edge
    padding: [8, 24, 0, 0],
    cursor: cursorOptions(),
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, range: () => [current().grid.startMs, current().grid.endMs] },
      y: { range: (u) => axisRange(current(), u) },
    },
    axes: [timeAxis(current, colour), amountAxis(current, colour)],
    series: [{}, ...model.series.map((series) => lineOptions(series, model, colour))],
    bands: model.stacked ? model.series.slice(1).map((_, i) => ({ series: [i + 2, i + 1] as [number, number] })) : [],
    hooks: {
      setCursor: [events.onCursor],
      setSelect: [(u) => selected(u, events)],
      drawClear: [(u) => drawSpans(u, current(), colour)],
      draw: [(u) => drawLimits(u, current(), colour), events.onDrawn],
    },
  }
}

function cursorOptions(): uPlot.Cursor {
  return {
    y: false,
    drag: { x: true, y: false, setScale: false, dist: 6 },
    // one cursor for all charts of a page
    sync: { key: 'page', scales: ['x', null] },
    points: {
      size: 6,
      width: 0,
      fill: (u, index) =>
        String(u.series[index]?.stroke instanceof Function ? u.series[index].stroke(u, index) : 'gray'),
    },
    bind: { dblclick: () => null },
  }
}

function selected(u: uPlot, events: PlotEvents): void {
  const { left, width } = u.select
  if (width < 6) return
  events.onSelect(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'))
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
}

function axisRange(model: PlotModel, u: uPlot): [number, number] {
  const { min, max } = axisOf(model, u.height)
  return [min, max]
}

const font = '11px "IBM Plex Sans Variable", system-ui, sans-serif'

function timeAxis(current: () => PlotModel, colour: (token: string) => string): uPlot.Axis {
  const ticks = (u: uPlot) =>
    timeTicks(current().grid.startMs, current().grid.endMs, current().zone, Math.max(3, Math.floor(u.width / 76)))
  return {
    scale: 'x',
    font,
    stroke: colour('--ink-3'),
    grid: { show: false },
    ticks: { show: false },
    border: { show: true, stroke: colour('--line-strong'), width: 1 },
    size: 24,
    gap: 6,
    splits: (u) => ticks(u).map((tick) => tick.atMs),
    values: (u) => ticks(u).map((tick) => tick.label),
  }
}

function amountAxis(current: () => PlotModel, colour: (token: string) => string): uPlot.Axis {
  const axis = (u: uPlot) => axisOf(current(), u.height)
  return {
    scale: 'y',
    font,
    stroke: colour('--ink-3'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    gap: 8,
    size: (_u, values) => 16 + 6.3 * Math.max(3, ...(values ?? []).map((value) => value.length)),
    splits: (u) => [...axis(u).ticks],
    values: (u) => tickLabels(axis(u), current().unit),
  }
}

function lineOptions(series: ChartSeries, model: PlotModel, colour: (token: string) => string): uPlot.Series {
  const stroke = colour(colourToken(series.place))
  const fill = model.stacked ? `${stroke}66` : model.series.length === 1 ? `${stroke}14` : undefined
  const dash = model.stacked ? [] : dashOf(series.place)
  return {
    label: series.name,
    scale: 'y',
    stroke,
    width: lineWidth,
    ...(model.points === true ? { paths: () => null } : {}),
    dash: [...dash],
    ...(fill === undefined ? {} : { fill }),
    spanGaps: false,
    // a line needs two values; one between gaps is a dot
    points: {
      show: true,
      size: 4,
      fill: stroke,
      width: 0,
      ...(model.points === true
        ? {}
        : { filter: (u: uPlot, index: number) => lonePoints(u.data[index] as (number | null)[]) }),
    },
  }
}

/** Lifts the line that the legend points at and dims the rest, without new paths. */
export function applyLift(u: uPlot, model: PlotModel): void {
  for (const [i, series] of model.series.entries()) {
    const line = u.series[i + 1]
    if (line === undefined) continue
    const isLifted = series.key === model.lifted
    line.width = isLifted ? liftedWidth : lineWidth
    line.alpha = model.lifted === undefined || isLifted ? 1 : dimmedAlpha
  }
  u.redraw(false)
}

function drawSpans(u: uPlot, model: PlotModel, colour: (token: string) => string): void {
  for (const span of model.spans) {
    const left = u.valToPos(Math.max(span.startMs, model.grid.startMs), 'x', true)
    const right = u.valToPos(Math.min(span.endMs, model.grid.endMs), 'x', true)
    if (right <= left) continue
    u.ctx.fillStyle = colour(span.tone === 'crit' ? '--crit-subtle' : '--warn-subtle')
    u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height)
  }
}

function drawLimits(u: uPlot, model: PlotModel, colour: (token: string) => string): void {
  const { ctx } = u
  const ratio = uPlot.pxRatio
  for (const limit of model.limits) {
    const y = u.valToPos(limit.value, 'y', true)
    if (y < u.bbox.top || y > u.bbox.top + u.bbox.height) continue
    ctx.save()
    ctx.strokeStyle = colour(limit.tone === 'crit' ? '--crit' : '--warn')
    ctx.fillStyle = ctx.strokeStyle
    ctx.lineWidth = 1.25 * ratio
    ctx.setLineDash([5 * ratio, 4 * ratio])
    ctx.beginPath()
    ctx.moveTo(u.bbox.left, y)
    ctx.lineTo(u.bbox.left + u.bbox.width, y)
    ctx.stroke()
    ctx.font = font.replace('11px', `${11 * ratio}px`)
    ctx.textAlign = 'left'
    const isAtTop = y - u.bbox.top < 14 * ratio
    ctx.textBaseline = isAtTop ? 'top' : 'bottom'
    ctx.fillText(limit.name, u.bbox.left + 2 * ratio, y + (isAtTop ? 3 : -2) * ratio)
    ctx.restore()
  }
}
