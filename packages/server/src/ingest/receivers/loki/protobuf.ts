// Called once a line: a walk over a logproto.PushRequest (github.com/grafana/loki, pkg/push/push.proto) that makes no object of a line.

import type { LogRequest } from '../../logs/port.ts'
import { LineSteps } from '../../slices.ts'
import { PushedLine } from '../logs/pushed-line.ts'
import { ProtoCursor } from '../otlp/proto-cursor.ts'
import { readLabelText } from './labels.ts'
import { type RefusedStreams, streamOrRefusal } from './push.ts'
import type { KnownStreams, LokiStream } from './stream.ts'

export interface PushReading {
  readonly request: LogRequest
  readonly refused: RefusedStreams
  readonly known: KnownStreams
}

/** Puts a whole body into the request, in steps. Throws `ingest.bad_body`. */
export function* readProtobufPush(bytes: Uint8Array, reading: PushReading): Generator<void> {
  const walk = new Walk(bytes, reading)
  yield* walk.push()
}

class Walk {
  readonly #cursor: ProtoCursor
  readonly #reading: PushReading
  readonly #line: PushedLine
  readonly #steps = new LineSteps()

  constructor(bytes: Uint8Array, reading: PushReading) {
    this.#cursor = new ProtoCursor(bytes, 'a logproto.PushRequest')
    this.#reading = reading
    this.#line = new PushedLine(reading.request)
  }

  *push(): Generator<void> {
    const cursor = this.#cursor
    const end = cursor.bytes.length
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === 0x0a) yield* this.#stream(cursor.fieldEnd(end))
      else cursor.skip(tag, tagAt, end)
    }
  }

  *#stream(end: number): Generator<void> {
    const cursor = this.#cursor
    const start = cursor.at
    const stream = this.#labels(end)
    yield
    if (stream === undefined) return
    this.#line.begin(stream)
    cursor.at = start
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag !== 0x12) {
        cursor.skip(tag, tagAt, end)
        continue
      }
      const entryEnd = cursor.fieldEnd(end)
      this.#entry(entryEnd)
      if (this.#steps.endWith(entryEnd - tagAt)) yield
    }
  }

  /** They may stand behind the entries. The walk is at the end of the stream then. */
  #labels(end: number): LokiStream | undefined {
    const cursor = this.#cursor
    const { known, refused } = this.#reading
    let from = end
    let to = end
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === 0x0a) {
        to = cursor.fieldEnd(end)
        from = cursor.at
        cursor.at = to
      } else cursor.skip(tag, tagAt, end)
    }
    const range = { bytes: cursor.bytes, start: from, end: to }
    const same = known.get(range)
    if (same !== undefined) return same
    const stream = streamOrRefusal(() => readLabelText(utf8.decode(cursor.bytes.subarray(from, to))), refused)
    if (stream !== undefined) known.add(range, stream)
    return stream
  }

  #entry(end: number): void {
    const cursor = this.#cursor
    const line = this.#line
    line.clear()
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === 0x12) {
        line.to = cursor.fieldEnd(end)
        line.from = cursor.at
        cursor.at = line.to
      } else if (tag === 0x0a) this.#time(cursor.fieldEnd(end))
      else if (tag === 0x1a) this.#pair(cursor.fieldEnd(end))
      else cursor.skip(tag, tagAt, end)
    }
    line.end(cursor.bytes)
  }

  /** A google.protobuf.Timestamp. */
  #time(end: number): void {
    const cursor = this.#cursor
    let seconds = 0
    let nanoseconds = 0
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === 0x08) seconds = cursor.varint(end)
      else if (tag === 0x10) nanoseconds = cursor.varint(end)
      else cursor.skip(tag, tagAt, end)
    }
    this.#line.setTime(seconds, nanoseconds)
  }

  #pair(end: number): void {
    const cursor = this.#cursor
    let nameFrom = end
    let nameTo = end
    let valueFrom = end
    let valueTo = end
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === 0x0a) {
        nameTo = cursor.fieldEnd(end)
        nameFrom = cursor.at
        cursor.at = nameTo
      } else if (tag === 0x12) {
        valueTo = cursor.fieldEnd(end)
        valueFrom = cursor.at
        cursor.at = valueTo
      } else cursor.skip(tag, tagAt, end)
    }
    if (nameTo > nameFrom) this.#line.addPair(nameFrom, nameTo, valueFrom, valueTo)
  }
}

const utf8 = new TextDecoder()
