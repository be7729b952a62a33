import type { LineFault } from '../../logs/port.ts'

/** What was wrong with lines of a request: the first few in words, the others counted. */
export interface LineProblems {
  readonly count: number
  readonly first: readonly string[]
  /** `line` counts from 1. */
  add(line: number, fault: LineFault): void
}

const maxTold = 5

export function problemsOf(): LineProblems {
  const first: string[] = []
  let count = 0
  return {
    first,
    get count() {
      return count
    },
    add(line, { message }) {
      count++
      if (first.length < maxTold) first.push(`line ${line} ${message}`)
    },
  }
}
