// From the spool into the store: every frame exactly once, whatever is killed.
//
// The jobs of a segment that are not done yet stand in the reader's progress. A job that was done but not crossed out (a kill between the two)
// is done again under the same token, and the store knows it. So jobs may change only by being crossed out or split, before anything of
// the split is done.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { SpoolFrame, SpoolReader, SpoolSegment } from '../spool/port.ts'
import { type FailureKind, failureKind } from './failure.ts'
import { identifier, literal } from './literal.ts'
import {
  halveByFrames,
  halveByPartitions,
  jobSections,
  jobToken,
  type LoadJob,
  parseJobs,
  planLoad,
  printJobs,
} from './load-plan.ts'
import type { RenderTarget, StoreClient, TelemetryTable } from './port.ts'

export interface LoaderOptions {
  readonly reader: SpoolReader
  readonly client: StoreClient
  /** In the order they are loaded. */
  readonly tables: readonly TelemetryTable[]
  readonly target: RenderTarget
  readonly clock: Clock
  readonly log: (level: 'warn' | 'error', message: string, detail: Readonly<Record<string, unknown>>) => void
  /** What an insert into a table says besides, such as `a = 1`; '' is nothing. As it is then. */
  readonly insertSettings?: (table: string) => string
  /** Bytes of one insert; default 16 MB. */
  readonly maxInsertBytes?: number
}

export interface LoaderStats {
  readonly inserts: number
  readonly rows: number
  readonly bytes: number
  /** Attempts that failed for the store's state and were, or will be, repeated. */
  readonly retries: number
  readonly setAsideRows: number
  /** Why it cannot get on now; undefined while it can. */
  readonly trouble: string | undefined
}

export interface Loader extends AsyncDisposable {
  stats(): LoaderStats
}

const firstWaitMs = 100
const longestWaitMs = 10_000
const insertTimeoutMs = 120_000
/** Attempts before a failure of unknown kind counts as the content's: some 25 s of waiting. */
const unknownAttempts = 8
/** Attempts before an insert that takes too much memory is halved. */
const memoryAttempts = 3

/** Begins at once, and goes on until it is disposed of. */
export function createLoader(options: LoaderOptions): Loader {
  return new SegmentLoader(options)
}

class SegmentLoader implements Loader {
  readonly #options: LoaderOptions
  readonly #tables: ReadonlyMap<string, TelemetryTable>
  readonly #stopping = new AbortController()
  readonly #done: Promise<void>
  #inserts = 0
  #rows = 0
  #bytes = 0
  #retries = 0
  #setAsideRows = 0
  #trouble: string | undefined

  constructor(options: LoaderOptions) {
    this.#options = options
    this.#tables = new Map(options.tables.map((table) => [table.name, table]))
    this.#done = this.#run()
  }

  stats(): LoaderStats {
    return {
      inserts: this.#inserts,
      rows: this.#rows,
      bytes: this.#bytes,
      retries: this.#retries,
      setAsideRows: this.#setAsideRows,
      trouble: this.#trouble,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new AppError('internal.stopping', 'The loader is stopping'))
    await this.#done
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { reader } = this.#options
    try {
      for (;;) {
        const segment = await reader.next({ signal })
        await this.#load(segment)
        await this.#persist(`confirm segment ${segment.number}`, () => reader.confirm(segment.number))
      }
    } catch (error) {
      // nothing but stopping ends the loop: every other failure is waited out inside
      if (!signal.aborted) this.#options.log('error', 'the loader has ended', { error: AppError.from(error).message })
    }
  }

  async #load(segment: SpoolSegment): Promise<void> {
    const { reader, tables } = this.#options
    const frames = await this.#persist(`read segment ${segment.number}`, () => segment.frames())
    const kept = reader.progress(segment.number)
    const names = tables.map(({ name }) => name)
    let jobs =
      (kept === undefined ? undefined : parseJobs(kept)) ??
      planLoad(frames, names, (name) => this.#maxInsertBytes(name))
    // kept before anything is done: a later program might plan otherwise
    if (kept === undefined) await this.#save(segment, jobs)
    while (jobs.length > 0) {
      const [job, ...rest] = jobs as [LoadJob, ...LoadJob[]]
      jobs = [...(await this.#do(segment, frames, job)), ...rest]
      // an empty list need not be kept: the segment is confirmed next
      if (jobs.length > 0) await this.#save(segment, jobs)
    }
  }

  #maxInsertBytes(table: string): number {
    return this.#options.maxInsertBytes ?? this.#tables.get(table)?.insertBytes ?? 16 * 2 ** 20
  }

  #save(segment: SpoolSegment, jobs: readonly LoadJob[]): Promise<void> {
    return this.#persist('save progress', () => this.#options.reader.saveProgress(segment.number, printJobs(jobs)))
  }

  /** Does a job, or gives the jobs it has to be split into. */
  async #do(segment: SpoolSegment, frames: readonly SpoolFrame[], job: LoadJob): Promise<readonly LoadJob[]> {
    const { bytes, rows } = jobSections(frames, job)
    if (bytes.length === 0) return []
    const table = this.#tables.get(job.table)
    if (table === undefined) {
      await this.#setAside(segment, job, { bytes, rows, reason: `this Tidewatch has no table called ${job.table}` })
      return []
    }
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#options.client.insert(this.#insertStatement(table, job), bytes, {
          signal: this.#stopping.signal,
          timeoutMs: insertTimeoutMs,
          token: jobToken(segment.uid, job),
        })
        this.#succeeded(rows, bytes)
        return []
      } catch (caught) {
        this.#stopping.signal.throwIfAborted()
        const error = AppError.from(caught)
        const halves = splitFor(job, failureKind(error), attempt)
        if (halves === 'wait') {
          await this.#wait(`load ${job.table}: ${error.message}`, attempt)
          continue
        }
        if (halves !== 'set-aside') return halves
        await this.#setAside(segment, job, { bytes, rows, reason: error.message })
        return []
      }
    }
  }

  #insertStatement(table: TelemetryTable, job: LoadJob): string {
    const { target, insertSettings } = this.#options
    return insertStatement(table, job, { target, settings: insertSettings?.(table.name) ?? '' })
  }

  #succeeded(rows: number, bytes: readonly Uint8Array[]): void {
    this.#inserts++
    this.#rows += rows
    this.#bytes += bytes.reduce((sum, part) => sum + part.length, 0)
    this.#recovered()
  }

  async #setAside(
    segment: SpoolSegment,
    job: LoadJob,
    part: { readonly bytes: readonly Uint8Array[]; readonly rows: number; readonly reason: string },
  ): Promise<void> {
    const { reader, log } = this.#options
    const name = jobToken(segment.uid, job)
    await this.#persist('set a part aside', () => reader.setAside({ name, table: job.table, ...part }))
    // some of a frame's rows may have gone in with another part of a split by partitions; the whole frame is kept
    this.#setAsideRows += part.rows
    log('error', 'the store refused a part of the data; it is set aside', {
      name,
      rows: part.rows,
      reason: part.reason,
    })
  }

  /** Does what touches the spool's disk, over and over until it works. */
  async #persist<T>(what: string, run: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await run()
        if (attempt > 1) this.#recovered()
        return result
      } catch (error) {
        this.#stopping.signal.throwIfAborted()
        await this.#wait(`${what}: ${AppError.from(error).message}`, attempt)
      }
    }
  }

  async #wait(trouble: string, attempt: number): Promise<void> {
    const { reader, clock, log } = this.#options
    this.#retries++
    if (this.#trouble === undefined) log('warn', 'the loader waits', { trouble })
    this.#trouble = trouble
    reader.reportTrouble(trouble)
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1))
    await clock.sleep(waitMs, { signal: this.#stopping.signal })
  }

  #recovered(): void {
    if (this.#trouble === undefined) return
    this.#options.log('warn', 'the loader goes on', { after: this.#trouble })
    this.#trouble = undefined
    this.#options.reader.reportTrouble(undefined)
  }
}

/** What is to be done about a failure. */
function splitFor(job: LoadJob, kind: FailureKind, attempt: number): readonly LoadJob[] | 'wait' | 'set-aside' {
  switch (kind) {
    case 'state':
      return 'wait'
    case 'memory':
      return attempt < memoryAttempts ? 'wait' : (halveByFrames(job) ?? 'wait')
    case 'partitions':
      return halveByPartitions(job) ?? halveByFrames(job) ?? 'set-aside'
    case 'unknown':
      return attempt < unknownAttempts ? 'wait' : (halveByFrames(job) ?? 'set-aside')
    case 'content':
      return halveByFrames(job) ?? 'set-aside'
    default:
      return kind satisfies never
  }
}

/** `INSERT INTO ... SELECT ... FROM input(...)`: the rows come as the incoming columns and are turned into the table's. */
function insertStatement(
  table: TelemetryTable,
  { of, part }: LoadJob,
  { target, settings }: { readonly target: RenderTarget; readonly settings: string },
): string {
  const names = table.columns.map(({ name }) => identifier(name)).join(', ')
  const values = table.columns.map(({ from }) => from).join(', ')
  const structure = table.incoming.map(({ name, type }) => `${name} ${type}`).join(', ')
  const where = of === 1 ? '' : ` WHERE positiveModulo(${table.partition}, ${literal(of)}) = ${literal(part)}`
  const besides = settings === '' ? '' : ` SETTINGS ${settings}`
  return `INSERT INTO ${identifier(target.localName(table.name))} (${names})${besides} SELECT ${values} FROM input(${literal(structure)})${where} FORMAT Native`
}
