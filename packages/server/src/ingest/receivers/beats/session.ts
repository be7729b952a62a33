// The lumberjack protocol, versions 1 and 2, as Logstash's beats input speaks it: a window says how many events come, each has a number, and an
// acknowledgement names the last number that is stored. Source: the protocol page of logstash-input-beats, and what go-lumber sends.
import { createHash, type Hash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { createInflate } from 'node:zlib'
import { AppError } from '@tidewatch/core/error.ts'
import { recordOfObject } from '../../logs/json-record.ts'
import type { LogRequest } from '../../logs/port.ts'
import { storeWhenRoom } from '../listening/line-batches.ts'
import type { Port } from '../listening/ports.ts'
import type { StreamConnection } from '../listening/stream-server.ts'
import { ByteSource, type Holder, holdersOf } from './byte-source.ts'
import { blankMetadata, readPairs } from './event.ts'

const letters = { window: 0x57, compressed: 0x43, data: 0x44, json: 0x4a, acknowledgement: 0x41 } as const
const version1 = 0x31
const version2 = 0x32

/** Events and bytes that are stored at a time: a larger window is acknowledged part by part. */
const maxPartEvents = 4000
const maxPartBytes = 1 << 20
/** Of a compressed frame, by what stands before it; and of all that comes out of it. */
const maxCompressedBytes = 256 << 20
const maxInflatedBytes = 1 << 30
/** A sender that waits hears so often that it is not forgotten. */
const stillHereMs = 2000
const maxPairs = 10_000

/** Whether the connection begins as lumberjack does: a version, and the letter of a frame. */
export function isLumberjack(first: Uint8Array): boolean {
  const [version, letter] = first
  const isVersion = version === version1 || version === version2
  return (
    isVersion &&
    (letter === letters.window || letter === letters.compressed || letter === letters.json || letter === letters.data)
  )
}

/** Events that are not stored yet. */
interface Part {
  readonly request: LogRequest
  /** Over the events: what a repeat is known by. */
  readonly hash: Hash
  events: number
  bytes: number
  lastNumber: number
}

export class LumberjackSession implements AsyncDisposable {
  readonly #connection: StreamConnection
  readonly #port: Port
  #version = version2
  /** Events that the window still has room for. */
  #left = 0
  /** The last number of this window that was acknowledged. */
  #acknowledged = 0
  #part: Part | undefined
  readonly #heldPart: Holder
  readonly #heldInflated: Holder

  constructor(connection: StreamConnection, port: Port, newHolder = holdersOf(connection)) {
    this.#connection = connection
    this.#port = port
    this.#heldPart = newHolder()
    this.#heldInflated = newHolder()
  }

  /** What was not acknowledged is not kept either: its sender sends it again. */
  async [Symbol.asyncDispose](): Promise<void> {
    const part = this.#part
    if (part === undefined) return
    this.#part = undefined
    part.request[Symbol.dispose]()
    this.#port.counters.lose(
      'incomplete',
      part.events,
      'events came without the rest of their window, and are left to be sent again',
      {
        from: this.#connection.sender.address,
      },
    )
  }

  /** To the end. Throws `ingest.bad_body` for what is no lumberjack. */
  async read(source: ByteSource): Promise<void> {
    await this.#frames(source, false)
  }

  async #frames(source: ByteSource, isInflated: boolean): Promise<void> {
    for (;;) {
      const head = await source.take(2)
      if (head === undefined) return
      const [version, letter] = head
      if (version !== version1 && version !== version2)
        throw bad(`a frame begins with byte ${version}, not with 1 or 2`)
      this.#version = version
      switch (letter) {
        case letters.window:
          await this.#window(await number(source))
          break
        case letters.json:
          await this.#json(source)
          break
        case letters.data:
          await this.#data(source)
          break
        case letters.compressed:
          if (isInflated) throw bad('a compressed frame stands within another')
          await this.#compressed(source)
          break
        default:
          throw bad(`a frame has the letter ${letter}, not W, J, D or C`)
      }
    }
  }

  async #window(events: number): Promise<void> {
    // one that was announced larger than it came: all that there is of it is acknowledged
    if (this.#part !== undefined) await this.#store(this.#part)
    this.#left = events
    this.#acknowledged = 0
  }

  async #json(source: ByteSource): Promise<void> {
    const eventNumber = await number(source)
    const bytes = await this.#event(source)
    const part = this.#partFor(bytes)
    blankMetadata(bytes)
    const { request } = part
    if (request.addJson(bytes, 0, bytes.length) !== undefined) {
      this.#port.counters.lose('malformed', 1, 'an event is no JSON object and was kept as its text', {
        from: this.#connection.sender.address,
      })
      request.addText(bytes, 0, bytes.length)
    }
    await this.#added(part, eventNumber, bytes.length)
  }

  async #data(source: ByteSource): Promise<void> {
    const eventNumber = await number(source)
    const count = await number(source)
    if (count > maxPairs) throw bad(`an event has ${count} fields`)
    const { object, bytes, hashed } = await readPairs(count, () => this.#event(source))
    const part = this.#partFor(hashed)
    part.request.add(recordOfObject(object).record)
    await this.#added(part, eventNumber, bytes)
  }

  async #event(source: ByteSource): Promise<Uint8Array> {
    const length = await number(source)
    const { max_line_bytes: most } = this.#port.settings
    if (length > most) throw bad(`an event has ${length} bytes; max_line_bytes is ${most}`)
    return within(await source.take(length))
  }

  async #compressed(source: ByteSource): Promise<void> {
    const length = await number(source)
    if (length > maxCompressedBytes) throw bad(`a compressed frame has ${length} bytes`)
    const { max_line_bytes: most } = this.#port.settings
    try {
      await pipeline(
        source.pieces(length),
        createInflate({ chunkSize: 1 << 16 }),
        bounded,
        async (chunks: AsyncIterable<Uint8Array>) => {
          await using inflated = new ByteSource(chunks, this.#heldInflated)
          await this.#frames(inflated, true)
        },
      )
    } catch (error) {
      if (error instanceof AppError || !isInflateError(error)) throw error
      throw bad(`a compressed frame cannot be inflated (an event has up to ${most} bytes)`, error)
    }
  }

  #partFor(event: Uint8Array): Part {
    if (this.#left === 0) throw bad('more events came than their window has')
    const { logs } = this.#port.parts
    const { project } = this.#port.settings
    this.#part ??= {
      request: logs.begin({ project, sender: this.#connection.sender.name }),
      hash: createHash('sha256'),
      ...{ events: 0, bytes: 0, lastNumber: 0 },
    }
    // before anything is changed: the next time the same bytes come
    this.#part.hash.update(`${event.length} `).update(event)
    return this.#part
  }

  async #added(part: Part, eventNumber: number, bytes: number): Promise<void> {
    this.#left--
    part.events++
    part.bytes += bytes
    part.lastNumber = eventNumber
    this.#heldPart.hold(part.bytes)
    if (this.#left === 0 || part.events >= maxPartEvents || part.bytes >= maxPartBytes) await this.#store(part)
  }

  async #store(part: Part): Promise<void> {
    this.#part = undefined
    this.#heldPart.hold(0)
    const { stopping } = this.#connection
    await this.#connection.answerAfter(() => this.#storeAndAcknowledge(part))
    if (stopping.aborted) throw new AppError('internal.stopping', 'the port is being closed.')
  }

  /** Acknowledges what is stored by then, and nothing else. */
  async #storeAndAcknowledge(part: Part): Promise<void> {
    const { counters, parts } = this.#port
    const { clock } = parts
    using request = part.request
    const done = new AbortController()
    const waiting = this.#tellStillHere(done.signal)
    try {
      const { lines, duplicate } = await storeWhenRoom(request, {
        ...{ clock, counters, signal: this.#connection.stopping },
        body: part.hash.digest(),
      })
      if (!duplicate) counters.lines.add(lines)
    } finally {
      done.abort()
      await waiting
    }
    this.#acknowledged = part.lastNumber
    this.#acknowledge(part.lastNumber)
  }

  async #tellStillHere(done: AbortSignal): Promise<void> {
    const { clock } = this.#port.parts
    for (;;) {
      const isLong = await clock.sleep(stillHereMs, { signal: done }).then(
        () => true,
        () => false,
      )
      if (!isLong) return
      this.#acknowledge(this.#acknowledged)
    }
  }

  #acknowledge(eventNumber: number): void {
    const frame = Buffer.alloc(6)
    frame[0] = this.#version
    frame[1] = letters.acknowledgement
    frame.writeUInt32BE(eventNumber, 2)
    this.#connection.write(frame)
  }
}

async function* bounded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > maxInflatedBytes) throw bad(`a compressed frame holds more than ${maxInflatedBytes} bytes`)
    yield chunk
  }
}

async function number(source: ByteSource): Promise<number> {
  const bytes = within(await source.take(4))
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
}

function within(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw bad('the bytes ended within a frame')
  return bytes
}

const isInflateError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')

function bad(message: string, cause?: unknown): AppError {
  return new AppError('ingest.bad_body', `${message}.`, {
    fix: 'Send lumberjack 1 or 2, or JSON lines.',
    ...(cause === undefined ? {} : { cause }),
  })
}
