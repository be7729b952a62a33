// What is sent of a series, by its id: labels after external labels and relabelling. Asked once a sample.
import { encodeLabels } from '@tidewatch/core/encoded-labels.ts'
import { Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import type { StoredSeries } from '../../store/port.ts'
import type { RelabelSeries } from './port.ts'

export interface SentSeries {
  readonly idHigh: number
  /** Names and values in turn. */
  readonly flat: readonly string[]
  /** The same as `Label` fields of remote write 1.0. */
  readonly labelBytes: Uint8Array
  readonly metric: string
  /** Another series whose id has the same low half. */
  next: SentSeries | undefined
  /** Relabelling dropped it. */
  readonly isDropped: boolean
}

export interface SeriesCacheOptions {
  readonly externalLabels: Readonly<Record<string, string>>
  readonly relabel: RelabelSeries
  /** Half of the series that are kept at most. */
  readonly generationSize?: number
}

/** Two generations: what was asked for in the younger one stays when it becomes the older, and the older goes. */
export class SeriesCache {
  readonly #options: SeriesCacheOptions
  readonly #generationSize: number
  #young = new Map<number, SentSeries>()
  #old = new Map<number, SentSeries>()

  constructor(options: SeriesCacheOptions) {
    this.#options = options
    this.#generationSize = options.generationSize ?? 500_000
  }

  get(idLow: number, idHigh: number): SentSeries | undefined {
    const young = inChain(this.#young.get(idLow), idHigh)
    if (young !== undefined) return young
    const old = inChain(this.#old.get(idLow), idHigh)
    if (old === undefined) return undefined
    const { flat, labelBytes, metric, isDropped } = old
    const moved: SentSeries = { idHigh, flat, labelBytes, metric, isDropped, next: undefined }
    this.#put(idLow, moved)
    return moved
  }

  /** Keeps a series; known ones are left as they are. */
  learn({ idLow, idHigh, labels }: Pick<StoredSeries, 'idLow' | 'idHigh' | 'labels'>): SentSeries {
    return this.get(idLow, idHigh) ?? this.#put(idLow, this.#made(idHigh, labels))
  }

  #put(idLow: number, series: SentSeries): SentSeries {
    if (this.#young.size >= this.#generationSize) {
      this.#old = this.#young
      this.#young = new Map()
    }
    series.next = this.#young.get(idLow)
    this.#young.set(idLow, series)
    return series
  }

  #made(idHigh: number, labels: Labels): SentSeries {
    const { externalLabels, relabel } = this.#options
    const draft = new Map<string, string>()
    for (const [name, value] of Object.entries(externalLabels)) if (value !== '') draft.set(name, value)
    for (let i = 0; i < labels.flat.length; i += 2) draft.set(labels.flat[i] ?? '', labels.flat[i + 1] ?? '')
    const sent = relabel(draft) ? Labels.from(draft) : Labels.empty
    return {
      idHigh,
      flat: sent.flat,
      labelBytes: encodeLabels(sent),
      metric: sent.get(metricNameLabel),
      next: undefined,
      isDropped: sent.size === 0,
    }
  }
}

function inChain(first: SentSeries | undefined, idHigh: number): SentSeries | undefined {
  let series = first
  while (series !== undefined && series.idHigh !== idHigh) series = series.next
  return series
}
