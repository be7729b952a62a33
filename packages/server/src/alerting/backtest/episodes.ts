// When rules would have fired, and for how long.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { ActiveAlert } from '../rules/lifecycle.ts'

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

interface Told {
  readonly group: string
  readonly rule: string
  readonly alert: ActiveAlert
  readonly atMs: number
}

export class EpisodeBook {
  readonly #startMs: number
  readonly #open = new Map<string, Told>()
  readonly #episodes: Episode[] = []

  /** What ended before `startMs` does not count. */
  constructor(startMs: number) {
    this.#startMs = startMs
  }

  add(told: Told): void {
    const key = `${told.group}\n${told.rule}\n${told.alert.labels.key()}`
    const open = this.#open.get(key)
    if (told.alert.state === 'firing') {
      if (open === undefined) this.#open.set(key, told)
      return
    }
    if (open === undefined) return
    this.#open.delete(key)
    this.#close(open, told.atMs)
  }

  #close({ group, rule, alert, atMs }: Told, endedAtMs: number | undefined): void {
    if (endedAtMs !== undefined && endedAtMs <= this.#startMs) return
    this.#episodes.push({
      ...{ group, rule, labels: alert.labels, activeAtMs: alert.activeAtMs },
      ...{ firedAtMs: alert.firedAtMs ?? atMs, endedAtMs },
    })
  }

  /** All of them by the time at which they fired. */
  finish(endMs: number): readonly Episode[] {
    for (const open of this.#open.values()) if (open.atMs <= endMs) this.#close(open, undefined)
    this.#open.clear()
    return this.#episodes.sort((a, b) => a.firedAtMs - b.firedAtMs)
  }
}
