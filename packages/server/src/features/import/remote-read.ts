// Streamed remote read from a Prometheus: one request, then frames of a series' chunks each. prometheus/prompb/remote.proto
import { AppError } from '@tidewatch/core/error.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import { ProtoReader } from '@tidewatch/core/proto-reader.ts'
import { compressSync } from 'snappy'
import type { WireCodecs } from './port.ts'

/** Prometheus makes frames of 1 MB; one chunk more than that may be in one. */
const maxFrameBytes = 64 << 20
const streamedType = 'application/x-streamed-protobuf'

export interface ReadChunk {
  readonly encoding: number
  readonly data: Uint8Array
}

/** Chunks of one series. Samples may lie outside of what was asked for. */
export interface ReadFrame {
  /** Names and values in turn. */
  readonly labels: readonly string[]
  readonly chunks: readonly ReadChunk[]
}

export interface ReadQuestion {
  readonly matcherSets: readonly (readonly Matcher[])[]
  /** Both inclusive, in ms. */
  readonly startMs: number
  readonly endMs: number
}

export interface ReadOptions extends Pick<WireCodecs, 'crc32c'> {
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** Throws `collect.unreachable`, or what the other side answers. */
export async function* readStreamed(
  base: string,
  question: ReadQuestion,
  options: ReadOptions,
): AsyncGenerator<ReadFrame> {
  const url = `${base.replace(/\/+$/, '')}/api/v1/read`
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...options.headers,
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-read-version': '0.1.0',
    },
    body: new Uint8Array(compressSync(encodeQuestion(question))),
    signal: options.signal,
  }).catch((cause: unknown) => {
    if (options.signal.aborted) throw options.signal.reason
    throw new AppError('collect.unreachable', `${base} was not reached.`, { cause, fix: 'Is it running there?' })
  })
  if (response.status !== 200 || response.body === null) {
    const text = (await response.text()).slice(0, 300).trim()
    throw new AppError('collect.bad_answer', `${url} answered ${response.status}: ${text}`)
  }
  const type = response.headers.get('content-type') ?? ''
  if (!type.startsWith(streamedType)) {
    await response.body.cancel()
    throw new AppError('collect.bad_answer', `${url} answered with ${type}, not with a stream of chunks.`, {
      fix: 'Name a Prometheus of 2.13 or later itself, not something between.',
    })
  }
  yield* frames(response.body, options.crc32c)
}

/** Cuts a stream into frames. Throws `collect.bad_answer` where a checksum is not right or the stream ends within one. */
export async function* frames(
  body: AsyncIterable<Uint8Array>,
  crc32c: WireCodecs['crc32c'],
): AsyncGenerator<ReadFrame> {
  let rest: Uint8Array = new Uint8Array(0)
  let pieces: Uint8Array[] = []
  let bytes = 0
  let wanted = 0
  for await (const piece of body) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes < wanted) continue
    rest = pieces.length === 1 ? piece : Buffer.concat(pieces)
    let at = 0
    for (;;) {
      const head = headOf(rest, at)
      wanted = head === undefined ? rest.length - at + 1 : head.end - at
      if (head === undefined || head.end > rest.length) break
      yield readFrame(rest.subarray(head.start, head.end), head.sum, crc32c)
      at = head.end
    }
    rest = rest.slice(at)
    pieces = rest.length === 0 ? [] : [rest]
    bytes = rest.length
  }
  if (bytes > 0)
    throw new AppError('collect.bad_answer', 'the answer ends within a frame.', { fix: 'Run it again: it goes on.' })
}

/** Where a frame's content lies, and its checksum; undefined while its head is not whole. */
function headOf(
  bytes: Uint8Array,
  at: number,
): { readonly start: number; readonly end: number; readonly sum: number } | undefined {
  let length = 0
  let factor = 1
  let next = at
  for (;;) {
    const byte = bytes[next++]
    if (byte === undefined) return undefined
    length += (byte & 127) * factor
    factor *= 128
    if (length > maxFrameBytes) throw new AppError('collect.bad_answer', `a frame has ${length} bytes.`)
    if (byte < 128) break
  }
  if (next + 4 > bytes.length) return undefined
  const sum = new DataView(bytes.buffer, bytes.byteOffset + next).getUint32(0)
  return { start: next + 4, end: next + 4 + length, sum }
}

function readFrame(content: Uint8Array, sum: number, crc32c: WireCodecs['crc32c']): ReadFrame {
  if (crc32c(content) !== sum)
    throw new AppError('collect.bad_answer', 'the checksum of a frame is not right.', {
      fix: 'Run it again: it goes on.',
    })
  const labels: string[] = []
  const chunks: ReadChunk[] = []
  try {
    const reader = new ProtoReader(content)
    while (reader.next()) {
      if (reader.is(1, 2)) readSeries(reader.message(), labels, chunks, content)
      else reader.skip()
    }
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause
    throw new AppError('collect.bad_answer', `a frame cannot be read: ${cause.message}.`, { cause })
  }
  return { labels, chunks }
}

function readSeries(series: ProtoReader, labels: string[], chunks: ReadChunk[], content: Uint8Array): void {
  while (series.next()) {
    if (series.is(1, 2)) {
      const label = series.message()
      const pair = ['', '']
      while (label.next()) {
        if (label.is(1, 2)) pair[0] = label.text()
        else if (label.is(2, 2)) pair[1] = label.text()
        else label.skip()
      }
      labels.push(...pair)
    } else if (series.is(2, 2)) chunks.push(readChunk(series.message(), content))
    else series.skip()
  }
}

function readChunk(chunk: ProtoReader, content: Uint8Array): ReadChunk {
  let encoding = 0
  let data = content.subarray(0, 0)
  while (chunk.next()) {
    if (chunk.is(3, 0)) encoding = chunk.varint()
    else if (chunk.is(4, 2)) data = chunk.bytes()
    else chunk.skip()
  }
  return { encoding, data }
}

const operators = ['=', '!=', '=~', '!~']

/** A prometheus.ReadRequest that takes streamed chunks alone. */
export function encodeQuestion({ matcherSets, startMs, endMs }: ReadQuestion): Buffer {
  const queries = matcherSets.map((matchers) =>
    delimited(
      1,
      Buffer.concat([
        number(1, startMs),
        number(2, endMs),
        ...matchers.map(({ name, op, value }) =>
          delimited(
            3,
            Buffer.concat([
              number(1, operators.indexOf(op)),
              delimited(2, Buffer.from(name)),
              delimited(3, Buffer.from(value)),
            ]),
          ),
        ),
      ]),
    ),
  )
  return Buffer.concat([...queries, number(2, 1)])
}

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)])
const delimited = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes])

/** From 0 to 2^53. */
export function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  bytes.push(rest)
  return Buffer.from(bytes)
}
