import { AppError } from '@tidewatch/core/error.ts'
import type { SpoolDisk } from './disk.ts'

const gigabyte = 1024 ** 3
/** What stays free on the disk for the store's merges, the state and the rest of the machine, whichever is smaller. */
const reserveOfDisk = 0.05

/** Whether there is room for more: in the spool's own bound, on the disk, and in what waits to be written. */
export class Room {
  readonly #dir: string
  readonly #disk: SpoolDisk
  readonly #maxBytes: number
  readonly #maxWaitingBytes: number
  readonly #reserveBytes: number | undefined
  #usedBytes = 0
  #waitingBytes = 0
  #freeBytes = Number.POSITIVE_INFINITY
  #neededBytes = 0
  #failure: AppError | undefined

  constructor(options: {
    readonly dir: string
    readonly disk: SpoolDisk
    readonly maxBytes: number
    readonly maxWaitingBytes: number
    readonly reserveBytes: number | undefined
  }) {
    this.#dir = options.dir
    this.#disk = options.disk
    this.#maxBytes = options.maxBytes
    this.#maxWaitingBytes = options.maxWaitingBytes
    this.#reserveBytes = options.reserveBytes
  }

  /** Bytes of all segments on the disk. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Asks the disk again; also lets writing be tried again after a failure. */
  async refresh(): Promise<void> {
    const { freeBytes, totalBytes } = await this.#disk.space(this.#dir)
    this.#freeBytes = freeBytes
    this.#neededBytes = this.#reserveBytes ?? Math.min(gigabyte, totalBytes * reserveOfDisk)
    this.#failure = undefined
  }

  /** Why nothing can be taken in now, if so. */
  refusal(): AppError | undefined {
    if (this.#failure !== undefined) return this.#failure
    if (this.#usedBytes >= this.#maxBytes) {
      return new AppError(
        'spool.full',
        `What waits for the store has reached its bound of ${megabytes(this.#maxBytes)}: the store is down or slower than what comes in`,
        {
          fix: "Look at the store's state on the page or in the log; senders repeat what was refused",
          retryAfterSeconds: 5,
        },
      )
    }
    if (this.#freeBytes < this.#neededBytes) {
      return new AppError(
        'spool.disk_full',
        `${this.#dir}: ${megabytes(this.#freeBytes)} are free on the disk, below the reserve of ${megabytes(this.#neededBytes)}`,
        { fix: 'Free space, shorten --retention, or move --data-dir to a larger disk', retryAfterSeconds: 30 },
      )
    }
    if (this.#waitingBytes >= this.#maxWaitingBytes) {
      return new AppError(
        'spool.full',
        `The disk does not keep up: ${megabytes(this.#waitingBytes)} wait to be written`,
        {
          fix: 'Send slower, or put --data-dir on a faster disk',
          retryAfterSeconds: 1,
        },
      )
    }
    return undefined
  }

  /** A write has just failed: nothing is taken until the disk was asked again. */
  failed(failure: AppError): void {
    this.#failure = failure
  }

  waiting(bytes: number): void {
    this.#waitingBytes += bytes
  }

  /** Bytes were written (or, negative, removed). */
  used(bytes: number): void {
    this.#usedBytes += bytes
    this.#freeBytes -= bytes
  }
}

const megabytes = (bytes: number): string => `${Math.max(0, Math.round(bytes / 2 ** 20))} MB`

/** What a failing write means for who sent the data. */
export function writeFailure(error: unknown, path: string): AppError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('spool.disk_full', `${path}: the disk is full`, {
      fix: 'Free space, shorten --retention, or move --data-dir to a larger disk',
      retryAfterSeconds: 30,
      cause: error,
    })
  }
  const why = error instanceof Error ? error.message : String(error)
  return new AppError('spool.write_failed', `${path} cannot be written: ${why}`, {
    fix:
      code === 'EROFS'
        ? 'The file system has become read-only: look at the kernel log for the reason, then mount it writable'
        : 'Look at the health of the disk below --data-dir',
    retryAfterSeconds: 5,
    cause: error,
  })
}
