import { join } from 'node:path'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Changes } from './changes.ts'
import type { SpoolDisk } from './disk.ts'
import type { SetAsidePart, SpoolReader, SpoolSegment } from './port.ts'
import type { Segments } from './segments.ts'

interface Cursor {
  /** The newest segment that is done with; 0: none. */
  readonly confirmed: number
  readonly progress?: { readonly segment: number; readonly text: string }
}

/** How long a reader may be in trouble before `flush` stops waiting for it: an engine that restarts takes about a second. */
const patienceMs = 5000

export interface CursorReaderOptions {
  readonly name: string
  readonly dir: string
  readonly disk: SpoolDisk
  readonly clock: Clock
  readonly segments: Segments
  readonly changes: Changes
  /** After a segment was confirmed: it may be removable now. */
  readonly onConfirmed: () => Promise<void>
  /** Bytes of closed segments that only this reader has not confirmed. */
  readonly heldBytes: () => number
  readonly setAside: (part: SetAsidePart) => Promise<void>
}

/** A reader whose place is kept in a file of its own. */
export class CursorReader implements SpoolReader {
  readonly name: string
  readonly #options: CursorReaderOptions
  #cursor: Cursor
  #trouble: { readonly reason: string; readonly sinceMs: number } | undefined

  private constructor(options: CursorReaderOptions, cursor: Cursor) {
    this.name = options.name
    this.#options = options
    this.#cursor = cursor
  }

  static async open(options: CursorReaderOptions): Promise<CursorReader> {
    const found = (await options.disk.list(options.dir)).some(({ name }) => name === `${options.name}.json`)
    const text = found ? (await options.disk.read(cursorPath(options))).toString('utf8') : ''
    return new CursorReader(options, parseCursor(text))
  }

  get confirmed(): number {
    return this.#cursor.confirmed
  }

  async next({ signal }: { readonly signal: AbortSignal }): Promise<SpoolSegment> {
    const { segments, changes } = this.#options
    for (;;) {
      signal.throwIfAborted()
      const segment = segments.after(this.#cursor.confirmed)
      if (segment !== undefined) {
        return { number: segment.number, uid: segment.uid, frames: () => segments.frames(segment) }
      }
      await changes.wait(signal)
    }
  }

  progress(segment: number): string | undefined {
    const { progress } = this.#cursor
    return progress?.segment === segment ? progress.text : undefined
  }

  async saveProgress(segment: number, text: string): Promise<void> {
    await this.#save({ confirmed: this.#cursor.confirmed, progress: { segment, text } })
  }

  async confirm(segment: number): Promise<void> {
    if (segment <= this.#cursor.confirmed) return
    await this.#save({ confirmed: segment })
    this.#options.changes.notify()
    await this.#options.onConfirmed()
  }

  /** Writes its place down before anything was confirmed: from then on segments are kept for it, over restarts too. */
  async keep(): Promise<void> {
    await this.#save(this.#cursor)
  }

  heldBytes(): number {
    return this.#options.heldBytes()
  }

  reportTrouble(reason: string | undefined): void {
    const sinceMs = this.#trouble?.sinceMs ?? this.#options.clock.monotonicMs()
    this.#trouble = reason === undefined ? undefined : { reason, sinceMs }
    if (reason !== undefined) this.#options.changes.notify()
  }

  setAside(part: SetAsidePart): Promise<void> {
    return this.#options.setAside(part)
  }

  /** Resolves when everything up to this segment is confirmed. */
  async reached(segment: number, signal: AbortSignal): Promise<void> {
    while (this.#cursor.confirmed < segment) {
      this.checkPatience()
      await this.#options.changes.wait(signal)
    }
  }

  /** Throws where the reader has been in trouble for seconds: waiting for it has no end that anybody knows. */
  checkPatience(): void {
    const trouble = this.#trouble
    if (trouble === undefined || this.#options.clock.monotonicMs() - trouble.sinceMs < patienceMs) return
    throw new AppError('store.unavailable', `The newest data is not in the store yet: ${trouble.reason}`, {
      fix: 'Nothing is lost; try again when the store is back',
      retryAfterSeconds: 5,
    })
  }

  async #save(cursor: Cursor): Promise<void> {
    await this.#options.disk.replace(cursorPath(this.#options), JSON.stringify(cursor))
    this.#cursor = cursor
  }
}

const cursorPath = ({ dir, name }: CursorReaderOptions): string => join(dir, `${name}.json`)

/**
 * What a power cut left unreadable counts as none: segments that are still there are read again, and what they hold is known to the
 * store by its tokens.
 */
function parseCursor(text: string): Cursor {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null || !('confirmed' in parsed)) return { confirmed: 0 }
    const { confirmed } = parsed
    if (typeof confirmed !== 'number' || !Number.isSafeInteger(confirmed)) return { confirmed: 0 }
    const progress = 'progress' in parsed ? parsed.progress : undefined
    if (typeof progress !== 'object' || progress === null) return { confirmed }
    const { segment, text: kept } = progress as { segment?: unknown; text?: unknown }
    return typeof segment === 'number' && typeof kept === 'string'
      ? { confirmed, progress: { segment, text: kept } }
      : { confirmed }
  } catch {
    // not JSON: a file torn by a power cut
    return { confirmed: 0 }
  }
}
