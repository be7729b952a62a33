import type { ReactNode } from 'react'
import './stat.css'

interface StatProps {
  readonly name: string
  /** The name, or a link with it. */
  readonly title: ReactNode
  /** Undefined until it is known. */
  readonly value: string | undefined
  /** What the value is held against: "of 15.6 GiB", "limit 1 %". */
  readonly against: string
  readonly children?: ReactNode
}

const blank = '\u00a0'

/** A value beside what it is compared with, and its course below. */
export function Stat({ name, title, value, against, children }: StatProps) {
  return (
    <section className="stat" aria-label={name}>
      <h3 className="second">{title}</h3>
      <p className="stat-value">{value ?? blank}</p>
      <p className="small third cut">{against === '' ? blank : against}</p>
      {children}
    </section>
  )
}
