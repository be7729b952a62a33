// Counts of one template by minute and severity class, for the newest minutes. Called per line; bench/src/log-patterns.ts.
import { type MinuteCount, type Pattern, severityClasses } from './pattern.ts'

const minuteMs = 60_000

interface Minute {
  readonly minuteMs: number
  readonly bySeverity: Float64Array
}

/** What a template says of its counts. */
type Counted = Pick<Pattern, 'count' | 'bySeverity' | 'firstMs' | 'lastMs' | 'minutes'>

export class MinuteCounts {
  count = 0
  readonly #bySeverity = new Float64Array(severityClasses.length)
  /** In order of time. */
  readonly #minutes: Minute[] = []
  readonly #most: number
  #firstMs = Number.POSITIVE_INFINITY
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(most: number) {
    this.#most = most
  }

  add(severityClass: number, timeMs: number, lines: number): void {
    this.count += lines
    this.#bySeverity[severityClass] += lines
    if (timeMs < this.#firstMs) this.#firstMs = timeMs
    if (timeMs > this.#lastMs) this.#lastMs = timeMs
    const minute = this.#minuteOf(timeMs - (timeMs % minuteMs))
    if (minute !== undefined) minute.bySeverity[severityClass] += lines
  }

  merge({ count, bySeverity, firstMs, lastMs, minutes }: Counted): void {
    this.count += count
    bySeverity.forEach((lines, i) => {
      this.#bySeverity[i] += lines
    })
    this.#firstMs = Math.min(this.#firstMs, firstMs)
    this.#lastMs = Math.max(this.#lastMs, lastMs)
    for (const other of minutes) {
      const minute = this.#minuteOf(other.minuteMs)
      other.bySeverity.forEach((lines, i) => {
        if (minute !== undefined) minute.bySeverity[i] += lines
      })
    }
  }

  snapshot(): Counted {
    const minutes = this.#minutes.map(
      (minute): MinuteCount => ({ minuteMs: minute.minuteMs, bySeverity: [...minute.bySeverity] }),
    )
    const { count } = this
    return { count, bySeverity: [...this.#bySeverity], firstMs: this.#firstMs, lastMs: this.#lastMs, minutes }
  }

  /** Undefined for a minute that is older than all that are kept. */
  #minuteOf(startMs: number): Minute | undefined {
    const minutes = this.#minutes
    let at = minutes.length
    while (at > 0 && minutes[at - 1].minuteMs > startMs) at--
    if (at > 0 && minutes[at - 1].minuteMs === startMs) return minutes[at - 1]
    if (at === 0 && minutes.length >= this.#most) return undefined
    const minute = { minuteMs: startMs, bySeverity: new Float64Array(severityClasses.length) }
    minutes.splice(at, 0, minute)
    if (minutes.length > this.#most) minutes.shift()
    return minute
  }
}
