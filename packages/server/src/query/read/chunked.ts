// Streamed remote read: frames of a length, a checksum and a prometheus.ChunkedReadResponse with one series' XOR chunks. Format:
// prometheus/prompb/remote.proto and https://prometheus.io/blog/2019/10/10/remote-read-meets-streaming/
import type { Labels } from '@tidewatch/core/labels.ts'
import { type GrowingSampleBuffer, wordsOf } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import { ByteWriter } from './bytes.ts'
import { crc32c } from './crc32c.ts'
import type { ReadAnswer } from './job.ts'
import { withExternal } from './labels.ts'
import { writeLabels } from './series-labels.ts'
import { chunkSamples, XorChunkEncoder } from './xor-chunk.ts'

/** Prometheus's own limit of a frame; a series with more goes into several. */
const maxFrameBytes = 1 << 20
/** Frames are handed on once there are so many bytes of them. */
const pieceBytes = 256 * 1024
const xorEncoding = 1

export class ChunkedAnswer implements ReadAnswer {
  readonly #external: readonly string[]
  readonly #encoder = new XorChunkEncoder()
  readonly #labels = new ByteWriter()
  readonly #chunk = new ByteWriter()
  readonly #series = new ByteWriter()
  readonly #response = new ByteWriter()
  readonly #frames = new ByteWriter()
  #window = 0

  constructor(external: readonly string[]) {
    this.#external = external
  }

  window(index: number): void {
    this.#window = index
  }

  series(labels: Labels, { timesMs, values, length }: GrowingSampleBuffer): void {
    const words = wordsOf(values)
    const head = this.#labels
    head.length = 0
    writeLabels(head, withExternal(labels, this.#external))
    const series = this.#series
    series.length = 0
    series.bytes(head.written)
    for (let from = 0; from < length; from += chunkSamples) {
      const to = Math.min(length, from + chunkSamples)
      const chunk = this.#encodeChunk(timesMs, words, from, to)
      if (series.length > head.length && series.length + chunk.length > maxFrameBytes) {
        this.#frame()
        series.length = 0
        series.bytes(head.written)
      }
      series.field(0x12, chunk)
    }
    this.#frame()
  }

  takePiece(): Uint8Array<ArrayBuffer> | undefined {
    return this.#frames.length < pieceBytes ? undefined : this.finish()
  }

  finish(): Uint8Array<ArrayBuffer> {
    const piece = this.#frames.copy()
    this.#frames.length = 0
    return piece
  }

  #encodeChunk(timesMs: Float64Array, words: Uint32Array, from: number, to: number): Uint8Array {
    const chunk = this.#chunk
    chunk.length = 0
    chunk.byte(0x08)
    chunk.int64(timesMs[from] as number)
    chunk.byte(0x10)
    chunk.int64(timesMs[to - 1] as number)
    chunk.byte(0x18)
    chunk.byte(xorEncoding)
    chunk.field(0x22, this.#encoder.encode(timesMs, words, from, to))
    return chunk.written
  }

  #frame(): void {
    const response = this.#response
    response.length = 0
    response.field(0x0a, this.#series.written)
    if (this.#window > 0) {
      response.byte(0x10)
      response.varint(this.#window)
    }
    this.#frames.varint(response.length)
    this.#frames.uint32BigEndian(crc32c(response.written))
    this.#frames.bytes(response.written)
  }
}
