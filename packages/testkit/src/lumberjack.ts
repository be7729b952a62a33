// The sending side of the lumberjack protocol as Filebeat and logstash-forwarder speak it, and conversations that are written down as bytes.
import { connect, type Socket } from 'node:net'
import { deflateSync } from 'node:zlib'

const head = (version: 1 | 2, letter: string, ...numbers: readonly number[]): Buffer => {
  const frame = Buffer.alloc(2 + 4 * numbers.length)
  frame.write(`${version}${letter}`, 'latin1')
  for (const [i, value] of numbers.entries()) frame.writeUInt32BE(value, 2 + 4 * i)
  return frame
}

/** Announces so many events. */
export const windowFrame = (events: number, version: 1 | 2 = 2): Buffer => head(version, 'W', events)

export function jsonFrame(eventNumber: number, event: object | string | Uint8Array): Buffer {
  const isBytes = event instanceof Uint8Array
  const payload = isBytes ? event : Buffer.from(typeof event === 'string' ? event : JSON.stringify(event))
  return Buffer.concat([head(2, 'J', eventNumber, payload.length), payload])
}

/** An event of version 1: names and values. */
export function dataFrame(eventNumber: number, fields: Readonly<Record<string, string>>): Buffer {
  const parts = [head(1, 'D', eventNumber, Object.keys(fields).length)]
  for (const text of Object.entries(fields).flat()) {
    const bytes = Buffer.from(text)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    parts.push(length, bytes)
  }
  return Buffer.concat(parts)
}

export function compressedFrame(frames: Uint8Array, version: 1 | 2 = 2): Buffer {
  const bytes = deflateSync(frames, { level: 3 })
  return Buffer.concat([head(version, 'C', bytes.length), bytes])
}

/** A whole window: its size, then its events in one compressed frame. */
export function windowOf(events: readonly (object | string)[]): Buffer {
  return Buffer.concat([
    windowFrame(events.length),
    compressedFrame(Buffer.concat(events.map((event, i) => jsonFrame(i + 1, event)))),
  ])
}

/** A connection that sends windows and reads acknowledgements. */
export class LumberjackClient implements Disposable {
  readonly socket: Socket
  #received = Buffer.alloc(0)
  #ended = false
  #wake: (() => void) | undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake?.()
    })
    const end = (): void => {
      this.#ended = true
      this.#wake?.()
    }
    socket.on('error', end).on('close', end).on('end', end)
  }

  static async connect(port: number): Promise<LumberjackClient> {
    const socket = connect({ port, host: '127.0.0.1' })
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new LumberjackClient(socket)
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes)
  }

  /** The next bytes that come; fewer where the connection ends before. */
  async read(count: number): Promise<Buffer> {
    while (this.#received.length < count && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    const bytes = this.#received.subarray(0, count)
    this.#received = this.#received.subarray(bytes.length)
    return bytes
  }

  /** Sends the events and waits until all of them are acknowledged, in parts or at once. Throws where the connection ends before. */
  async send(events: readonly (object | string)[]): Promise<void> {
    this.write(windowOf(events))
    for (let acknowledged = 0; acknowledged < events.length; ) {
      const frame = await this.read(6)
      if (frame.length < 6) throw new Error('the connection ended before the acknowledgement')
      if (frame.toString('latin1', 0, 2) !== '2A') throw new Error(`no acknowledgement: ${frame.toString('hex')}`)
      acknowledged = frame.readUInt32BE(2)
    }
  }
}

/**
 * Replays a conversation: each line of the text is `>` (sent) or `<` (expected) and bytes in base64; others are remarks. Throws with the bytes where
 * something else is answered.
 */
export async function replayConversation(port: number, text: string): Promise<void> {
  using client = await LumberjackClient.connect(port)
  for (const line of text.split('\n')) {
    const bytes = Buffer.from(line.slice(1).trim(), 'base64')
    if (line.startsWith('>')) client.write(bytes)
    if (!line.startsWith('<')) continue
    const answer = await client.read(bytes.length)
    if (!answer.equals(bytes)) throw new Error(`answered ${answer.toString('hex')}, not ${bytes.toString('hex')}`)
  }
}
