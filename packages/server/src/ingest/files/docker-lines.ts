// Lines of Docker's json-file driver into a request. What an application writes as JSON inside of them is its record; a stack trace is one event.
import { type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { DockerJsonLines } from '@tidewatch/log-formats/docker.ts'
import type { ParsedLog } from '@tidewatch/log-formats/parsed-log.ts'
import { parseJsonExactly, recordOfObject } from '../logs/json-record.ts'
import type { LogRequest } from '../logs/port.ts'
import { LineSteps } from '../slices.ts'
import type { Multiline } from './config.ts'

interface DockerOptions {
  readonly multiline: Multiline | undefined
  readonly maxLineBytes: number
  readonly resource: ReadonlyMap<string, string>
}

interface Entry {
  readonly parsed: ParsedLog
  readonly stream: string
  /** Where in the batch it begins, counted in lines. */
  readonly line: number
}

/** One for each batch. What may go on behind it is left for the next. */
export class DockerBatch {
  readonly #options: DockerOptions
  readonly #lines: DockerJsonLines
  readonly #entries: Entry[] = []
  readonly #rules = new Map<string, ReturnType<Multiline['rule']>>()
  /** By stream: where a line or an event begins whose end was not seen. */
  readonly #partial = new Map<string, number>()
  readonly #open = new Map<string, number>()
  #count = 0

  constructor(options: DockerOptions) {
    this.#options = options
    this.#lines = new DockerJsonLines({ maxLineLength: options.maxLineBytes })
  }

  /** How many lines, from the first on, hold whole events alone. */
  get wholeLines(): number {
    return Math.min(this.#count, ...this.#partial.values(), ...this.#open.values())
  }

  /** `all`: what waits for its end too, since it will not come. Else what is whole, which `wholeLines` tells then. Work in steps. */
  *fill(request: LogRequest, lines: Iterable<string>, all: boolean): Generator<void> {
    const steps = new LineSteps()
    for (const line of lines) {
      this.#push(line)
      if (steps.endWith(line.length)) yield
    }
    for (const record of this.#records(this.#ended(all))) {
      request.add(record)
      if (steps.endWith(record.body.length)) yield
    }
  }

  #push(written: string): void {
    const at = this.#count++
    const parsed = this.#lines.push(written)
    if (parsed === undefined) {
      const stream = /"stream":\s?"stderr"/.test(written) ? 'stderr' : 'stdout'
      if (!this.#partial.has(stream)) this.#partial.set(stream, at)
      return
    }
    const stream = streamOf(parsed)
    const line = this.#partial.get(stream) ?? at
    this.#partial.delete(stream)
    this.#entries.push({ parsed, stream, line })
    this.#join(stream, parsed.body, line)
  }

  #join(stream: string, body: string, line: number): void {
    const { multiline } = this.#options
    if (multiline === undefined) return
    const rule = this.#rules.get(stream) ?? multiline.rule()
    this.#rules.set(stream, rule)
    const belongs = rule.belongs(body)
    if (rule.to === 'next' && !belongs) this.#open.delete(stream)
    else if (!belongs || !this.#open.has(stream)) this.#open.set(stream, line)
  }

  #ended(all: boolean): readonly Entry[] {
    const { wholeLines } = this
    if (!all) return this.#entries.filter(({ line }) => line < wholeLines)
    for (const parsed of this.#lines.flush())
      this.#entries.push({ parsed, stream: streamOf(parsed), line: this.#count })
    return this.#entries
  }

  *#records(entries: readonly Entry[]): Generator<LogRecord> {
    const rules = new Map<string, ReturnType<Multiline['rule']>>()
    const open = new Map<string, ParsedLog[]>()
    const { multiline } = this.#options
    for (const { parsed, stream } of entries) {
      if (multiline === undefined) {
        yield this.#record([parsed])
        continue
      }
      const rule = rules.get(stream) ?? multiline.rule()
      rules.set(stream, rule)
      const before = open.get(stream) ?? []
      const belongs = rule.belongs(parsed.body)
      const startsNew = (rule.to === 'previous' && !belongs) || before.length >= multiline.maxLines
      if (startsNew && before.length > 0) {
        yield this.#record(before)
        before.length = 0
      }
      before.push(parsed)
      open.set(stream, before)
      if (rule.to === 'next' && !belongs) {
        yield this.#record(before)
        before.length = 0
      }
    }
    for (const rest of open.values()) if (rest.length > 0) yield this.#record(rest)
  }

  #record(parts: readonly ParsedLog[]): LogRecord {
    const [first] = parts
    const body = parts
      .map((part) => part.body)
      .join('\n')
      .slice(0, this.#options.maxLineBytes)
    const resource = new Map([...this.#options.resource, ...(first?.resource ?? [])])
    const own = parts.length === 1 && body.startsWith('{') ? ownRecord(body) : undefined
    if (own === undefined) return logRecord({ ...first, body, resource })
    const attributes = new Map([...(first?.attributes ?? []), ...own.attributes])
    return { ...own, timeNs: own.timeNs === 0n ? (first?.timeNs ?? 0n) : own.timeNs, resource, attributes }
  }
}

const streamOf = ({ attributes }: ParsedLog): string => String(attributes?.get('log.iostream') ?? 'stdout')

/** What the application says of itself; undefined where it is no JSON object. */
function ownRecord(text: string): LogRecord | undefined {
  try {
    const value = parseJsonExactly(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return recordOfObject({ ...value }).record
  } catch {
    // a text that begins with a brace
    return undefined
  }
}
