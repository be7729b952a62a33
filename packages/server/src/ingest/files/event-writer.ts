// Events of a file into a request, by what the file holds. Called once an event.
import { type AttributeValue, logRecord } from '@tidewatch/core/log-record.ts'
import { severityOfWord } from '@tidewatch/core/log-severity.ts'
import { parseAccessLine } from '@tidewatch/log-formats/http-server/access.ts'
import { parseApacheErrorLine, parseNginxErrorLine } from '@tidewatch/log-formats/http-server/errors.ts'
import { parseUvicornLine } from '@tidewatch/log-formats/http-server/uvicorn.ts'
import { isoInstantNs } from '@tidewatch/log-formats/instant.ts'
import { parseLogfmt } from '@tidewatch/log-formats/logfmt.ts'
import type { ParsedLog } from '@tidewatch/log-formats/parsed-log.ts'
import type { LogRequest } from '../logs/port.ts'
import type { FileFormat } from './config.ts'

/** Writes the event that stands in the bytes. */
export type EventWriter = (request: LogRequest, bytes: Uint8Array, from: number, to: number) => void

type Parse = (line: string) => ParsedLog | undefined

const parseError: Parse = (line) => parseNginxErrorLine(line) ?? parseApacheErrorLine(line)
const guesses: readonly Parse[] = [parseAccessLine, parseError, parseUvicornLine]
const utf8 = new TextDecoder()
const brace = 0x7b

/** One for each file: it remembers what its lines look like. */
export function eventWriter(format: Exclude<FileFormat, 'docker'>): EventWriter {
  switch (format) {
    case 'text':
      return (request, bytes, from, to) => request.addText(bytes, from, to)
    case 'json':
      return writeJson
    case 'access':
      return writeParsed(parseAccessLine)
    case 'error':
      return writeParsed(parseError)
    case 'uvicorn':
      return writeParsed(parseUvicornLine)
    case 'logfmt':
      return writeParsed(parseLogfmt)
    case 'auto':
      return guessing()
  }
}

/** What is no JSON object is a message. */
const writeJson: EventWriter = (request, bytes, from, to) => {
  if (request.addJson(bytes, from, to) !== undefined) request.addText(bytes, from, to)
}

function writeParsed(parse: Parse): EventWriter {
  return (request, bytes, from, to) => {
    const parsed = parse(utf8.decode(bytes.subarray(from, to)))
    if (parsed === undefined) request.addText(bytes, from, to)
    else request.add(logRecord(parsed))
  }
}

/** A format that fitted a line is tried first on the next one. */
function guessing(): EventWriter {
  let order: readonly Parse[] = guesses
  return (request, bytes, from, to) => {
    if (bytes[from] === brace && request.addJson(bytes, from, to) === undefined) return
    const line = utf8.decode(bytes.subarray(from, to))
    for (const parse of order) {
      const parsed = parse(line)
      if (parsed === undefined) continue
      if (order[0] !== parse) order = [parse, ...guesses.filter((other) => other !== parse)]
      request.add(logRecord(parsed))
      return
    }
    const head = readHead(line)
    if (head === undefined) request.addText(bytes, from, to)
    else request.add(logRecord({ ...head, body: line }))
  }
}

const leadingTime = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?)(?![\d:])/
const level =
  /(?:^|[\s[(|<"'])(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|ALERT|EMERG)(?=$|[\s\]):|>"',-])/i

/** The time that a line begins with and the level beside it, as most loggers write them. */
function readHead(line: string): Pick<ParsedLog, 'timeNs' | 'severity' | 'severityText'> | undefined {
  const time = leadingTime.exec(line)
  const written = time?.[1]?.replace(',', '.').replace(/ (?=[Z+-])/, '')
  const timeNs = written === undefined ? undefined : isoInstantNs(written.replace(' ', 'T'))
  if (timeNs === undefined) return undefined
  const [, word] = level.exec(line.slice(0, 200)) ?? []
  return { timeNs, ...(word === undefined ? {} : { severity: severityOfWord(word), severityText: word }) }
}

/** Attributes of two places; the second's win. */
export const joinedAttributes = (
  first: ReadonlyMap<string, AttributeValue>,
  second: ReadonlyMap<string, AttributeValue>,
): ReadonlyMap<string, AttributeValue> => new Map([...first, ...second])
