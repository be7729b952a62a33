// Exemplars on their way in: those that fit, each once. They are few: a target has some for each histogram, and most scrapes repeat them.
import type { ExemplarSample } from '@tidewatch/core/sample-batch.ts'
import type { SeriesIndex, SeriesRef } from '../head/port.ts'
import type { StoredExemplar } from '../store/port.ts'

/** Characters of all names and values of an exemplar's labels, as OpenMetrics and Prometheus have it. */
export const maxExemplarCharacters = 128
/** Series whose newest exemplars are remembered; the longest unseen go, and the store's merges drop what comes twice then. */
const maxSeries = 100_000
/** Newest exemplars of a series that are remembered: a native histogram sends its ten or so again and again. */
const maxEach = 16

export interface TakenExemplars {
  /** Those that are new. */
  readonly rows: readonly StoredExemplar[]
  /** Those that fit, known ones among them. */
  readonly kept: readonly ExemplarSample[]
  /** How many did not: for their times, or too many characters. */
  readonly refused: number
}

interface Newest {
  readonly generation: number
  readonly keys: string[]
  /** What the last one said that is not its time. */
  said: string
}

/** Tells new exemplars from those that senders repeat. */
export class KnownExemplars {
  readonly #index: SeriesIndex
  readonly #newest = new Map<number, Newest>()
  /** What the newest ones in the store say, by series: from before the start, until the series sends one. */
  readonly #stored = new Map<string, string>()

  constructor(index: SeriesIndex) {
    this.#index = index
  }

  /** The newest exemplar of each series, as the store has it at a start: a target that still says the same says nothing new. */
  remember(rows: readonly Pick<StoredExemplar, 'idLow' | 'idHigh' | 'value' | 'example'>[]): void {
    for (const { idLow, idHigh, value, example } of rows.slice(0, maxSeries))
      this.#stored.set(`${idHigh}:${idLow}`, saidBy(value, example))
  }

  /** What of a batch is to be written; `note` it when it is safe. */
  take(
    exemplars: readonly ExemplarSample[],
    { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
  ): TakenExemplars {
    const rows: StoredExemplar[] = []
    const seen = new Set<string>()
    const kept: ExemplarSample[] = []
    for (const exemplar of exemplars) {
      const { timeMs, labels: example, value } = exemplar
      if (!(timeMs >= minMs && timeMs <= maxMs) || !fits(example)) continue
      kept.push(exemplar)
      const ref = exemplar.ref as SeriesRef
      const key = keyOf(timeMs, value, example)
      if (
        this.#knows(ref, key) ||
        (exemplar.isUntimed === true && this.#hasSaid(ref, exemplar)) ||
        seen.has(`${ref} ${key}`)
      )
        continue
      seen.add(`${ref} ${key}`)
      const index = this.#index
      rows.push({
        project: index.project(ref),
        idLow: index.idLow[ref],
        idHigh: index.idHigh[ref],
        labels: index.labels(ref),
        ...{ timeMs, value, example },
      })
    }
    return { rows, kept, refused: exemplars.length - kept.length }
  }

  /** They are safe now. */
  note(exemplars: readonly ExemplarSample[]): void {
    for (const { ref, timeMs, value, labels } of exemplars) {
      const generation = this.#index.generation(ref as SeriesRef)
      const known = this.#newest.get(ref)
      const own = known?.generation === generation ? known : { generation, keys: [], said: '' }
      own.said = saidBy(value, labels)
      this.#stored.delete(this.#idOf(ref as SeriesRef))
      // behind the others: they are forgotten from the front
      this.#newest.delete(ref)
      this.#newest.set(ref, own)
      const key = keyOf(timeMs, value, labels)
      if (own.keys.includes(key)) continue
      own.keys.push(key)
      if (own.keys.length > maxEach) own.keys.shift()
    }
    for (const ref of this.#newest.keys()) {
      if (this.#newest.size <= maxSeries) break
      this.#newest.delete(ref)
    }
  }

  /** What is sent again is written again. */
  forget(ref: number): void {
    this.#newest.delete(ref)
  }

  #hasSaid(ref: SeriesRef, { value, labels }: ExemplarSample): boolean {
    const known = this.#newest.get(ref)
    const isKnown = known !== undefined && known.generation === this.#index.generation(ref)
    const said = isKnown ? known.said : this.#stored.get(this.#idOf(ref))
    return said === saidBy(value, labels)
  }

  #idOf(ref: SeriesRef): string {
    return `${this.#index.idHigh[ref]}:${this.#index.idLow[ref]}`
  }

  #knows(ref: SeriesRef, key: string): boolean {
    const known = this.#newest.get(ref)
    return known !== undefined && known.generation === this.#index.generation(ref) && known.keys.includes(key)
  }
}

const keyOf = (timeMs: number, value: number, labels: readonly string[]): string => `${timeMs} ${saidBy(value, labels)}`

const saidBy = (value: number, labels: readonly string[]): string => `${value} ${labels.join('\u0000')}`

function fits(labels: readonly string[]): boolean {
  let characters = 0
  // by code points, as they are counted elsewhere
  for (const text of labels) characters += text.length <= 2 * maxExemplarCharacters ? [...text].length : text.length
  return characters <= maxExemplarCharacters
}
