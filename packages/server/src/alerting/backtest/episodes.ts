// When rules would have fired, and for how long.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { ActiveAlert } from '../rules/lifecycle.ts'
import { NumberRows } from './number-rows.ts'

/** One alert from its beginning to its end. Times in ms. */
export interface Episode {
  readonly group: string
  readonly rule: string
  readonly labels: Labels
  /** Since when its condition was true. */
  readonly activeAtMs: number
  readonly firedAtMs: number
  /** Undefined: it fired still when the time was over. */
  readonly endedAtMs: number | undefined
}

interface Open {
  readonly labels: Labels
  readonly activeAtMs: number
  readonly firedAtMs: number
  /** When it was told of. */
  readonly atMs: number
}

/** In ms; NaN: no end. */
const column = { activeAtMs: 0, firedAtMs: 1, endedAtMs: 2 } as const

/** Of one rule; what flaps has many thousands. */
export class EpisodeBook {
  readonly name: Pick<Episode, 'group' | 'rule'>
  readonly #startMs: number
  /** By the labels' key. */
  readonly #open = new Map<string, Open>()
  /** One object for all episodes of a series. */
  readonly #known = new Map<string, Labels>()
  readonly #times = new NumberRows(3)
  readonly #labels: Labels[] = []

  /** What ended before `startMs` does not count. */
  constructor(name: Pick<Episode, 'group' | 'rule'>, startMs: number) {
    this.name = name
    this.#startMs = startMs
  }

  /** An alert that begins to fire, or ends, in order of time. */
  add({ labels, state, activeAtMs, firedAtMs }: ActiveAlert, atMs: number): void {
    const key = labels.key()
    const open = this.#open.get(key)
    if (state === 'firing') {
      if (open === undefined) this.#open.set(key, { labels, activeAtMs, firedAtMs: firedAtMs ?? atMs, atMs })
      return
    }
    if (open === undefined) return
    this.#open.delete(key)
    if (atMs > this.#startMs) this.#close(open, atMs)
  }

  /** What fires still has no end. */
  finish(endMs: number): void {
    for (const open of this.#open.values()) if (open.atMs <= endMs) this.#close(open, Number.NaN)
    this.#open.clear()
  }

  #close({ labels, activeAtMs, firedAtMs }: Open, endedAtMs: number): void {
    const known = this.#known.get(labels.key()) ?? labels
    this.#known.set(labels.key(), known)
    this.#times.add([activeAtMs, firedAtMs, endedAtMs])
    this.#labels.push(known)
  }

  get size(): number {
    return this.#times.length
  }

  /** Which alerts had them, by their labels' keys. */
  alerts(): Iterable<string> {
    return this.#known.keys()
  }

  /** How long each of them fired, in ms, the shortest first. */
  lengths(endMs: number): Float64Array {
    return Float64Array.from({ length: this.size }, (_, i) => (this.#endOf(i) ?? endMs) - this.#firedAtMs(i)).sort()
  }

  /** How many ended within less than so many ms. */
  shorterThan(ms: number): number {
    let count = 0
    for (let i = 0; i < this.size; i++) {
      const endedAtMs = this.#endOf(i)
      if (endedAtMs !== undefined && endedAtMs - this.#firedAtMs(i) < ms) count++
    }
    return count
  }

  /** The first of them by the time at which they fired. */
  first(most: number): Episode[] {
    return Array.from(this.#times.order(column.firedAtMs).subarray(0, most), (i) => ({
      ...this.name,
      labels: this.#labels[i] as Labels,
      activeAtMs: this.#times.at(i, column.activeAtMs),
      firedAtMs: this.#firedAtMs(i),
      endedAtMs: this.#endOf(i),
    }))
  }

  #firedAtMs(i: number): number {
    return this.#times.at(i, column.firedAtMs)
  }

  #endOf(i: number): number | undefined {
    return this.#times.known(i, column.endedAtMs)
  }
}
