// Called once a request, its loops once a line, bench/src/ingest-logs.ts: redaction, limits, times, spool, then the answer.
import { hash } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import { type LogBatch, LogBatchPool } from '@tidewatch/core/log-batch.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { Redactor } from '@tidewatch/redact/kinds.ts'
import type { SpoolSection, SpoolWriter } from '../../spool/port.ts'
import type { LogTableEncoder } from '../../store/port.ts'
import { FieldTable } from './field-table.ts'
import { LineDecoder } from './line-decoder.ts'
import type {
  LogIntake,
  LogIntakeStats,
  LogKeeping,
  LogListener,
  LogRequestOptions,
  PreviewedLine,
  SecretFound,
  StoredLogs,
  StoreOptions,
} from './port.ts'
import { RequestLines } from './request.ts'

export interface LogIntakeOptions {
  readonly spool: SpoolWriter
  readonly encoder: LogTableEncoder
  readonly clock: Clock
  /** As the configuration in force has it. */
  readonly redactor: () => Redactor
  /** Of a line of this service and severity: how long it is kept; `oldestMs` of all lines, undefined where none is too old. */
  readonly keeping: () => LogKeeping
  /** Told once a finding, beside the line's own way. */
  readonly onSecret: (secret: SecretFound) => void
}

const dayMs = 86_400_000

/** The one way in for lines (see the port). Has nothing open: what it was given is its owner's to close. */
export function createLogIntake(options: LogIntakeOptions): LogIntake {
  return new Intake(options)
}

class Intake implements LogIntake {
  readonly stats: LogIntakeStats = {
    requests: 0,
    lines: 0,
    bytes: 0,
    duplicates: 0,
    badTimes: 0,
    redacted: 0,
    folded: 0,
    cut: 0,
  }
  readonly #options: LogIntakeOptions
  readonly #decoder = new LineDecoder()
  readonly #pool = new LogBatchPool()
  readonly #listeners = new Set<LogListener>()
  readonly #fields = new Map<ProjectId, { readonly table: FieldTable; day: number }>()
  /** ns since 1970 divided by 256, of the line that was numbered last. */
  #lastNumber = 0
  /** Requests that are numbered and not safe yet. */
  readonly #underWay = new Set<Promise<unknown>>()
  /** Of this process, so that lines of two at one moment have different numbers. */
  readonly #processByte = Math.floor(Math.random() * 256)

  constructor(options: LogIntakeOptions) {
    this.#options = options
  }

  checkRoom(): void {
    this.#options.spool.checkRoom()
  }

  begin(options: LogRequestOptions): RequestLines {
    const { clock, redactor, keeping, onSecret } = this.#options
    return new RequestLines({
      ...options,
      ...{ decoder: this.#decoder, stats: this.stats, onSecret },
      fields: this.#fieldsOf(options.project),
      lease: this.#pool.lease(),
      redactor: redactor(),
      keeping: keeping(),
      nowMs: clock.nowMs(),
      store: (batch, once) => this.#store(options.project, batch, once),
    })
  }

  readonly preview = (options: LogRequestOptions, line: PreviewedLine): LogRecord | undefined => {
    using request = this.begin(options)
    request.setResource(line.resource)
    return request.addJson(line.bytes, line.from, line.to, line.id) === undefined ? request.read()[0] : undefined
  }

  subscribe(listener: LogListener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  async mark(): Promise<bigint> {
    const number = this.#nextNumber()
    this.#lastNumber = number
    await Promise.allSettled(this.#underWay)
    return BigInt(number) * 256n + 255n
  }

  async #store(project: ProjectId, batch: LogBatch, once: StoreOptions): Promise<StoredLogs> {
    const { encoder } = this.#options
    batch.finish()
    const numbers = this.#number(batch.length)
    const section = encoder.lines(project, batch, numbers)
    const name = repeatName(batch, once)
    const { duplicate } = await this.#append(section, name === undefined ? {} : { bodyHash: `logs-${project}-${name}` })
    this.stats.requests++
    if (duplicate) {
      this.stats.duplicates++
      return { lines: batch.length, duplicate }
    }
    this.stats.lines += batch.length
    this.stats.bytes += batch.byteLength
    for (const listener of this.#listeners) listener(project, batch, numbers)
    // as printLogId writes it
    const idOf = (line: number): string => `${decimalOf(batch.times, line)}-${decimalOf(numbers, line)}`
    return { lines: batch.length, duplicate, idOf }
  }

  async #append(section: SpoolSection, once: { readonly bodyHash?: string }): Promise<{ readonly duplicate: boolean }> {
    const appended = this.#options.spool.append([section], once)
    this.#underWay.add(appended)
    try {
      return await appended
    } finally {
      this.#underWay.delete(appended)
    }
  }

  readonly #nextNumber = (): number =>
    Math.max(this.#lastNumber + 1, Math.floor((this.#options.clock.nowMs() * 1e6) / 256))

  /**
   * Numbers that ascend over requests and restarts: 256ths of a microsecond are steps enough for what one process takes, and the last byte
   * tells processes apart. Low word first.
   */
  #number(count: number): Uint32Array {
    const numbers = new Uint32Array(count * 2)
    let number = this.#nextNumber()
    for (let i = 0; i < count; i++, number++) {
      numbers[i * 2] = ((number % 0x100_0000) * 256 + this.#processByte) >>> 0
      numbers[i * 2 + 1] = Math.floor(number / 0x100_0000)
    }
    this.#lastNumber = number - 1
    return numbers
  }

  /** Names are counted by the day, so that what a bad sender brought once is forgotten. */
  #fieldsOf(project: ProjectId): FieldTable {
    const day = Math.floor(this.#options.clock.nowMs() / dayMs)
    const known = this.#fields.get(project)
    if (known === undefined) {
      const table = new FieldTable()
      this.#fields.set(project, { table, day })
      return table
    }
    if (known.day !== day) {
      known.day = day
      known.table.clear()
    }
    return known.table
  }
}

/** Number `i` of 64-bit ones of two words each, low word first, in decimal: by its two halves to the base of 10^9, as BigInt is slow here. */
function decimalOf(words: Uint32Array, i: number): string {
  const low = words[i * 2]
  const high = words[i * 2 + 1]
  const upper = (high % 1e9) * 65_536 + (low >>> 16)
  const lower = (upper % 1e9) * 65_536 + (low & 0xffff)
  const quotient = Math.floor(high / 1e9) * 2 ** 32 + Math.floor(upper / 1e9) * 65_536 + Math.floor(lower / 1e9)
  const rest = String(lower % 1e9)
  return quotient === 0 ? rest : quotient + rest.padStart(9, '0')
}

/** What a repeat of the batch is known by; undefined where it cannot be told from another that says the same. */
function repeatName({ isTimed }: LogBatch, { body, place, target }: StoreOptions): string | undefined {
  if (place !== undefined) return `at-${place}`
  if (body === undefined || !isTimed) return undefined
  const name = hash('sha1', body, 'base64url')
  return target === undefined ? name : `${name}-${hash('sha1', target, 'base64url')}`
}
