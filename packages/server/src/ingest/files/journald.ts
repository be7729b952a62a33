// The machine's journal, by journalctl as a child: it goes on after the last entry that was stored, and entries that a kill left open are one
// batch again.
import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { createInterface } from 'node:readline'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { logRecord } from '@tidewatch/core/log-record.ts'
import { type JournalEntry, parseJournalLine } from '@tidewatch/log-formats/journald.ts'
import type { Logger } from '../../self/port.ts'
import type { LogIntake, LogRequest } from '../logs/port.ts'
import { inSlices, LineSteps } from '../slices.ts'
import type { JournaldSettings } from './config.ts'
import type { FileCounts } from './file-reader.ts'
import type { Cursor, JournalCursor } from './state.ts'

export interface JournalParts {
  readonly settings: JournaldSettings
  readonly logs: LogIntake
  readonly cursor: Pick<JournalCursor, 'read' | 'save'>
  readonly clock: Clock
  readonly logger: Logger
  readonly counts: FileCounts
}

const maxEntries = 1000
const maxBytes = 2 << 20
/** How long an entry waits for others. */
const gatherMs = 200
/** Between two of journalctl's runs, and between tries where nothing could be stored. */
const againMs = 5000
/** A line of an entry; journald itself keeps fields up to some 100 kB whole. */
const maxLineLength = 8 << 20

/** Follows until the signal fires; a journalctl that ends is started again. */
export async function followJournal(parts: JournalParts, signal: AbortSignal): Promise<void> {
  const { clock, logger, settings } = parts
  while (!signal.aborted) {
    try {
      await readOn(parts, signal)
    } catch (error) {
      if (signal.aborted) return
      logger.warn(`the journal cannot be read on; ${settings.command} is started again`, { error })
    }
    // a rejection is the end, which the loop sees
    await clock.sleep(againMs, { signal }).catch(() => undefined)
  }
}

function argumentsOf({ units, directory, start }: JournaldSettings, { position }: Cursor): string[] {
  return [
    ...['--follow', '--output=json', '--all', '--no-pager'],
    ...(position === '' ? [start === 'end' ? '--lines=0' : '--no-tail'] : ['--no-tail', `--after-cursor=${position}`]),
    ...(directory === undefined ? [] : [`--directory=${directory}`]),
    ...units.map((unit) => `--unit=${unit}`),
  ]
}

async function readOn(parts: JournalParts, signal: AbortSignal): Promise<void> {
  const { settings, cursor } = parts
  const known = (await cursor.read()) ?? { position: '', pending: undefined }
  const child = spawn(settings.command, argumentsOf(settings, known), { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-1000)
  })
  const ended = new Promise<Error | undefined>((resolve) => {
    child.once('error', resolve)
    child.once('close', () => resolve(undefined))
  })
  const stop = new AbortController()
  const stopped = AbortSignal.any([signal, stop.signal])
  const kill = (): void => void child.kill('SIGTERM')
  stopped.addEventListener('abort', kill, { once: true })
  try {
    const batches = new JournalBatches(parts, known)
    const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })
    await batches.takeAll(lines[Symbol.asyncIterator](), stopped)
  } finally {
    stop.abort()
    const failure = await ended
    if (failure !== undefined)
      // biome-ignore lint/correctness/noUnsafeFinally: that the command is not there is what is to be told, not that its output ended
      throw new AppError('collect.unreachable', `${settings.command} does not run: ${failure.message}.`, {
        cause: failure,
        fix: 'Install systemd, or take journald out of tidewatch.yml.',
      })
  }
  if (!signal.aborted) throw new AppError('collect.unreachable', `${settings.command} ended. ${complaint.trim()}`)
}

interface GatheredEntry extends JournalEntry {
  /** Of its line, in characters. */
  readonly length: number
}

interface Gathered {
  readonly entries: GatheredEntry[]
  bytes: number
}

class JournalBatches {
  readonly #parts: JournalParts
  #cursor: Cursor
  #gathered: Gathered = { entries: [], bytes: 0 }

  constructor(parts: JournalParts, cursor: Cursor) {
    this.#parts = parts
    this.#cursor = cursor
  }

  /** Stores what comes, as soon as no more comes for a moment. */
  async takeAll(lines: AsyncIterator<string>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    let next = lines.next()
    for (;;) {
      const wait = new AbortController()
      const isWaiting = this.#gathered.entries.length > 0 && this.#cursor.pending === undefined
      const pause = isWaiting
        ? clock.sleep(gatherMs, { signal: wait.signal }).catch(() => undefined)
        : new Promise<undefined>(() => undefined)
      const result = await Promise.race([next, pause])
      wait.abort()
      if (result === undefined) {
        await this.#store(signal)
        continue
      }
      if (result.done === true) break
      this.#take(result.value)
      next = lines.next()
      if (this.#isFull()) await this.#store(signal)
    }
    if (this.#cursor.pending === undefined && !signal.aborted) await this.#store(signal)
  }

  #take(line: string): void {
    const entry = line.length > maxLineLength ? undefined : parseJournalLine(line)
    if (entry?.cursor === undefined) return
    this.#gathered.entries.push({ ...entry, length: line.length })
    this.#gathered.bytes += line.length
  }

  /** After a kill a batch ends where it ended before, however much there is. */
  #isFull(): boolean {
    const { entries, bytes } = this.#gathered
    const { pending } = this.#cursor
    if (pending !== undefined) return entries.at(-1)?.cursor === pending
    return entries.length >= maxEntries || bytes >= maxBytes
  }

  async #store(signal: AbortSignal): Promise<void> {
    const { entries, bytes } = this.#gathered
    const last = entries.at(-1)?.cursor
    if (last === undefined) return
    const { cursor, logs, settings, counts, clock } = this.#parts
    const { position } = this.#cursor
    if (this.#cursor.pending === undefined) await cursor.save({ position, pending: last })
    this.#cursor = { position, pending: last }
    for (;;) {
      using request = logs.begin({ project: settings.project, sender: 'journald' })
      await inSlices(adding(request, entries), { clock, signal })
      try {
        await request.store({ place: `journal-${hash('sha1', `${position} ${last}`, 'hex')}` })
        break
      } catch (error) {
        if (!(error instanceof AppError) || !error.retryable || signal.aborted) throw error
        await clock.sleep(againMs, { signal })
      }
    }
    counts.lines += entries.length
    counts.bytes += bytes
    this.#cursor = { position: last, pending: undefined }
    await cursor.save(this.#cursor)
    this.#gathered = { entries: [], bytes: 0 }
  }
}

function* adding(request: LogRequest, entries: readonly GatheredEntry[]): Generator<void> {
  const steps = new LineSteps()
  for (const { record, length } of entries) {
    request.add(logRecord(record))
    if (steps.endWith(length)) yield
  }
}
