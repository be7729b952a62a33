// A JSON object as a record: the slow twin of line-decoder.ts, for lines that are changed on their way, and for what has no bytes of its own.
import { type LogColumn, logColumnOf, logColumns, logFieldNames, spellingBytes } from '@tidewatch/core/log-fields.ts'
import { type AttributeScalar, type AttributeValue, type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { severityOfLevel } from '@tidewatch/core/log-severity.ts'
import { LogTimeReader } from './log-time.ts'

const maxDepth = 16

/** A record, and whether the object named its time. */
export interface ReadRecord {
  readonly record: LogRecord
  readonly isTimed: boolean
}

/** JSON whose whole numbers beyond 2^53 stay texts. Throws SyntaxError. */
export function parseJsonExactly(text: string): unknown {
  // a reviver costs as much as all the rest; shorter numbers are exact
  return /\d{16}/.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text)
}

function keepExact(_key: string, value: unknown, context?: { readonly source: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || context === undefined) return value
  return Number.isInteger(value) && /^-?\d+$/.test(context.source) ? context.source : value
}

/** The record that an object's fields make. Its time is 0 where none is named that can be read. */
export function recordOfObject(object: Readonly<Record<string, unknown>>): ReadRecord {
  const reader = new ObjectReader()
  reader.object(object, '', false, 0)
  return reader.finish()
}

class ObjectReader {
  readonly #columns = new Map<LogColumn, string>()
  readonly #attributes = new Map<string, AttributeValue>()
  /** Those of the attributes that are lists. */
  readonly #lists = new Map<string, AttributeScalar[]>()
  readonly #time = new LogTimeReader()
  #spelling = ''

  object(object: Readonly<Record<string, unknown>>, prefix: string, isElement: boolean, depth: number): void {
    // of many names, entries take three times as long
    for (const key of Object.keys(object)) this.#value(prefix + key, object[key], isElement, depth)
  }

  finish(): ReadRecord {
    const isTimed = this.#columns.delete('time')
    const severityText = this.#columns.get('severity') ?? ''
    this.#columns.delete('severity')
    const record = logRecord({
      timeNs: isTimed ? BigInt(this.#time.ms) * 1_000_000n + BigInt(this.#time.ns) : 0n,
      severity: severityText === '' ? 0 : severityOfLevel(severityText),
      severityText,
      ...Object.fromEntries(this.#columns),
      spelling: this.#spelling,
      attributes: this.#attributes,
    })
    return { record, isTimed }
  }

  #value(path: string, value: unknown, isElement: boolean, depth: number): void {
    if (isScalar(value)) this.#scalar(path, value, isElement)
    else if (Array.isArray(value)) this.#array(path, value, depth)
    else if (typeof value === 'object' && value !== null) {
      if (depth === maxDepth) this.#add(path, JSON.stringify(value), isElement)
      else this.object(value as Record<string, unknown>, `${path}.`, isElement, depth + 1)
    }
  }

  #array(path: string, values: readonly unknown[], depth: number): void {
    const isNested = values.some((value) => typeof value === 'object' && value !== null)
    if (isNested) this.#attributes.set(path, JSON.stringify(values))
    for (const value of values) {
      if (isScalar(value)) this.#add(path, value, true)
      else if (!Array.isArray(value) && typeof value === 'object' && value !== null && depth < maxDepth)
        this.object(value as Record<string, unknown>, `${path}.`, true, depth + 2)
    }
  }

  #scalar(path: string, value: AttributeScalar, isElement: boolean): void {
    const column = isElement || typeof value === 'boolean' ? undefined : logColumnOf(path)
    if (column === undefined || this.#columns.has(column) || !this.#isTimeRead(column, value)) {
      this.#add(path, value, isElement)
      return
    }
    this.#columns.set(column, isId(column) ? lowered(String(value)) : String(value))
    const name = logFieldNames[column].indexOf(path)
    const letters = spellingBytes(logColumns.indexOf(column), name, typeof value === 'number')
    if (letters !== undefined) this.#spelling += String.fromCharCode(...letters)
  }

  /** True for every other column. */
  #isTimeRead(column: LogColumn, value: AttributeScalar): boolean {
    return column !== 'time' || this.#time.readText(String(value))
  }

  #add(path: string, value: AttributeScalar, isElement: boolean): void {
    const known = this.#attributes.get(path)
    if (!isElement) {
      this.#attributes.set(path, value)
      return
    }
    const list = this.#lists.get(path)
    if (list !== undefined && list === known) list.push(value)
    else {
      // grows in place: a list of a hundred thousand is copied once
      const begun = known === undefined ? [value] : isList(known) ? [...known, value] : [known, value]
      this.#lists.set(path, begun)
      this.#attributes.set(path, begun)
    }
  }
}

const isScalar = (value: unknown): value is AttributeScalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

const isList = (value: AttributeValue): value is readonly AttributeScalar[] => Array.isArray(value)

const isId = (column: LogColumn): boolean => column === 'traceId' || column === 'spanId'

/** Ids of traces are hexadecimal, and known by their small letters. */
export const lowered = (id: string): string => (/[A-F]/.test(id) ? id.toLowerCase() : id)
