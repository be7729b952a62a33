// A push in JSON: of today (https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs) and as it was first (labels as text, entries).
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { LogTimeReader } from '../../logs/log-time.ts'
import { LineSteps } from '../../slices.ts'
import { PushedLine } from '../logs/pushed-line.ts'
import { WrittenLine } from '../logs/written-line.ts'
import { readLabelPairs, readLabelText } from './labels.ts'
import type { PushReading } from './protobuf.ts'
import { streamOrRefusal } from './push.ts'

/** JSON is parsed in one go: more would hold the thread for too long. */
const maxJsonBytes = 16 << 20
const utf8 = new TextDecoder()

type Json = Readonly<Record<string, unknown>>

/** Puts a whole body into the request, in steps. Throws `ingest.bad_body` and `http.body_too_large`. */
export function* readJsonPush(bytes: Uint8Array, { request, refused }: PushReading): Generator<void> {
  const line = new WrittenLine(new PushedLine(request))
  const steps = new LineSteps()
  for (const [i, stream] of list(parse(bytes).streams, 'streams').entries()) {
    const where = `streams[${i}]`
    const { labels, stream: pairs, values, entries } = objectAt(stream, where)
    const of = streamOrRefusal(
      () => (typeof labels === 'string' ? readLabelText(labels) : readLabelPairs(textPairs(pairs, `${where}.stream`))),
      refused,
    )
    yield
    if (of === undefined) continue
    line.pushed.begin(of)
    for (const [j, value] of list(values, `${where}.values`).entries()) {
      addValue(line, value, `${where}.values[${j}]`)
      if (steps.endWith(line.bytes)) yield
    }
    for (const [j, entry] of list(entries, `${where}.entries`).entries()) {
      addEntry(line, objectAt(entry, `${where}.entries[${j}]`), `${where}.entries[${j}]`)
      if (steps.endWith(line.bytes)) yield
    }
  }
}

function parse(bytes: Uint8Array): Json {
  if (bytes.length > maxJsonBytes) {
    throw new AppError('http.body_too_large', `${bytes.length} bytes of JSON, more than ${maxJsonBytes}.`, {
      fix: 'Send smaller batches, or protobuf.',
    })
  }
  try {
    return objectAt(JSON.parse(utf8.decode(bytes)), 'the body')
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw bad('the body', `is not JSON: ${quoteValue(reason, 200)}`)
  }
}

/** `["1700000000000000000", "the line", {"trace_id": "..."}]`. */
function addValue(line: WrittenLine, value: unknown, where: string): void {
  const [time, text, metadata] = list(value, where)
  line.begin()
  setNanoseconds(line.pushed, time, `${where}[0]`)
  if (typeof text !== 'string') throw bad(`${where}[1]`, `${quoteValue(text)} is no text`)
  line.text(text)
  for (const [name, of] of textPairs(metadata, `${where}[2]`)) line.pair(name, of)
  line.end()
}

function addEntry(line: WrittenLine, { ts, line: text, structuredMetadata }: Json, where: string): void {
  line.begin()
  if (typeof ts !== 'string' || !timeReader.readText(ts))
    throw bad(`${where}.ts`, `${quoteValue(ts)} is no time. Write one such as 2026-01-31T12:00:00.5Z`)
  line.pushed.timeMs = timeReader.ms
  line.pushed.timeNs = timeReader.ns
  if (typeof text !== 'string') throw bad(`${where}.line`, `${quoteValue(text)} is no text`)
  line.text(text)
  for (const [name, of] of textPairs(structuredMetadata, `${where}.structuredMetadata`)) line.pair(name, of)
  line.end()
}

const timeReader = new LogTimeReader()

function setNanoseconds(line: PushedLine, time: unknown, where: string): void {
  const text = typeof time === 'number' ? String(time) : time
  if (typeof text !== 'string' || !/^\d{1,20}$/.test(text))
    throw bad(where, `${quoteValue(time)} is no time. Write nanoseconds since 1970 as text: "1700000000000000000"`)
  line.timeMs = Number(text.slice(0, -6))
  line.timeNs = Number(text.slice(-6))
}

/** Values that are no texts are as JSON has them. */
function textPairs(value: unknown, where: string): [string, string][] {
  if (value === undefined || value === null) return []
  return Object.entries(objectAt(value, where)).map(([name, of]) => [
    name,
    typeof of === 'string' ? of : JSON.stringify(of),
  ])
}

function list(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw bad(where, `${quoteValue(value)} is no list`)
}

function objectAt(value: unknown, where: string): Json {
  if (isObject(value)) return value
  throw bad(where, `${quoteValue(value)} is no object`)
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

function bad(where: string, message: string): AppError {
  return new AppError('ingest.bad_body', `${where}: ${message}`, {
    where: { key: where },
    fix: 'Send {"streams":[{"stream":{"app":"shop"},"values":[["1700000000000000000","a line"]]}]}.',
  })
}
