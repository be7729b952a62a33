// Called per chunk of a connection. Cuts a stream of bytes into messages: RFC 6587's octet counting, line feeds, NULs, or each frame as it begins.

export type SyslogFraming = 'newline' | 'nul' | 'octet-counting' | 'mixed'

/** Why a connection cannot be read on: the caller counts it and closes. */
export type FrameFault = 'frame cut off' | 'frame too long' | 'frame without a length'

export interface FrameOptions {
  readonly framing: SyslogFraming
  /** A counted frame that is longer is a fault; a line that is longer is cut there and counted in `cutLines`. */
  readonly maxFrameBytes: number
}

/** Called per message; the bytes are only valid until it returns. */
export type OnFrame = (frame: Uint8Array) => void

const lineFeed = 10
const carriageReturn = 13
const blank = 32
/** More digits than any length that is allowed. */
const maxDigits = 9

export class SyslogFrameDecoder {
  /** Lines that were longer than allowed. */
  cutLines = 0
  private readonly framing: SyslogFraming
  private readonly maxFrameBytes: number
  private buffer = new Uint8Array(4096)
  private start = 0
  private end = 0
  /** How far the bytes from start on hold no delimiter. */
  private searched = 0
  /** Whether the rest of a line that was cut is being passed over. */
  private skipping = false

  constructor({ framing, maxFrameBytes }: FrameOptions) {
    this.framing = framing
    this.maxFrameBytes = maxFrameBytes
  }

  /** Takes what arrived and hands on each whole frame. After a fault nothing more can be read. */
  push(chunk: Uint8Array, onFrame: OnFrame): FrameFault | undefined {
    this.append(chunk)
    for (;;) {
      const step = this.step(onFrame)
      if (step === 'more') return undefined
      if (step !== 'next') return step
    }
  }

  /** The connection has ended: a last line counts without its end, a counted frame does not. */
  finish(onFrame: OnFrame): FrameFault | undefined {
    this.skipSeparators()
    if (this.start === this.end) return undefined
    const counted = this.counted()
    if (counted !== undefined) return 'frame cut off'
    if (!this.skipping) this.hand(this.end, onFrame)
    this.start = this.end
    return undefined
  }

  private append(chunk: Uint8Array): void {
    const waiting = this.end - this.start
    if (this.end + chunk.length > this.buffer.length) {
      const larger = waiting + chunk.length > this.buffer.length
      const target = larger ? new Uint8Array(Math.max(2 * this.buffer.length, waiting + chunk.length)) : this.buffer
      target.set(this.buffer.subarray(this.start, this.end))
      this.buffer = target
      this.start = 0
      this.end = waiting
    }
    this.buffer.set(chunk, this.end)
    this.end += chunk.length
  }

  private step(onFrame: OnFrame): 'next' | 'more' | FrameFault {
    if (!this.skipping && this.searched === 0) this.skipSeparators()
    if (this.start === this.end) return 'more'
    const counted = this.skipping || this.searched > 0 ? undefined : this.counted()
    if (counted === undefined) return this.line(onFrame)
    if (typeof counted === 'string') return counted
    if (counted.length > this.maxFrameBytes) return 'frame too long'
    if (this.end < counted.from + counted.length) return 'more'
    this.start = counted.from
    this.hand(counted.from + counted.length, onFrame)
    this.start = counted.from + counted.length
    return 'next'
  }

  /** The length before a frame; undefined where the frame is a line; 'more' where that is not to be seen yet. */
  private counted(): { from: number; length: number } | 'more' | FrameFault | undefined {
    const { buffer, start, end, framing } = this
    if (framing === 'newline' || framing === 'nul') return undefined
    const otherwise = framing === 'mixed' ? undefined : 'frame without a length'
    let length = 0
    for (let at = start; at < end; at++) {
      const byte = buffer[at] as number
      if (byte === blank && at > start) return { from: at + 1, length }
      if (byte < 48 || byte > 57) return otherwise
      if (at - start >= maxDigits) return framing === 'mixed' ? undefined : 'frame too long'
      length = length * 10 + byte - 48
    }
    return 'more'
  }

  private line(onFrame: OnFrame): 'next' | 'more' {
    const { start, end } = this
    const found = this.delimiter(start + this.searched)
    if (found < 0) {
      this.searched = end - start
      if (this.searched <= this.maxFrameBytes) return 'more'
      // the frame is handed on as far as it may go, the rest up to its end is passed over
      if (!this.skipping) this.cut(onFrame)
      this.start = end
      this.searched = 0
      return 'more'
    }
    this.searched = 0
    if (this.skipping) this.skipping = false
    else if (found - start > this.maxFrameBytes) {
      this.cut(onFrame)
      this.skipping = false
    } else this.hand(found, onFrame)
    this.start = found + 1
    return 'next'
  }

  private cut(onFrame: OnFrame): void {
    this.cutLines++
    this.skipping = true
    this.hand(this.start + this.maxFrameBytes, onFrame)
  }

  private delimiter(from: number): number {
    const view = this.buffer.subarray(0, this.end)
    if (this.framing === 'nul') return view.indexOf(0, from)
    const newline = view.indexOf(lineFeed, from)
    if (this.framing === 'newline') return newline
    const nul = view.subarray(0, newline < 0 ? this.end : newline).indexOf(0, from)
    return nul < 0 ? newline : nul
  }

  /** Line ends between frames, which some senders do not count. */
  private skipSeparators(): void {
    const { buffer } = this
    while (this.start < this.end) {
      const byte = buffer[this.start]
      if (byte !== lineFeed && byte !== carriageReturn && byte !== 0) return
      this.start++
    }
  }

  private hand(end: number, onFrame: OnFrame): void {
    let last = end
    if (last > this.start && this.buffer[last - 1] === carriageReturn) last--
    if (last > this.start) onFrame(this.buffer.subarray(this.start, last))
  }
}
