// A sink that keeps plain objects, for tests of this folder.
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
  newSeries = 0
  readonly #series: Record<string, string>[] = []
  readonly #comments: MetadataLine[] = []

  parse(body: string | Uint8Array, format: ExpositionFormat = 'text', maxLines = 3): this {
    this.samples = []
    this.lines = []
    this.newSeries = 0
    const parser = new ExpositionParser(Buffer.from(body), { format, tables: this.tables, sink: this })
    while (!parser.step(maxLines));
    return this
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
  comment(slot: number, line: MetadataLine): void {
    this.#comments[slot] = line
  }
  metadata(slot: number): void {
    this.lines.push(this.#comments[slot])
  }
}
