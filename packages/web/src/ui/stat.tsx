import type { ReactNode } from 'react'
import './stat.css'

interface StatProps {
  readonly title: string
  readonly value: string
  /** What the value is held against: "of 15.6 GiB", "limit 1 %". */
  readonly against?: string | undefined
  readonly tone?: 'warn' | 'crit' | undefined
  readonly children?: ReactNode
}

/** A value beside what it is compared with, and its course below. */
export function Stat({ title, value, against, tone, children }: StatProps) {
  return (
    <section className="stat" aria-label={title}>
      <h3 className="second">{title}</h3>
      <p className={`stat-value ${tone ?? ''}`}>{value}</p>
      <p className="small third cut">{against ?? '\u00a0'}</p>
      {children}
    </section>
  )
}
