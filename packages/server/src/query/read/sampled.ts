// A prometheus.ReadResponse: all samples as they are, in one snappy block. Called once a sample; bench/src/remote-read.ts.
import { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { type GrowingSampleBuffer, wordsOf } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import { compressSync } from 'snappy'
import { ByteWriter, int64Length } from './bytes.ts'
import { HistogramMessage } from './histogram-message.ts'
import type { ReadAnswer } from './job.ts'
import { withExternal } from './labels.ts'
import { writeLabels } from './series-labels.ts'

export class SampledAnswer implements ReadAnswer {
  readonly #external: readonly string[]
  readonly #maxBytes: number
  readonly #labels = new ByteWriter()
  readonly #series = new ByteWriter()
  readonly #results = new ByteWriter()
  readonly #histogram = new HistogramMessage()
  #windows = 0

  /** Throws `query.limit` once the body would be larger than `maxBytes`, compression left aside. */
  constructor(external: readonly string[], maxBytes: number) {
    this.#external = external
    this.#maxBytes = maxBytes
  }

  window(): void {
    this.#endWindow()
    this.#windows++
  }

  series(labels: Labels, { timesMs, values, length, histograms }: GrowingSampleBuffer): void {
    if (histograms !== undefined) {
      this.#mixed(labels, { timesMs, values, length }, histograms)
      return
    }
    const words = wordsOf(values)
    const encoded = this.#labels
    encoded.length = 0
    writeLabels(encoded, withExternal(labels, this.#external))
    // each sample: its tag and length, 9 bytes of value, a tag and the time
    let size = encoded.length
    for (let i = 0; i < length; i++) size += 12 + int64Length(timesMs[i] as number)
    const writer = this.#series
    writer.byte(0x0a)
    writer.varint(size)
    writer.bytes(encoded.written)
    for (let i = 0; i < length; i++) writeSample(writer, timesMs[i] as number, words, i)
    this.#checkSize()
  }

  /** A series that has native histograms: its floats, then these, as they stand in the message. */
  #mixed(
    labels: Labels,
    { timesMs, values, length }: Pick<GrowingSampleBuffer, 'timesMs' | 'values' | 'length'>,
    histograms: NonNullable<GrowingSampleBuffer['histograms']>,
  ): void {
    const words = wordsOf(values)
    const part = this.#labels
    part.length = 0
    writeLabels(part, withExternal(labels, this.#external))
    for (let i = 0; i < length; i++) if (histograms[i] === undefined) writeSample(part, timesMs[i] as number, words, i)
    for (let i = 0; i < length; i++) {
      const h = histograms[i]
      if (h !== undefined) part.field(0x22, this.#histogram.encode(timesMs[i] as number, h))
    }
    this.#series.field(0x0a, part.written)
    this.#checkSize()
  }

  #checkSize(): void {
    if (this.#series.length + this.#results.length > this.#maxBytes) throw tooLarge(this.#maxBytes)
  }

  takePiece(): undefined {
    return undefined
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#endWindow()
    return new Uint8Array(compressSync(this.#results.written))
  }

  #endWindow(): void {
    if (this.#windows === 0) return
    this.#results.field(0x0a, this.#series.written)
    this.#series.length = 0
  }
}

function writeSample(writer: ByteWriter, timeMs: number, words: Uint32Array, at: number): void {
  writer.byte(0x12)
  writer.byte(10 + int64Length(timeMs))
  writer.byte(0x09)
  writer.float64Words(words[at * 2] as number, words[at * 2 + 1] as number)
  writer.byte(0x10)
  writer.int64(timeMs)
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('query.limit', `the answer would have more than ${maxBytes} bytes.`, {
    fix: 'Ask for STREAMED_XOR_CHUNKS, for fewer series or for a shorter time.',
  })
}
