// Packets and messages of GELF into the batch of their port. Called once a packet.
import { gunzipSync, inflateSync } from 'node:zlib'
import { logRecord } from '@tidewatch/core/log-record.ts'
import { parseGelf } from '@tidewatch/log-formats/gelf.ts'
import { GelfChunks, isGelfChunk } from '@tidewatch/log-formats/gelf-chunks.ts'
import type { Sender } from '../listening/line-batches.ts'
import type { Port } from '../listening/ports.ts'

/** Graylog's own limits: what is not whole by then never will be. */
const maxAgeMs = 5000
const maxMessages = 1000
const maxPiecesBytes = 32 << 20

export class GelfReader {
  readonly #port: Port
  readonly #chunks = new GelfChunks({ maxMessages, maxBytes: maxPiecesBytes, maxAgeMs })
  #lost = 0
  #bad = 0

  constructor(port: Port) {
    this.#port = port
  }

  /** A whole message or a piece of one, compressed or not. */
  packet(sender: Sender, packet: Uint8Array): void {
    const { clock } = this.#port.parts
    const whole = isGelfChunk(packet) ? this.#chunks.push(packet, sender.address, clock.monotonicMs()) : packet
    this.#count(sender)
    if (whole === undefined || whole.length === 0) return
    const plain = this.#inflated(sender, whole)
    if (plain !== undefined) this.message(sender, plain)
  }

  /** What is no GELF is kept as a message that is its text. */
  message(sender: Sender, bytes: Uint8Array): void {
    const { batches, counters } = this.#port
    const parsed = parseGelf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
    if (typeof parsed !== 'string') {
      batches.record(sender, logRecord(parsed), bytes.length)
      return
    }
    counters.lose('malformed', 1, `a message is no GELF and was kept as its text: ${parsed}`, { from: sender.address })
    batches.text(sender, bytes)
  }

  /** Undefined where it cannot be, or would be too much. */
  #inflated(sender: Sender, bytes: Uint8Array): Uint8Array | undefined {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    // a zlib header: deflate, and a sum that is a multiple of 31
    const isZlib = ((bytes[0] ?? 0) & 0x0f) === 8 && ((bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)) % 31 === 0
    if (!isGzip && !isZlib) return bytes
    const { counters, settings } = this.#port
    try {
      const options = { maxOutputLength: settings.max_line_bytes }
      return isGzip ? gunzipSync(bytes, options) : inflateSync(bytes, options)
    } catch (error) {
      const message = 'a compressed message is broken, or longer than max_line_bytes'
      counters.lose('malformed', 1, message, { from: sender.address, error })
      return undefined
    }
  }

  #count({ address: from }: Sender): void {
    const { lostMessages, badPieces } = this.#chunks
    const { counters } = this.#port
    counters.lose('incomplete', lostMessages - this.#lost, 'pieces of a message did not come within 5 s', { from })
    counters.lose('malformed', badPieces - this.#bad, 'a packet is no piece of a GELF message', { from })
    this.#lost = lostMessages
    this.#bad = badPieces
  }
}
