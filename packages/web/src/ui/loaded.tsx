import { Clock } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { ProblemBox, type ProblemText } from './problem-box.tsx'
import { formatAge } from './units.ts'
import './loaded.css'

/** What `Loaded` needs to know of a question and its answer; TanStack's query results fit after `toLoadable` (data/loadable.ts). */
export interface Loadable<T> {
  /** The newest good answer, if there was one. */
  readonly data: T | undefined
  /** When it came, ms since 1970; 0 for never. */
  readonly dataAtMs: number
  /** Why the newest try failed. */
  readonly problem: ProblemText | undefined
  readonly asking: boolean
  readonly askAgain: () => void
}

interface LoadedProps<T> {
  readonly of: Loadable<T>
  /** What is being loaded, for the words after 3 s: "targets". */
  readonly what: string
  /** The height that the content will have, so that nothing jumps. */
  readonly height?: number
  readonly isEmpty?: (data: T) => boolean
  /** Teaches the next step. */
  readonly empty?: ReactNode
  readonly children: (data: T) => ReactNode
}

/** The four states that everything asked for has: loading keeps the layout, empty teaches, failing says what and the way out, stale shows the last good data with its age. */
export function Loaded<T>({ of, what, height = 160, isEmpty, empty, children }: LoadedProps<T>) {
  if (of.data === undefined) {
    if (of.problem === undefined) return <Skeleton what={what} height={height} />
    return <Failed problem={of.problem} asking={of.asking} askAgain={of.askAgain} />
  }
  const content = isEmpty?.(of.data) === true ? empty : children(of.data)
  if (of.problem === undefined) return content
  return (
    <>
      <StaleMark problem={of.problem} dataAtMs={of.dataAtMs} askAgain={of.askAgain} />
      {content}
    </>
  )
}

export function Failed({ problem, asking, askAgain }: { problem: ProblemText; asking: boolean; askAgain: () => void }) {
  return (
    <ProblemBox problem={problem}>
      <button type="button" className="button little" onClick={askAgain} disabled={asking}>
        {asking ? 'Trying' : 'Try again'}
      </button>
    </ProblemBox>
  )
}

function StaleMark({ problem, dataAtMs, askAgain }: { problem: ProblemText; dataAtMs: number; askAgain: () => void }) {
  const nowMs = useTicking(1000)
  return (
    <div className="stale small" role="status">
      <Clock className="icon warn" aria-hidden />
      <span className="label warn nowrap">{formatAge(nowMs - dataAtMs)} old.</span>
      <span className="second cut" title={problem.what}>
        {problem.what}
      </span>
      <button type="button" className="link end nowrap" onClick={askAgain}>
        Try again
      </button>
    </div>
  )
}

const widths = [44, 92, 76, 84, 60, 88, 70] as const

/** Grey bars of about the final size, after 200 ms; after 3 s what is being waited for. */
function Skeleton({ what, height }: { what: string; height: number }) {
  const lines = Math.max(1, Math.min(widths.length, Math.floor((height - 28) / 27)))
  return (
    <div className="skeleton" style={{ minHeight: height }} aria-busy="true">
      {widths.slice(0, lines).map((width) => (
        <span key={width} style={{ width: `${width}%` }} aria-hidden />
      ))}
      <p className="skeleton-words small third" role="status">
        Reading {what}
      </p>
    </div>
  )
}

/** The time, renewed every so often; for ages that are shown. */
export function useTicking(everyMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return nowMs
}
