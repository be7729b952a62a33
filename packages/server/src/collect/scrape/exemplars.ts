import type { ExemplarSample } from '@tidewatch/core/sample-batch.ts'

/** The exemplars of one target from scrape to scrape: one without a time of its own is new only where it says something else than the last. */
export class TargetExemplars {
  /** By slot of the series: what the last one without a time said. */
  readonly #last = new Map<number, string>()
  readonly #fresh = new Map<number, string>()

  begin(): void {
    this.#fresh.clear()
  }

  /** The exemplar with its time; undefined where it is known. */
  take(slot: number, exemplar: Omit<ExemplarSample, 'ref'>, atMs: number): Omit<ExemplarSample, 'ref'> | undefined {
    if (!Number.isNaN(exemplar.timeMs)) return exemplar
    const said = `${exemplar.value} ${exemplar.labels.join('\u0000')}`
    if (this.#last.get(slot) === said) return undefined
    this.#fresh.set(slot, said)
    return { ...exemplar, timeMs: atMs, isUntimed: true }
  }

  /** The scrape was taken. */
  commit(good: boolean): void {
    if (good) for (const [slot, said] of this.#fresh) this.#last.set(slot, said)
    this.#fresh.clear()
  }

  /** Slots have other numbers now. */
  forget(): void {
    this.#last.clear()
    this.#fresh.clear()
  }
}
