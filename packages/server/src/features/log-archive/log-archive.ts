// Days of logs into the archive once they are over, and back where somebody wants to search them again. Of several processes one does it.
import { join } from 'node:path'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { Logger } from '../../self/port.ts'
import type { LogArchiveStore } from '../../store/port.ts'
import { archiveDay, isArchived } from './archive-day.ts'
import { Catalog } from './catalog.ts'
import type { LogArchiveSettings } from './config.ts'
import { createFolderTarget } from './folder.ts'
import { dayName, type Manifest } from './manifest.ts'
import { restoreDay } from './restore-day.ts'
import { createBucketTarget } from './s3.ts'
import type { LogArchiveRows, LogRestore } from './state.ts'
import type { ArchiveTarget, Waiting } from './target.ts'

const dayMs = 86_400_000
const everyMs = 5 * 60_000
const longestRestoreDays = 3650

export interface LogArchiveOptions {
  readonly store: LogArchiveStore
  readonly rows: LogArchiveRows
  readonly clock: Clock
  readonly logger: Logger
  /** As the configuration in force has it; undefined where there is no archive. The same object until it changes. */
  readonly settings: () => LogArchiveSettings | undefined
  /** What was accepted is in the store when it resolves. */
  readonly flush: (options: Waiting) => Promise<void>
  /** For files on their way. */
  readonly scratchDir: string
  /** Throws where the disk has no room for so many bytes more. */
  readonly checkRoom: (bytes: number) => Promise<void>
  readonly onTrouble: (trouble: ArchiveTrouble | undefined) => void
}

export interface ArchiveTrouble {
  readonly sinceMs: number
  readonly message: string
}

export interface LogArchiveStats {
  days: number
  lines: number
  bytes: number
  failures: number
  givenUpDays: number
  restoredLines: number
  restoreFailures: number
  /** Days that are over for long enough and not in the archive; undefined before the first round. */
  waitingDays: number | undefined
  newestDayMs: number | undefined
}

interface OpenArchive {
  readonly target: ArchiveTarget
  readonly catalog: Catalog
}

export class LogArchive {
  readonly stats: LogArchiveStats = {
    ...{ days: 0, lines: 0, bytes: 0, failures: 0, givenUpDays: 0, restoredLines: 0, restoreFailures: 0 },
    ...{ waitingDays: undefined, newestDayMs: undefined },
  }
  readonly #options: LogArchiveOptions
  #open:
    | { readonly settings: LogArchiveSettings | undefined; readonly archive: Promise<OpenArchive | undefined> }
    | undefined
  #woken = new AbortController()
  #leads = false
  /** One thing at a time touches the archive. */
  #turn: Promise<unknown> = Promise.resolve()
  /** The restore that is under way. */
  #restoring: { readonly dayMs: number; readonly stop: AbortController } | undefined

  constructor(options: LogArchiveOptions) {
    this.#options = options
  }

  /** Archives and restores until the signal fires, in the one process that leads. */
  async lead(signal: AbortSignal): Promise<void> {
    this.#leads = true
    try {
      while (!signal.aborted) {
        const woken = this.#woken.signal
        await this.#round(signal)
        try {
          await this.#options.clock.sleep(everyMs, { signal: AbortSignal.any([signal, woken]) })
        } catch {
          // the sleep ends early only when stopping or woken
        }
      }
    } finally {
      this.#leads = false
    }
  }

  wake(): void {
    this.#woken.abort()
    this.#woken = new AbortController()
  }

  /** Called before a day goes: throws where it has to stay, since the archive does not have it. */
  async beforeDrop(day: number, { signal }: Waiting): Promise<void> {
    if (this.#options.settings() === undefined) return
    try {
      await this.#inTurn(async () => {
        const open = await this.#opened()
        if (open === undefined) return
        await this.#options.flush({ signal })
        if (this.#leads) await this.#archive(day, open, signal)
        else if (!(await isArchived(day, { ...open, store: this.#options.store, signal })))
          throw new AppError(
            'archive.unavailable',
            `${dayName(day)} is not in the archive yet; another process puts it there.`,
          )
      })
      await this.#well()
    } catch (error) {
      if (signal.aborted) throw error
      const trouble = await this.#failed(error)
      const { holdMs } = this.#options.settings() ?? {}
      if (holdMs === undefined || this.#options.clock.nowMs() - trouble.sinceMs < holdMs) throw error
      this.stats.givenUpDays++
      this.#options.logger.error('a day of logs goes that is not in the archive: archiving has failed for too long', {
        ...{ day: dayName(day), sinceMs: trouble.sinceMs, reason: trouble.message },
      })
    }
  }

  /** What the archive holds, by day; undefined where there is none. Throws `archive.unavailable`. */
  async days({ signal }: Waiting): Promise<ReadonlyMap<number, Manifest> | undefined> {
    const open = await this.#opened()
    return open === undefined ? undefined : await open.catalog.days({ signal })
  }

  /** For people; undefined where there is no archive. */
  async place(): Promise<string | undefined> {
    return (await this.#opened())?.target.place
  }

  /** A day's manifest and where its files are. Throws `state.not_found`. */
  async day(
    day: number,
    { signal }: Waiting,
  ): Promise<{ readonly manifest: Manifest; readonly target: ArchiveTarget }> {
    const open = await this.#opened()
    const manifest = await open?.catalog.day(day, { signal })
    if (open === undefined || manifest === undefined || manifest.parts.length === 0) throw noSuchDay(day)
    return { manifest, target: open.target }
  }

  /** The day's lines can be searched in a while, for so many days. Throws `state.not_found`, `state.conflict`, `data_dir.full`. */
  async restore(day: number, keepDays: number, { by, signal }: Waiting & { readonly by: string }): Promise<LogRestore> {
    const { store, rows, clock, checkRoom } = this.#options
    if (!Number.isInteger(keepDays) || keepDays < 1 || keepDays > longestRestoreDays)
      throw new AppError('http.invalid', `a day can be restored for 1 to ${longestRestoreDays} days.`, {
        where: { key: 'body.days' },
      })
    const { manifest } = await this.day(day, { signal })
    const files = manifest.parts.flatMap((part) => part.files)
    await checkRoom(files.reduce((sum, { bytes }) => sum + bytes * roomFactor, 0))
    const wantedMs = clock.nowMs()
    const untilMs = Math.ceil((wantedMs + keepDays * dayMs) / dayMs) * dayMs
    const there = await store.restored({ signal })
    const isThere = there.some((one) => one.dayMs === day)
    if (isThere || !(await rows.want({ dayMs: day, untilMs, by, wantedMs })))
      throw new AppError('state.conflict', `${dayName(day)} is restored already.`, {
        fix: 'Search it; or drop it first, then restore it for another time',
      })
    this.wake()
    return (await rows.restores()).find((one) => one.dayMs === day) as LogRestore
  }

  /** What was restored of the day goes, and a restore of it that is under way ends. */
  async dropRestored(day: number, { signal }: Waiting): Promise<void> {
    const { store, rows } = this.#options
    const known = (await rows.restores()).some((one) => one.dayMs === day)
    const isThere = (await store.restored({ signal })).some((one) => one.dayMs === day)
    if (!known && !isThere)
      throw new AppError('state.not_found', `${quoteValue(dayName(day))} is not restored.`, {
        fix: 'tidewatch logs archive list shows which days are',
      })
    await rows.forget(day)
    if (this.#restoring?.dayMs === day)
      this.#restoring.stop.abort(new AppError('internal.cancelled', 'The restored day was dropped'))
    await this.#inTurn(() => store.dropRestored(day, { signal }))
  }

  async #round(signal: AbortSignal): Promise<void> {
    try {
      await this.#archiveDue(signal)
      await this.#well()
    } catch (error) {
      if (signal.aborted) return
      await this.#failed(error).catch((failure: unknown) =>
        this.#options.logger.error('it cannot be kept that archiving fails', { error: AppError.from(failure).message }),
      )
    }
    try {
      await this.#restoreAll(signal)
    } catch (error) {
      if (!signal.aborted)
        this.#options.logger.error('days cannot be restored', { error: AppError.from(error).message })
    }
  }

  async #archiveDue(signal: AbortSignal): Promise<void> {
    const { settings, store, clock, flush } = this.#options
    const { afterMs } = settings() ?? {}
    if (afterMs === undefined) return
    const open = await this.#opened()
    if (open === undefined) return
    const overMs = clock.nowMs() - afterMs - dayMs
    await flush({ signal })
    const days = [...new Set((await store.days({ signal })).map(({ dayMs: day }) => day))].filter(
      (day) => day <= overMs,
    )
    const there = await open.catalog.days({ signal })
    // late lines of a day that is there are added before it goes
    const due = days.filter((day) => !there.has(day))
    this.stats.waitingDays = due.length
    this.stats.newestDayMs = [...there.keys()].at(-1)
    for (const day of due) {
      signal.throwIfAborted()
      await this.#inTurn(() => this.#archive(day, open, signal))
      this.stats.waitingDays--
      this.stats.newestDayMs = Math.max(day, this.stats.newestDayMs ?? 0)
    }
  }

  async #archive(day: number, { target, catalog }: OpenArchive, signal: AbortSignal): Promise<void> {
    const { store, clock, scratchDir, logger } = this.#options
    let lines = 0
    await archiveDay(day, {
      ...{ store, target, catalog, scratchDir: join(scratchDir, 'out'), signal, nowMs: () => clock.nowMs() },
      onPart: (part) => {
        lines += part.lines
        this.stats.lines += part.lines
        this.stats.bytes += part.files.reduce((sum, { bytes }) => sum + bytes, 0)
      },
    })
    if (lines === 0) return
    this.stats.days++
    logger.info('a day of logs was archived', { day: dayName(day), lines, to: target.place })
  }

  async #restoreAll(signal: AbortSignal): Promise<void> {
    const { store, rows, clock, logger, scratchDir } = this.#options
    for (const restore of await rows.restores()) {
      if (restore.untilMs <= clock.nowMs()) {
        await rows.forget(restore.dayMs)
        continue
      }
      if (restore.stage !== 'waiting' && restore.stage !== 'loading') continue
      const open = await this.#opened()
      if (open === undefined) {
        await rows.update(restore.id, { message: 'there is no archive in the configuration' })
        continue
      }
      const stop = new AbortController()
      this.#restoring = { dayMs: restore.dayMs, stop }
      try {
        const stopped = AbortSignal.any([signal, stop.signal])
        await this.#inTurn(() =>
          restoreDay(restore, {
            ...{ store, rows, ...open, scratchDir: join(scratchDir, 'in'), signal: stopped, stopping: signal },
            onLines: (lines) => {
              this.stats.restoredLines += lines
            },
          }),
        )
        logger.info('a day of logs was restored', { day: dayName(restore.dayMs), by: restore.by })
      } catch (error) {
        if (signal.aborted) throw error
        if (stop.signal.aborted) continue
        await this.#restoreFailed(restore, AppError.from(error))
      } finally {
        this.#restoring = undefined
      }
    }
  }

  /** What passes is tried again in the next round. */
  async #restoreFailed(restore: LogRestore, error: AppError): Promise<void> {
    const { rows, logger } = this.#options
    this.stats.restoreFailures++
    logger.error('a day of logs could not be restored', { day: dayName(restore.dayMs), error: error.message })
    const stage = error.retryable ? {} : ({ stage: 'failed' } as const)
    await rows.update(restore.id, { ...stage, message: error.message.slice(0, 2000) })
  }

  async #well(): Promise<void> {
    if ((await this.#options.rows.trouble()) !== undefined) await this.#options.rows.setTrouble(undefined)
    this.#options.onTrouble(undefined)
  }

  async #failed(caught: unknown): Promise<ArchiveTrouble> {
    const { rows, clock, logger, onTrouble } = this.#options
    const { message } = AppError.from(caught)
    this.stats.failures++
    const nowMs = clock.nowMs()
    await rows.setTrouble({ nowMs, message })
    const trouble = (await rows.trouble()) ?? { sinceMs: nowMs, message }
    logger.error('logs cannot be archived; days stay until they are', { error: message, sinceMs: trouble.sinceMs })
    onTrouble(trouble)
    return trouble
  }

  /** By the configuration in force; undefined where it names no archive. */
  #opened(): Promise<OpenArchive | undefined> {
    const settings = this.#options.settings()
    if (this.#open !== undefined && this.#open.settings === settings) return this.#open.archive
    const former = this.#open?.archive
    // what is under way ends with the one it began with
    if (former !== undefined)
      this.#inTurn(async () => (await former.catch(() => undefined))?.target[Symbol.dispose]()).catch(() => undefined)
    const archive = openArchive(settings, () => this.#options.clock.nowMs())
    this.#open = { settings, archive }
    return archive
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }
}

async function openArchive(
  settings: LogArchiveSettings | undefined,
  nowMs: () => number,
): Promise<OpenArchive | undefined> {
  if (settings === undefined) return undefined
  const { to } = settings
  const target = 'folder' in to ? createFolderTarget(to.folder) : await createBucketTarget(to.s3)
  return { target, catalog: new Catalog(target, nowMs) }
}

/** Archived bytes are about as many as a day takes in the store with its index, times this. */
const roomFactor = 2

const noSuchDay = (day: number): AppError =>
  new AppError('state.not_found', `${dayName(day)} is not in the archive.`, {
    fix: 'tidewatch logs archive list shows which days are',
  })
