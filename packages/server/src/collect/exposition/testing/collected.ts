// A sink that keeps plain objects, for tests of this folder.
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import type { ExemplarSample } from '@tidewatch/core/sample-batch.ts'
import { type HistogramForms, MetricFamiliesParser } from '../metric-families.ts'
import {
  type ExpositionFormat,
  ExpositionParser,
  type ExpositionSink,
  ExpositionTables,
  type MetadataLine,
} from '../parse.ts'

export interface CollectedSample {
  readonly labels: Record<string, string>
  readonly value: number
  readonly timeMs: number | undefined
}

/** Parses bodies one after the other with the same tables, as scrapes of one target do. */
export class Collector implements ExpositionSink {
  readonly tables = new ExpositionTables()
  samples: CollectedSample[] = []
  lines: MetadataLine[] = []
  histograms: { labels: Record<string, string>; histogram: NativeHistogram; timeMs: number | undefined }[] = []
  exemplars: {
    ofSeries: Record<string, string>
    labels: readonly string[]
    value: number
    timeMs: number | undefined
  }[] = []
  newSeries = 0
  readonly #series: Record<string, string>[] = []
  readonly #comments: MetadataLine[] = []

  parse(body: string | Uint8Array, format: ExpositionFormat = 'text', maxLines = 3): this {
    this.#reset()
    const parser = new ExpositionParser(Buffer.from(body), { format, tables: this.tables, sink: this })
    while (!parser.step(maxLines));
    return this
  }

  parseFamilies(body: Uint8Array, histograms: HistogramForms): this {
    this.#reset()
    const parser = new MetricFamiliesParser(body, { tables: this.tables, sink: this, histograms })
    while (!parser.step(3));
    return this
  }

  #reset(): void {
    this.samples = []
    this.lines = []
    this.histograms = []
    this.exemplars = []
    this.newSeries = 0
  }
  series(slot: number, flat: readonly string[]): void {
    const labels: Record<string, string> = {}
    for (let i = 0; i < flat.length; i += 2) labels[flat[i]] = flat[i + 1]
    this.#series[slot] = labels
    this.newSeries++
  }
  sample(slot: number, value: number, timeMs: number): void {
    this.samples.push({ labels: this.#series[slot], value, timeMs: Number.isNaN(timeMs) ? undefined : timeMs })
  }
  histogram(slot: number, histogram: NativeHistogram, timeMs: number): void {
    this.histograms.push({ labels: this.#series[slot], histogram, timeMs: Number.isNaN(timeMs) ? undefined : timeMs })
  }
  exemplar(slot: number, { labels, value, timeMs }: Omit<ExemplarSample, 'ref'>): void {
    const ofSeries = this.#series[slot]
    this.exemplars.push({ ofSeries, labels, value, timeMs: Number.isNaN(timeMs) ? undefined : timeMs })
  }
  comment(slot: number, line: MetadataLine): void {
    this.#comments[slot] = line
  }
  metadata(slot: number): void {
    this.lines.push(this.#comments[slot])
  }
}
