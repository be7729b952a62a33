// The pieces of a GELF message over UDP: `1e 0f`, eight bytes of id, number, count. Not compressed each, but as a whole.

export interface GelfChunkLimits {
  /** Messages that may wait for pieces at a time. */
  readonly maxMessages: number
  /** Bytes that may wait, of all messages together. */
  readonly maxBytes: number
  /** How long a message may take from its first piece on; Graylog says 5 s. */
  readonly maxAgeMs: number
}

interface Waiting {
  readonly pieces: (Uint8Array | undefined)[]
  readonly sinceMs: number
  missing: number
  bytes: number
}

/** As many pieces as a message may have. */
const maxPieces = 128
const headerBytes = 12

export const isGelfChunk = (datagram: Uint8Array): boolean => datagram[0] === 0x1e && datagram[1] === 0x0f

export class GelfChunks {
  /** Messages that never became whole: too old, or pushed out by others. */
  lostMessages = 0
  /** Datagrams that are no pieces of anything: a bad number, or an empty one. */
  badPieces = 0
  private readonly limits: GelfChunkLimits
  /** In the order of their first pieces. */
  private readonly waiting = new Map<string, Waiting>()
  private bytes = 0

  constructor(limits: GelfChunkLimits) {
    this.limits = limits
  }

  get waitingBytes(): number {
    return this.bytes
  }

  /** The message that the piece completes; undefined where others are missing. `sender`: two hosts may use the same id. */
  push(datagram: Uint8Array, sender: string, nowMs: number): Uint8Array | undefined {
    this.expire(nowMs)
    const number = datagram[10] ?? 0
    const count = datagram[11] ?? 0
    if (
      !isGelfChunk(datagram) ||
      datagram.length <= headerBytes ||
      count === 0 ||
      count > maxPieces ||
      number >= count
    ) {
      this.badPieces++
      return undefined
    }
    const key = `${sender} ${idOf(datagram)}`
    const message = this.waiting.get(key) ?? this.begin(key, count, nowMs)
    if (message.pieces.length !== count) {
      this.badPieces++
      return undefined
    }
    if (message.pieces[number] !== undefined) return undefined // a datagram that came twice
    message.pieces[number] = datagram.slice(headerBytes)
    message.missing--
    message.bytes += datagram.length - headerBytes
    this.bytes += datagram.length - headerBytes
    if (message.missing === 0) return this.complete(key, message)
    this.makeRoom()
    return undefined
  }

  /** Forgets what is too old; `push` does so as well. */
  expire(nowMs: number): void {
    for (const [key, { sinceMs }] of this.waiting) {
      if (nowMs - sinceMs <= this.limits.maxAgeMs) return
      this.lose(key)
    }
  }

  private begin(key: string, count: number, nowMs: number): Waiting {
    const message: Waiting = {
      pieces: new Array<Uint8Array | undefined>(count).fill(undefined),
      sinceMs: nowMs,
      missing: count,
      bytes: 0,
    }
    this.waiting.set(key, message)
    return message
  }

  /** The oldest goes first. */
  private makeRoom(): void {
    for (const key of this.waiting.keys()) {
      if (this.waiting.size <= this.limits.maxMessages && this.bytes <= this.limits.maxBytes) return
      this.lose(key)
    }
  }

  private lose(key: string): void {
    this.bytes -= this.waiting.get(key)?.bytes ?? 0
    this.waiting.delete(key)
    this.lostMessages++
  }

  private complete(key: string, message: Waiting): Uint8Array {
    this.waiting.delete(key)
    this.bytes -= message.bytes
    const whole = new Uint8Array(message.bytes)
    let at = 0
    for (const piece of message.pieces as readonly Uint8Array[]) {
      whole.set(piece, at)
      at += piece.length
    }
    return whole
  }
}

function idOf(datagram: Uint8Array): string {
  let id = ''
  for (let at = 2; at < 10; at++) id += String.fromCharCode(datagram[at] as number)
  return id
}
