import { useState } from 'react'
import './tide-strip.css'

type TideState = 'fine' | 'warning' | 'critical' | 'planned' | 'no-data'

export interface TideBar {
  readonly state: TideState
  /** What the bar says when it is read, its time first: "03:00 – 03:05, 2 of 9 down". */
  readonly text: string
}

const heights: Record<TideState, number> = { fine: 3, warning: 9, critical: 16, planned: 6, 'no-data': 1 }

/** One bar a period that rises where there was trouble: the product's one motif. Hover or arrow keys read a bar. */
export function TideStrip({ bars, name }: { readonly bars: readonly TideBar[]; readonly name: string }) {
  const [read, setRead] = useState<number | undefined>(undefined)
  const move = (by: number) =>
    setRead((index) => Math.max(0, Math.min(bars.length - 1, (index ?? (by > 0 ? -1 : bars.length)) + by)))
  if (bars.length === 0) return <span className="tide-strip" />
  const text = read === undefined ? undefined : bars[read]?.text
  return (
    <button
      type="button"
      className="tide-strip"
      aria-label={`${name}${text === undefined ? '' : `: ${text}`}`}
      title={text}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
        event.preventDefault()
        move(event.key === 'ArrowRight' ? 1 : -1)
      }}
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect()
        setRead(Math.min(bars.length - 1, Math.floor(((event.clientX - box.left) / box.width) * bars.length)))
      }}
      onPointerLeave={() => setRead(undefined)}
      onBlur={() => setRead(undefined)}
    >
      <svg viewBox={`0 0 ${bars.length * 4 - 1} 16`} preserveAspectRatio="none" aria-hidden>
        {bars.map((bar, index) => (
          <rect
            key={bar.text}
            className={bar.state}
            x={index * 4}
            y={16 - heights[bar.state]}
            width={3}
            height={heights[bar.state]}
          />
        ))}
      </svg>
    </button>
  )
}
