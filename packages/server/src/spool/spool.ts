import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Durability } from '../config/port.ts'
import { RecentBodies } from './bodies.ts'
import { Changes } from './changes.ts'
import { nodeDisk, type SpoolDisk } from './disk.ts'
import { encodeFrame } from './frame.ts'
import type { SpoolFlusher, SpoolReader, SpoolSection, SpoolStatus, SpoolWriter } from './port.ts'
import { CursorReader } from './reader.ts'
import { RefusedParts } from './refused.ts'
import { Room } from './room.ts'
import { Segments } from './segments.ts'
import { SegmentWriter } from './writer.ts'

export interface SpoolOptions {
  /** Made if missing; belongs to one process alone. */
  readonly dir: string
  readonly clock: Clock
  readonly durability: Durability
  /** Those who always read it: a segment stays until each has confirmed it. `flush` waits for the first. Others come by `attach`. */
  readonly readers: readonly [string, ...string[]]
  /** Told of what a person should know: damage found, writes that failed. */
  readonly log: (level: 'warn' | 'error', message: string, detail: Readonly<Record<string, unknown>>) => void
  /** Bound of all segments together; default 8 GB. */
  readonly maxBytes?: number
  /** What stays free on the disk; default 1 GB or 5 % of it, whichever is smaller. */
  readonly reserveBytes?: number
  /** A segment is closed at this size (default 16 MB) and age (default 10 s). */
  readonly segmentBytes?: number
  readonly segmentAgeMs?: number
  /** Bound of one request once decoded; default 64 MB. */
  readonly maxFrameBytes?: number
  /** Bound of what waits to be written; default 64 MB beyond the request that reaches it. */
  readonly maxWaitingBytes?: number
  /** Bodies remembered at most; default 200,000 (about 20 MB). */
  readonly maxBodies?: number
  readonly disk?: SpoolDisk
}

/** Where acknowledged data waits, safe from a kill, until every reader has it. */
export interface Spool extends SpoolWriter, SpoolFlusher, AsyncDisposable {
  /** One of the readers there are. */
  reader(name: string): SpoolReader
  /**
   * A reader beside those of the options: a new one begins with what is written from now on (and what the open segment holds already), a known one
   * goes on where it was. It keeps its segments over restarts until it is detached.
   */
  attach(name: string): Promise<SpoolReader>
  /** The reader is no more; nothing is kept for it. */
  detach(name: string): Promise<void>
  /** Names of the readers that were attached, by this process or a former one. */
  readonly attached: readonly string[]
  status(): SpoolStatus
}

interface SpoolDirs {
  readonly segments: string
  readonly readers: string
  readonly refused: string
}

const megabyte = 1024 ** 2
const tickMs = 1000
const maxHashBytes = 255

/** Opens the directory, cutting what a kill left half written, and begins to take frames. */
export async function createSpool(options: SpoolOptions): Promise<Spool> {
  const disk = options.disk ?? nodeDisk
  const dirs = {
    segments: join(options.dir, 'segments'),
    readers: join(options.dir, 'readers'),
    refused: join(options.dir, 'refused'),
  }
  for (const dir of Object.values(dirs)) await mkdir(dir, { recursive: true, mode: 0o700 })
  const spool = new DirectorySpool(options, disk, dirs)
  await spool.open()
  return spool
}

class DirectorySpool implements Spool {
  readonly #options: SpoolOptions
  readonly #disk: SpoolDisk
  readonly #dirs: SpoolDirs
  readonly #room: Room
  readonly #bodies: RecentBodies
  readonly #segments: Segments
  readonly #refused: RefusedParts
  readonly #changes = new Changes()
  readonly #readers = new Map<string, CursorReader>()
  /** The newest segment with acknowledged rows of a table. */
  readonly #newest = new Map<string, number>()
  readonly #stopping = new AbortController()
  /** Segments of a former process: what tables they hold is not known, so all. */
  #recoveredThrough = 0
  #cutBytes = 0
  #writer: SegmentWriter | undefined
  #ticking: Promise<void> = Promise.resolve()
  #removing: Promise<void> = Promise.resolve()

  constructor(options: SpoolOptions, disk: SpoolDisk, dirs: SpoolDirs) {
    this.#options = options
    this.#disk = disk
    this.#dirs = dirs
    this.#room = new Room({
      dir: options.dir,
      disk,
      maxBytes: options.maxBytes ?? 8192 * megabyte,
      maxWaitingBytes: options.maxWaitingBytes ?? 64 * megabyte,
      reserveBytes: options.reserveBytes,
    })
    this.#bodies = new RecentBodies(options.maxBodies ?? 200_000)
    this.#segments = new Segments({
      dir: dirs.segments,
      disk,
      onDamage: ({ path, cutBytes }) => {
        this.#cutBytes += cutBytes
        options.log('warn', 'cut the damaged end of a spool segment', { path, cutBytes })
      },
    })
    this.#refused = new RefusedParts({
      dir: dirs.refused,
      disk,
      clock: options.clock,
      maxBytes: 256 * megabyte,
      maxParts: 1000,
    })
  }

  async open(): Promise<void> {
    const { clock, readers } = this.#options
    const recovered = await this.#segments.recover(clock.nowMs())
    for (const body of recovered.bodies) this.#bodies.add(body)
    this.#room.used(recovered.bytes)
    // those that a former process attached keep what is theirs until somebody says otherwise
    const kept = (await this.#disk.list(this.#dirs.readers)).flatMap(
      ({ name }) => /^([a-z0-9-]+)\.json$/.exec(name)?.[1] ?? [],
    )
    for (const name of new Set([...readers, ...kept])) this.#readers.set(name, await this.#openReader(name))
    const confirmed = [...this.#readers.values()].map((reader) => reader.confirmed)
    this.#recoveredThrough = this.#segments.newest?.number ?? 0
    await this.#removeConfirmed()
    await this.#room.refresh()
    this.#writer = this.#createWriter(Math.max(recovered.highest, ...confirmed))
    this.#ticking = this.#tickUntilStopped()
  }

  #openReader(name: string): Promise<CursorReader> {
    return CursorReader.open({
      name,
      dir: this.#dirs.readers,
      disk: this.#disk,
      clock: this.#options.clock,
      segments: this.#segments,
      changes: this.#changes,
      onConfirmed: () => this.#removeConfirmed(),
      heldBytes: () => this.#heldBytes(name),
      setAside: (part) => this.#refused.add(part),
    })
  }

  #createWriter(highest: number): SegmentWriter {
    const { clock, durability, log } = this.#options
    return new SegmentWriter({
      dir: this.#dirs.segments,
      disk: this.#disk,
      clock,
      room: this.#room,
      segments: this.#segments,
      syncEach: durability === 'fsync',
      segmentBytes: this.#options.segmentBytes ?? 16 * megabyte,
      segmentAgeMs: this.#options.segmentAgeMs ?? 10_000,
      highest,
      onWritten: (segment, tables) => {
        for (const table of tables) this.#newest.set(table, segment)
      },
      onClosed: () => this.#changes.notify(),
      onTrouble: (message, error) => log('error', message, { error: AppError.from(error).message }),
    })
  }

  reader(name: string): SpoolReader {
    return this.#reader(name)
  }

  async attach(name: string): Promise<SpoolReader> {
    const known = this.#readers.get(name)
    if (known !== undefined) return known
    const reader = await this.#openReader(name)
    // in this order: nothing that is closed meanwhile may go before it was read
    this.#readers.set(name, reader)
    await reader.confirm(this.#segments.newest?.number ?? 0)
    await reader.keep()
    return reader
  }

  async detach(name: string): Promise<void> {
    if (this.#options.readers.includes(name) || !this.#readers.delete(name)) return
    await this.#disk.remove(join(this.#dirs.readers, `${name}.json`))
    await this.#removeConfirmed()
  }

  get attached(): readonly string[] {
    return [...this.#readers.keys()].filter((name) => !this.#options.readers.includes(name))
  }

  #heldBytes(name: string): number {
    const confirmed = this.#readers.get(name)?.confirmed ?? 0
    const others = [...this.#readers].filter(([other]) => other !== name).map(([, reader]) => reader.confirmed)
    return this.#segments.bytesBetween(confirmed, Math.min(...others))
  }

  checkRoom(): void {
    const refusal = this.#room.refusal()
    if (refusal !== undefined) throw refusal
  }

  async append(
    sections: readonly SpoolSection[],
    { bodyHash }: { readonly bodyHash?: string } = {},
  ): Promise<{ readonly duplicate: boolean }> {
    if (bodyHash === undefined) {
      await this.#write(sections, undefined)
      return { duplicate: false }
    }
    if (bodyHash === '' || Buffer.byteLength(bodyHash) > maxHashBytes || bodyHash.includes('\n')) {
      throw new AppError('internal.bug', `A body hash is 1 to ${maxHashBytes} bytes on one line`)
    }
    const duplicate = await this.#bodies.once(bodyHash, this.#options.clock.nowMs(), () =>
      this.#write(sections, bodyHash),
    )
    return { duplicate }
  }

  async #write(sections: readonly SpoolSection[], bodyHash: string | undefined): Promise<void> {
    this.checkRoom()
    const atMs = this.#options.clock.nowMs()
    const maxBytes = this.#options.maxFrameBytes ?? 64 * megabyte
    const frame = encodeFrame(sections, atMs, { bodyHash, maxBytes })
    const tables = sections.map((section) => section.table)
    await this.#opened().append(frame, tables, bodyHash === undefined ? undefined : { hash: bodyHash, atMs })
  }

  async flush(tables: readonly string[], { signal }: { readonly signal: AbortSignal }): Promise<void> {
    const reader = this.#reader(this.#options.readers[0])
    let target = this.#recoveredThrough
    for (const table of tables) target = Math.max(target, this.#newest.get(table) ?? 0)
    if (target <= reader.confirmed) return
    // before the segment is closed: a page that asks again and again must not cut the spool into crumbs while the store is down
    reader.checkPatience()
    this.#opened().close(target)
    await reader.reached(target, signal)
  }

  status(): SpoolStatus {
    const open = this.#opened().open
    return {
      segments: this.#segments.count + (open === undefined ? 0 : 1),
      bytes: this.#room.usedBytes,
      oldestAtMs: this.#segments.oldest?.number ?? open?.number,
      setAside: this.#refused.count,
      cutBytes: this.#cutBytes,
      full: this.#room.refusal() !== undefined,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new AppError('internal.stopping', 'The spool is closed'))
    await this.#ticking
    await this.#writer?.[Symbol.asyncDispose]()
    await this.#removing
  }

  #opened(): SegmentWriter {
    if (this.#writer === undefined) throw new AppError('internal.bug', 'The spool is used before it is open')
    return this.#writer
  }

  #reader(name: string): CursorReader {
    const reader = this.#readers.get(name)
    if (reader === undefined)
      throw new AppError('internal.bug', `The spool was created without a reader called ${name}`)
    return reader
  }

  /** One at a time; what fails is tried again at the next confirmation or tick. */
  #removeConfirmed(): Promise<void> {
    this.#removing = this.#removing.then(async () => {
      const through = Math.min(...[...this.#readers.values()].map((reader) => reader.confirmed))
      try {
        this.#room.used(-(await this.#segments.removeThrough(through, this.#options.clock.nowMs())))
      } catch (error) {
        this.#options.log('error', 'cannot remove a spool segment', { error: AppError.from(error).message })
      }
    })
    return this.#removing
  }

  async #tickUntilStopped(): Promise<void> {
    const { clock, log } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        await clock.sleep(tickMs, { signal })
        await this.#opened().tick()
        await this.#room.refresh()
        await this.#removeConfirmed()
        await this.#segments.expireBodies(clock.nowMs())
      } catch (error) {
        if (!signal.aborted)
          log('error', 'the spool cannot look after its directory', { error: AppError.from(error).message })
      }
    }
  }
}
