// Called once a sample while samples are taken in: two days a series, in 4 bytes.

const dayMs = 86_400_000

/** UTC days since 1970; 0 for what lies before, 65,535 (the year 2149) for what lies after. */
export function dayOf(timeMs: number): number {
  return Math.min(0xffff, Math.max(0, Math.floor(timeMs / dayMs)))
}

/**
 * Which UTC days of a series have a row in the `series` table, as far as this process wrote one. Two days are remembered, so that
 * late samples around midnight do not write a row each; with a third the older note goes, which costs a further row and no more.
 */
export class SeriesDays {
  /** By ref: the day that was noted last, and the one before. 0: none. */
  #days = new Uint16Array(2048)

  has(ref: number, day: number): boolean {
    const days = this.#days
    const at = ref * 2
    return at < days.length && (days[at] === day || days[at + 1] === day)
  }

  /** The series has a row of that day now. `fresh`: the ref belongs to a new series, what was noted is another's. */
  note(ref: number, day: number, fresh: boolean): void {
    const at = ref * 2
    if (at >= this.#days.length) {
      const grown = new Uint16Array(Math.max(this.#days.length * 2, at + 2))
      grown.set(this.#days)
      this.#days = grown
    }
    const days = this.#days
    if (fresh) days[at + 1] = 0
    else if (days[at] === day) return
    else days[at + 1] = days[at]
    days[at] = day
  }
  /** Of none of its days is a row known any more. */
  forget(ref: number): void {
    if (ref * 2 < this.#days.length) this.#days.fill(0, ref * 2, ref * 2 + 2)
  }
}
