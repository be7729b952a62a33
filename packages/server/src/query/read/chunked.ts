// Streamed remote read: frames of a length, a checksum and a prometheus.ChunkedReadResponse with one series' chunks: XOR for
// floats, others for native histograms. Format:
// prometheus/prompb/remote.proto and https://prometheus.io/blog/2019/10/10/remote-read-meets-streaming/
import type { Labels } from '@tidewatch/core/labels.ts'
import { type GrowingSampleBuffer, wordsOf } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import { ByteWriter } from './bytes.ts'
import { crc32c } from './crc32c.ts'
import { chunkEnd, HistogramChunkEncoder } from './histogram-chunk.ts'
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
  readonly #histograms = new HistogramChunkEncoder()
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

  series(labels: Labels, buffer: GrowingSampleBuffer): void {
    const { length } = buffer
    const head = this.#labels
    head.length = 0
    writeLabels(head, withExternal(labels, this.#external))
    const series = this.#series
    series.length = 0
    series.bytes(head.written)
    for (let from = 0, to = 0; from < length; from = to) {
      to = endOf(buffer, from)
      const chunk = this.#encodeChunk(buffer, from, to)
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

  #encodeChunk({ timesMs, values, histograms }: GrowingSampleBuffer, from: number, to: number): Uint8Array {
    const chunk = this.#chunk
    const { encoding, data } =
      histograms?.[from] === undefined
        ? { encoding: xorEncoding, data: this.#encoder.encode(timesMs, wordsOf(values), from, to) }
        : this.#histograms.encode(timesMs, histograms, { from, to })
    chunk.length = 0
    chunk.byte(0x08)
    chunk.int64(timesMs[from] as number)
    chunk.byte(0x10)
    chunk.int64(timesMs[to - 1] as number)
    chunk.byte(0x18)
    chunk.byte(encoding)
    chunk.field(0x22, data)
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

/** Where the chunk ends that begins at a sample: floats and native histograms have chunks of their own. */
function endOf({ histograms, length }: GrowingSampleBuffer, from: number): number {
  const most = Math.min(length, from + chunkSamples)
  if (histograms === undefined) return most
  if (histograms[from] !== undefined) return chunkEnd(histograms, from)
  let to = from + 1
  while (to < most && histograms[to] === undefined) to++
  return to
}
