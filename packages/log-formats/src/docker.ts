// Docker's json-file driver: one JSON object a line, and a line of more than 16 kB in several of them.
import { isoInstantNs } from './instant.ts'
import { isJsonObject, type JsonObject } from './json-object.ts'
import type { ParsedLog } from './parsed-log.ts'

export interface DockerOptions {
  /** A joined line is cut there. In characters. */
  readonly maxLineLength: number
}

interface Pending {
  text: string
  readonly first: JsonObject
}

/** Joins the parts of one file's lines: what has no line feed at its end goes on in the stream's next entry. */
export class DockerJsonLines {
  private readonly maxLineLength: number
  private readonly pending = new Map<string, Pending>()

  constructor({ maxLineLength }: DockerOptions) {
    this.maxLineLength = maxLineLength
  }

  /** The record that the entry ends; undefined where it goes on. A line that is no entry is its own record. */
  push(line: string): ParsedLog | undefined {
    const entry = parseEntry(line)
    if (entry === undefined) return { body: line }
    const text = entry.log as string
    const stream = entry.stream === 'stderr' ? 'stderr' : 'stdout'
    const before = this.pending.get(stream)
    const whole = `${before?.text ?? ''}${text}`.slice(0, this.maxLineLength + 1)
    const first = before?.first ?? entry
    if (!text.endsWith('\n')) {
      this.pending.set(stream, { text: whole, first })
      return undefined
    }
    this.pending.delete(stream)
    return this.record(whole, first, stream)
  }

  /** What waits for an end that will not come: the file was ended. */
  flush(): ParsedLog[] {
    const records = [...this.pending].map(([stream, { text, first }]) => this.record(text, first, stream))
    this.pending.clear()
    return records
  }

  private record(text: string, entry: JsonObject, stream: string): ParsedLog {
    const timeNs = typeof entry.time === 'string' ? isoInstantNs(entry.time) : undefined
    const labels = isJsonObject(entry.attrs) ? Object.entries(entry.attrs) : []
    return {
      ...(timeNs === undefined ? {} : { timeNs }),
      body: text.slice(0, this.maxLineLength).replace(/\r?\n$/, ''),
      resource: new Map(labels.map(([name, value]) => [`container.label.${name}`, String(value)])),
      attributes: new Map([['log.iostream', stream]]),
    }
  }
}

function parseEntry(line: string): JsonObject | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const entry: unknown = JSON.parse(line)
    return isJsonObject(entry) && typeof entry.log === 'string' ? entry : undefined
  } catch {
    return undefined // a line that was cut by a crash is kept as text
  }
}
