import { useState } from 'react'
import type uPlot from 'uplot'
import { usePreferences } from '../ui/preferences.ts'
import { formatMoment } from '../ui/times.ts'
import { formatValue, type Unit } from '../ui/units.ts'
import { type ChartGrid, formatSeries, type LabelSet } from './series.ts'

/** A single value with a story, such as an exemplar. */
export interface ChartMark {
  readonly key: string
  readonly atMs: number
  readonly value: number
  readonly seriesLabels: LabelSet
  readonly labels: LabelSet
}

/** Where the lines are drawn, in px of the chart, and the values at its lower and upper edge. */
export interface PlotArea {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly least: number
  readonly most: number
}

export function plotArea(u: uPlot): PlotArea {
  const { offsetLeft: left, offsetTop: top, clientWidth: width, clientHeight: height } = u.over
  return { left, top, width, height, least: u.scales.y?.min ?? 0, most: u.scales.y?.max ?? 1 }
}

export const sameArea = (a: PlotArea, b: PlotArea): boolean =>
  a.left === b.left &&
  a.top === b.top &&
  a.width === b.width &&
  a.height === b.height &&
  a.least === b.least &&
  a.most === b.most

interface ChartMarksProps {
  readonly marks: readonly ChartMark[]
  readonly area: PlotArea
  readonly grid: ChartGrid
  readonly unit: Unit
}

/** Dots that tell their labels on hover and focus; what lies beyond the axis stands at its edge. */
export function ChartMarks({ marks, area, grid, unit }: ChartMarksProps) {
  const [told, setTold] = useState<ChartMark | undefined>(undefined)
  const shown = marks.filter(({ atMs }) => atMs >= grid.startMs && atMs <= grid.endMs)
  const x = ({ atMs }: ChartMark): number =>
    area.left + (area.width * (atMs - grid.startMs)) / Math.max(1, grid.endMs - grid.startMs)
  const y = ({ value }: ChartMark): number => {
    const share = (value - area.least) / (area.most - area.least || 1)
    return area.top + area.height * (1 - Math.max(0, Math.min(1, share)))
  }
  return (
    <>
      {shown.map((mark) => (
        <button
          key={mark.key}
          type="button"
          className="chart-mark"
          style={{ left: x(mark), top: y(mark) }}
          aria-label={`Exemplar ${formatValue(mark.value, unit)}, ${labelsText(mark.labels)}`}
          onPointerEnter={() => setTold(mark)}
          onPointerLeave={() => setTold(undefined)}
          onFocus={() => setTold(mark)}
          onBlur={() => setTold(undefined)}
        />
      ))}
      {told !== undefined && (
        <MarkTip mark={told} unit={unit} leftPx={x(told)} onRight={x(told) > area.left + area.width / 2} />
      )}
    </>
  )
}

interface MarkTipProps {
  readonly mark: ChartMark
  readonly unit: Unit
  readonly leftPx: number
  readonly onRight: boolean
}

function MarkTip({ mark, unit, leftPx, onRight }: MarkTipProps) {
  const { zone } = usePreferences()
  return (
    <div className={`chart-tip mark-tip small ${onRight ? 'left' : ''}`} style={{ left: leftPx }} role="status">
      <div className="third tiny">Exemplar, {formatMoment(mark.atMs, zone)}</div>
      <div>
        <span className="break">{formatSeries(mark.seriesLabels)}</span>
        <span className="nowrap label">{formatValue(mark.value, unit)}</span>
      </div>
      {Object.entries(mark.labels).map(([name, value]) => (
        <div key={name}>
          <span className="third">{name}</span>
          <code className="break">{value}</code>
        </div>
      ))}
    </div>
  )
}

const labelsText = (labels: LabelSet): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
