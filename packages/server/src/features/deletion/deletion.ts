// Deletion by matcher. Its one moment: while nothing is accepted, what was accepted is put into the store, the store takes the deletes on, and the
// head forgets. What is accepted afterwards is of no part of it. Each step may be the last of a process: the row says what a restart has to do (ADR 010).
import { randomUUID } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import type { SampleChanges, SeriesIndex, SeriesRef } from '../../head/port.ts'
import type { AuditLog } from '../../http/port.ts'
import type { AcceptPause } from '../../ingest/port.ts'
import type { DeletionRequest, SampleDeletion } from '../../query/port.ts'
import type { Logger, TaskGroup } from '../../self/port.ts'
import type { SpoolFlusher } from '../../spool/port.ts'
import type { Erasure, SampleEraser } from '../../store/port.ts'
import type { DeletionRows } from './state.ts'

/** The head's part. */
export interface ErasableHead {
  readonly index: Pick<SeriesIndex, 'select'>
  erase(
    project: ProjectId,
    matchers: readonly Matcher[],
    window: { readonly startMs: number; readonly endMs: number },
  ): Promise<readonly SeriesRef[]>
  readonly writer: { readonly changes: Pick<SampleChanges, 'noteFrom'> }
}

export interface DeletionParts {
  readonly rows: DeletionRows
  readonly eraser: SampleEraser
  readonly flusher: SpoolFlusher
  /** Tables that samples, and what is erased with them, are in. */
  readonly tables: readonly string[]
  readonly acceptor: AcceptPause
  readonly head: ErasableHead
  readonly knownProjects: () => readonly ProjectId[]
  readonly audit: AuditLog
  readonly clock: Clock
  readonly logger: Logger
  readonly tasks: TaskGroup
  readonly onDone: (counts: { readonly series: number }) => void
}

/** Senders wait so long at most, ms: until the store has what was accepted before. */
const pausedMs = 15_000

export function createDeletion(parts: DeletionParts): SampleDeletion {
  const { rows, eraser, audit, clock, knownProjects, tasks } = parts
  const turn = new Turn()
  return {
    async deleteSeries(request) {
      request.signal.throwIfAborted()
      const erasure = erasureOf(request, knownProjects())
      await audit.record({
        who: request.who,
        action: 'samples.delete',
        subject: request.selectors.join(' '),
        detail: { startMs: erasure.startMs, endMs: erasure.endMs },
      })
      const done = Promise.withResolvers<void>()
      // seen to its end also where nobody waits for that any more
      tasks.run('deletion', async (stopping) => {
        try {
          await turn.run(async () => {
            const id = randomUUID()
            await rows.begin(id, erasure, clock.nowMs())
            await carryOut(id, erasure, parts, stopping)
          })
          done.resolve()
        } catch (error) {
          done.reject(error)
        }
      })
      await unlessGone(done.promise, request.signal)
    },
    async cleanTombstones({ who, signal }) {
      await audit.record({ who, action: 'samples.clean', subject: 'tombstones' })
      await eraser.settle({ signal })
      await eraser.compact({ signal })
    },
  }
}

/** At a start, before the head is filled and while nothing is accepted: what was begun is ended. */
export async function resumeDeletions(
  { rows, eraser }: Pick<DeletionParts, 'rows' | 'eraser'>,
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  const open = await rows.open()
  for (const { id, stage, erasure } of open) {
    if (stage === 'begun') {
      await eraser.submit(erasure, { signal })
      await rows.submitted(id)
    }
    await eraser.settle({ signal })
    await rows.end(id)
  }
  return open.length
}

function erasureOf({ projects, matcherSets, startMs, endMs }: DeletionRequest, known: readonly ProjectId[]): Erasure {
  return { projects: projects === 'all' ? known : [...projects], matcherSets, startMs, endMs }
}

/** Throws where nothing of it was done; then its row is gone. What was begun is tried until it is done. */
async function carryOut(id: string, erasure: Erasure, parts: DeletionParts, stopping: AbortSignal): Promise<void> {
  const { rows, eraser, clock, logger } = parts
  const progress: Progress = { isBegun: false, isSubmitted: false, isForgotten: false, series: 0 }
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 30_000)) {
    try {
      if (!progress.isForgotten) await atOnce(id, erasure, parts, { stopping, progress })
      await eraser.settle({ signal: stopping })
      // what was answered meanwhile may have been read from the store
      parts.head.writer.changes.noteFrom(erasure.startMs)
      await rows.end(id)
      parts.onDone({ series: progress.series })
      logger.info('samples were deleted', { series: progress.series, startMs: erasure.startMs, endMs: erasure.endMs })
      return
    } catch (error) {
      if (stopping.aborted) throw error
      if (!progress.isBegun) {
        await rows.end(id)
        throw error
      }
      logger.warn('a deletion is not done yet and will be tried again', { error, pauseMs })
      await clock.sleep(pauseMs, { signal: stopping })
    }
  }
}

/** How far a deletion has come. */
interface Progress {
  /** Something may have been handed to the store. */
  isBegun: boolean
  isSubmitted: boolean
  /** Out of the head too. */
  isForgotten: boolean
  series: number
}

/** Its moment: while nothing is accepted. */
async function atOnce(
  id: string,
  erasure: Erasure,
  parts: DeletionParts,
  { stopping, progress }: { readonly stopping: AbortSignal; readonly progress: Progress },
): Promise<void> {
  const { rows, eraser, flusher, tables, acceptor, head } = parts
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(pausedMs)])
  using _ = await paused(acceptor, signal)
  await flushed(flusher, tables, signal)
  const each = erasure.projects.flatMap((project) => erasure.matcherSets.map((matchers) => ({ project, matchers })))
  if (!progress.isSubmitted) {
    progress.isBegun = true
    // of all times: a late sample may be of a day that the series has a row of no more
    for (const { project, matchers } of each)
      acceptor.forgetRows(head.index.select(project, matchers, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY))
    progress.series = (await eraser.submit(erasure, { signal })).series
    await rows.submitted(id)
    progress.isSubmitted = true
  }
  for (const { project, matchers } of each) await head.erase(project, matchers, erasure)
  progress.isForgotten = true
}

async function paused(acceptor: DeletionParts['acceptor'], signal: AbortSignal): Promise<Disposable> {
  try {
    return await acceptor.pause({ signal })
  } catch (cause) {
    throw notNow('samples that are being taken in did not come to their end', cause)
  }
}

async function flushed(flusher: SpoolFlusher, tables: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await flusher.flush(tables, { signal })
  } catch (cause) {
    throw notNow('what was accepted before did not get into the store', cause)
  }
}

const notNow = (why: string, cause: unknown): AppError =>
  new AppError('store.unavailable', `nothing was deleted: ${why}`, {
    cause,
    fix: 'Try again; /health says how the store is.',
  })

/** Ends the waiting where the caller goes away; the work goes on. */
function unlessGone(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}

/** One deletion at a time. */
class Turn {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }
}
