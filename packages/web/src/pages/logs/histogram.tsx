import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, type PointerEvent, useMemo, useState } from 'react'
import { timeTicks, valueAxis } from '../../charts/axis.ts'
import { toLoadable } from '../../data/loadable.ts'
import { type LogQuestion, type LogSpan, logHistogramQuery } from '../../data/logs.ts'
import { usePageRange } from '../../data/use-range.ts'
import { Loaded } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatNumber } from '../../ui/units.ts'
import { DeployLines, DeployNames, useDeployMarks } from './deploy-marks.tsx'
import { type Bar, barsOf, barText, histogramText, levels } from './histogram-model.ts'

const heightPx = 72

/** How many lines when, the worst on top. A click narrows the time to a bar, a drag to what it covers. */
export function Histogram({ question, live }: { readonly question: LogQuestion; readonly live: boolean }) {
  const { refetchInterval } = usePageRange()
  const result = useQuery({
    ...logHistogramQuery(question),
    refetchInterval: live ? refetchInterval : false,
  })
  return (
    <section className="log-histogram" aria-label="Lines over time">
      <Loaded of={toLoadable(result)} what="how many lines there are" height={heightPx + 20}>
        {(answer) => <Bars answer={answer} />}
      </Loaded>
    </section>
  )
}

interface BarsProps {
  readonly answer: Parameters<typeof barsOf>[0] & { readonly span: LogSpan }
}

function Bars({ answer }: BarsProps) {
  const { zone } = usePreferences()
  const { zoom, zoomOut } = usePageRange()
  const bars = useMemo(() => barsOf(answer, answer.span), [answer])
  const { at, marked, handlers } = useMarking(bars, zoom)
  const most = bars.reduce((max, { total }) => Math.max(max, total), 0)
  const axis = valueAxis(0, Math.max(most, 1), 'number', 3)
  const [start, end] = [bars[0]?.startMs ?? 0, bars.at(-1)?.endMs ?? 1]
  const ticks = timeTicks(start, end, zone, 7)
  const deploys = useDeployMarks(start, end)
  const read = at === undefined ? undefined : bars[at]
  return (
    <>
      <button
        type="button"
        className="log-bars"
        aria-label={`${histogramText(bars, answer.total, zone)}. Arrows read a bar, Enter narrows the time to it.`}
        onDoubleClick={zoomOut}
        {...handlers}
      >
        <svg viewBox={`0 0 ${bars.length} ${heightPx}`} preserveAspectRatio="none" aria-hidden>
          {axis.ticks.map((tick) => (
            <path key={tick} className="grid" d={`M0 ${heightPx * (1 - tick / axis.max)}H${bars.length}`} />
          ))}
          {marked !== undefined && (
            <rect className="marked" x={marked.first} width={marked.last - marked.first + 1} y={0} height={heightPx} />
          )}
          {bars.map((bar, i) => (
            <Stack key={bar.startMs} bar={bar} x={i} scale={heightPx / axis.max} />
          ))}
        </svg>
        <span className="log-bars-most tiny third" aria-hidden>
          {formatNumber(axis.max)}
        </span>
        <DeployLines marks={deploys} />
      </button>
      <div className="log-bars-axis tiny third" aria-hidden>
        {ticks.map(({ atMs, label }) => {
          const share = (atMs - start) / (end - start)
          return (
            <span key={atMs} className={edgeOf(share)} style={{ left: `${share * 100}%` }}>
              {label}
            </span>
          )
        })}
      </div>
      <p className="log-bars-read tiny second" role="status">
        {read === undefined ? '' : barText(read, zone)}
      </p>
      <DeployNames marks={deploys} />
    </>
  )
}

/** A time at an end of the axis stands beside its place, not over the edge. */
const edgeOf = (share: number): string => (share < 0.05 ? 'first' : share > 0.95 ? 'last' : '')

function Stack({ bar, x, scale }: { readonly bar: Bar; readonly x: number; readonly scale: number }) {
  let below = 0
  return levels.map((level) => {
    const count = bar.counts[level]
    if (count === 0) return null
    below += count
    // what is there is seen, however little it is beside the rest
    const height = Math.max(count * scale, 1)
    return <rect key={level} className={level} x={x + 0.08} width={0.84} y={heightPx - below * scale} height={height} />
  })
}

/** The bar that is read and those that are marked, by pointer and by keys. */
function useMarking(bars: readonly Bar[], zoom: (startMs: number, endMs: number) => void) {
  const [at, setAt] = useState<number | undefined>(undefined)
  const [anchor, setAnchor] = useState<number | undefined>(undefined)
  const last = bars.length - 1
  const marked =
    at === undefined || anchor === undefined ? undefined : { first: Math.min(at, anchor), last: Math.max(at, anchor) }
  const take = (first: number, to: number) => {
    const [from, until] = [bars[Math.min(first, to)], bars[Math.max(first, to)]]
    if (from !== undefined && until !== undefined) zoom(from.startMs, until.endMs)
    setAnchor(undefined)
  }
  const barAt = (event: PointerEvent<HTMLElement>): number => {
    const box = event.currentTarget.getBoundingClientRect()
    return Math.max(0, Math.min(last, Math.floor(((event.clientX - box.left) / box.width) * bars.length)))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && at !== undefined) take(anchor ?? at, at)
    else if (event.key === 'Escape') setAnchor(undefined)
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const by = event.key === 'ArrowRight' ? 1 : -1
      setAnchor(event.shiftKey ? (anchor ?? at) : undefined)
      setAt(Math.max(0, Math.min(last, (at ?? (by > 0 ? -1 : bars.length)) + by)))
    } else return
    event.preventDefault()
  }
  const handlers = {
    onKeyDown,
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      event.currentTarget.setPointerCapture(event.pointerId)
      setAnchor(barAt(event))
      setAt(barAt(event))
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => setAt(barAt(event)),
    onPointerUp: (event: PointerEvent<HTMLElement>) => anchor !== undefined && take(anchor, barAt(event)),
    onPointerCancel: () => setAnchor(undefined),
    onPointerLeave: () => anchor === undefined && setAt(undefined),
    onBlur: () => setAt(undefined),
  }
  return { at, marked, handlers }
}
