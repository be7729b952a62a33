import { type KeyboardEvent, type PointerEvent, useLayoutEffect, useRef, useState } from 'react'
import { useDrawnTheme, usePreferences } from '../ui/preferences.ts'
import { formatMinute, formatSecond } from '../ui/times.ts'
import { formatNumber, formatValue, type Unit } from '../ui/units.ts'
import { timeTicks } from './axis.ts'
import { type Heat, type HeatBucket, heatShare, rowTicks } from './heat.ts'
import type { ChartGrid } from './series.ts'
import './heat-map.css'

interface HeatMapProps {
  readonly title: string
  readonly heat: Heat
  readonly grid: ChartGrid
  readonly unit: Unit
  readonly height: number
}

interface Cell {
  readonly step: number
  readonly row: number
}

/** How often each value occurred over time: the darker a cell, the more fell into it. Arrows move from cell to cell. */
export function HeatMap({ title, heat, grid, unit, height }: HeatMapProps) {
  const { zone } = usePreferences()
  const theme = useDrawnTheme()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [cell, setCell] = useState<Cell | undefined>(undefined)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes what the colour's token means
  useLayoutEffect(() => {
    if (canvas.current !== null) draw(canvas.current, heat)
  }, [heat, theme])
  const { timesMs, buckets } = heat
  const point = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    setCell({
      step: within(Math.floor(((event.clientX - box.left) / box.width) * timesMs.length), timesMs.length),
      row: within(Math.floor((1 - (event.clientY - box.top) / box.height) * buckets.length), buckets.length),
    })
  }
  const move = (event: KeyboardEvent) => {
    const by = steps[event.key]
    if (event.key === 'Escape') setCell(undefined)
    if (by === undefined) return
    event.preventDefault()
    const from = cell ?? { step: timesMs.length - 1, row: 0 }
    setCell({ step: within(from.step + by[0], timesMs.length), row: within(from.row + by[1], buckets.length) })
  }
  return (
    <figure className="heat-map">
      <div className="heat-rows tiny third" style={{ height }} aria-hidden>
        {rowTicks(heat, Math.floor(height / 34)).map(({ row, value }) => (
          <span key={row} style={{ bottom: `${(row / buckets.length) * 100}%` }}>
            {formatValue(value, unit)}
          </span>
        ))}
      </div>
      <div
        className="heat-cells"
        style={{ height }}
        role="img"
        aria-label={describeHeat(title, heat, grid, { unit, time: (atMs) => formatMinute(atMs, zone) })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move from cell to cell
        tabIndex={0}
        onKeyDown={move}
        onPointerMove={point}
        onPointerLeave={() => setCell(undefined)}
        onBlur={() => setCell(undefined)}
      >
        <canvas ref={canvas} />
        {cell !== undefined && <Tip cell={cell} heat={heat} unit={unit} />}
      </div>
      <div className="heat-times tiny third" aria-hidden>
        {timeTicks(grid.startMs, grid.endMs, zone, 6).map(({ atMs, label }) => (
          <span key={atMs} style={{ left: `${((atMs - grid.startMs) / (grid.endMs - grid.startMs)) * 100}%` }}>
            {label}
          </span>
        ))}
      </div>
    </figure>
  )
}

const steps: Readonly<Record<string, readonly [number, number] | undefined>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
}
const within = (index: number, length: number): number => Math.max(0, Math.min(length - 1, index))

function Tip({ cell, heat, unit }: { readonly cell: Cell; readonly heat: Heat; readonly unit: Unit }) {
  const { zone } = usePreferences()
  const { timesMs, buckets, counts } = heat
  const bucket = buckets[cell.row]
  const atMs = timesMs[cell.step]
  if (bucket === undefined || atMs === undefined) return null
  const left = (cell.step + 0.5) / timesMs.length
  return (
    <div className={`chart-tip small ${left > 0.5 ? 'left' : ''}`} style={{ left: `${left * 100}%` }} role="status">
      <div className="third tiny">{formatSecond(atMs, zone)}</div>
      <div>
        <span>{bucketText(bucket, unit)}</span>
        <span className="nowrap label">{formatNumber(counts[cell.step * buckets.length + cell.row] ?? 0)}</span>
      </div>
    </div>
  )
}

export function bucketText({ lower, upper }: HeatBucket, unit: Unit): string {
  if (lower === Number.NEGATIVE_INFINITY) return `up to ${formatValue(upper, unit)}`
  if (upper === Number.POSITIVE_INFINITY) return `above ${formatValue(lower, unit)}`
  return `${formatValue(lower, unit)} to ${formatValue(upper, unit)}`
}

function describeHeat(
  title: string,
  heat: Heat,
  grid: ChartGrid,
  { unit, time }: { readonly unit: Unit; readonly time: (atMs: number) => string },
): string {
  const { buckets, counts, most } = heat
  const fullest = buckets[counts.indexOf(most) % buckets.length]
  const what = fullest === undefined ? 'nothing' : `most at once in ${bucketText(fullest, unit)}: ${formatNumber(most)}`
  return `${title}, heat map from ${time(grid.startMs)} to ${time(grid.endMs)}: ${buckets.length} buckets, ${what}`
}

function draw(canvas: HTMLCanvasElement, { timesMs, buckets, counts, most }: Heat): void {
  // a pixel a cell, scaled up by the style sheet without smoothing
  canvas.width = Math.max(1, timesMs.length)
  canvas.height = Math.max(1, buckets.length)
  const context = canvas.getContext('2d')
  if (context === null) return
  context.clearRect(0, 0, canvas.width, canvas.height)
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--s1').trim()
  for (let step = 0; step < timesMs.length; step++) {
    for (let row = 0; row < buckets.length; row++) {
      const count = counts[step * buckets.length + row] ?? 0
      if (count <= 0) continue
      context.globalAlpha = heatShare(count, most)
      context.fillRect(step, buckets.length - 1 - row, 1, 1)
    }
  }
}
