// When the counters of one target began, as its scrapes tell: by protobuf's messages, or by the series `_created` of OpenMetrics.
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'

export interface ToldStart {
  readonly slot: number
  readonly startMs: number
  /** Whose layout the empty one gets; undefined for floats. */
  readonly histogram: NativeHistogram | undefined
}

/** What a series is to a `_created`: that itself, or one of those it is about. Both by what they share. */
export interface StartRole {
  readonly role: 'created' | 'counted'
  readonly key: string
}

export class TargetStarts {
  readonly #told: ToldStart[] = []
  /** Of this scrape, by what they share with what they are about. */
  readonly #created = new Map<string, number>()
  #roles = new Map<number, StartRole>()
  /** By what they share: the series that began together. */
  #counted = new Map<string, number[]>()

  begin(): void {
    this.#told.length = 0
    this.#created.clear()
  }

  define(slot: number, { role, key }: StartRole): void {
    this.#roles.set(slot, { role, key })
    if (role === 'counted') this.#counted.set(key, [...(this.#counted.get(key) ?? []), slot])
  }

  tell(slot: number, startMs: number, histogram: NativeHistogram | undefined): void {
    this.#told.push({ slot, startMs, histogram })
  }

  /** The value of a `_created`, in seconds as it is written. */
  tellCreated(slot: number, seconds: number): void {
    const role = this.#roles.get(slot)
    if (role !== undefined) this.#created.set(role.key, Math.trunc(seconds * 1000))
  }

  /** Everything that this scrape has told, series by series. */
  *all(): Generator<ToldStart> {
    yield* this.#told
    for (const [key, startMs] of this.#created)
      for (const slot of this.#counted.get(key) ?? []) yield { slot, startMs, histogram: undefined }
  }

  forget(): void {
    this.#roles.clear()
    this.#counted.clear()
  }

  /** Slots have other numbers now: that of `keep[i]` is i. */
  move(keep: Uint32Array): void {
    const before = this.#roles
    this.#roles = new Map()
    this.#counted = new Map()
    keep.forEach((slot, i) => {
      const role = before.get(slot)
      if (role !== undefined) this.define(i, role)
    })
  }
}
