// Appends frames to the open segment, many callers' frames in one write. Called once a request; bench: bench/src/spool.ts.
import { randomBytes } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Body } from './bodies.ts'
import type { SpoolDisk, SpoolFile } from './disk.ts'
import { type EncodedFrame, encodeSegmentHeader, segmentHeaderBytes } from './frame.ts'
import { type Room, writeFailure } from './room.ts'
import type { ClosedSegment, Segments } from './segments.ts'

/** Buffers of one write: the system takes 1,024 at once. */
const maxBuffers = 1000
const maxWriteBytes = 8 * 1024 * 1024

interface Waiting {
  readonly frame: EncodedFrame
  readonly tables: readonly string[]
  readonly body: Body | undefined
  resolve(): void
  reject(error: AppError): void
}

interface OpenSegment {
  readonly number: number
  readonly uid: string
  readonly path: string
  readonly file: SpoolFile
  readonly begunMs: number
  readonly bodies: Body[]
  bytes: number
  /** Written since the last sync. */
  dirty: boolean
  /** A write failed and could not be rolled back yet: bytes that nobody was told of may follow the last whole frame. */
  torn: boolean
}

export interface SegmentWriterOptions {
  readonly dir: string
  readonly disk: SpoolDisk
  readonly clock: Clock
  readonly room: Room
  readonly segments: Segments
  readonly syncEach: boolean
  readonly segmentBytes: number
  readonly segmentAgeMs: number
  /** Numbers of former segments are below or equal. */
  readonly highest: number
  /** Before a frame is acknowledged: the open segment holds rows of these tables. */
  readonly onWritten: (segment: number, tables: readonly string[]) => void
  readonly onClosed: () => void
  readonly onTrouble: (message: string, error: unknown) => void
}

export class SegmentWriter {
  readonly #options: SegmentWriterOptions
  readonly #waiting: Waiting[] = []
  /** Closed files whose last sync is under way. */
  readonly #retiring = new Set<Promise<void>>()
  #open: OpenSegment | undefined
  #last: number
  #closeWanted = false
  #running: Promise<void> | undefined
  #syncing: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: SegmentWriterOptions) {
    this.#options = options
    this.#last = options.highest
  }

  /** Number and bytes of the segment being written. */
  get open(): { readonly number: number; readonly bytes: number } | undefined {
    return this.#open
  }

  /** Resolves when the frame is written (and synced, where each is). */
  append(frame: EncodedFrame, tables: readonly string[], body: Body | undefined): Promise<void> {
    if (this.#stopped) return Promise.reject(new AppError('internal.stopping', 'Tidewatch is stopping'))
    this.#options.room.waiting(frame.bytes)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frame, tables, body, resolve, reject })
      this.#run()
    })
  }

  /** Closes the open segment, if it is this one, before anything more is written to it. */
  close(number: number): void {
    if (this.#open?.number !== number) return
    this.#closeWanted = true
    this.#run()
  }

  /** Once a second: closes a segment that is old enough, and gives what was written to the disk. */
  async tick(): Promise<void> {
    const open = this.#open
    if (open === undefined) return
    const age = this.#options.clock.monotonicMs() - open.begunMs
    if (open.bytes > segmentHeaderBytes && age >= this.#options.segmentAgeMs) this.#closeWanted = true
    if (this.#closeWanted) this.#run()
    else await this.#sync(open)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.#running
    if (this.#open !== undefined) await this.#close(this.#open)
    await Promise.all(this.#retiring)
  }

  #run(): void {
    this.#running ??= this.#work().finally(() => {
      this.#running = undefined
      // what came between the last look and this moment
      if (this.#waiting.length > 0 || this.#closeWanted) this.#run()
    })
  }

  async #work(): Promise<void> {
    for (;;) {
      const open = this.#open
      if (open !== undefined && (this.#closeWanted || open.bytes >= this.#options.segmentBytes)) await this.#close(open)
      const batch = this.#take()
      if (batch.length === 0) return
      await this.#write(batch)
    }
  }

  #take(): Waiting[] {
    let bytes = 0
    let buffers = 0
    let count = 0
    for (const { frame } of this.#waiting) {
      bytes += frame.bytes
      buffers += frame.parts.length + 1
      if (count > 0 && (bytes > maxWriteBytes || buffers > maxBuffers)) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const { room } = this.#options
    const bytes = batch.reduce((sum, { frame }) => sum + frame.bytes, 0)
    room.waiting(-bytes)
    // asked again here: what was let in at the same moment may together be too much
    const refusal = room.refusal()
    if (refusal !== undefined) {
      for (const { reject } of batch) reject(refusal)
      return
    }
    try {
      this.#open ??= await this.#begin()
      const open = this.#open
      await this.#writeTo(open, batch, bytes)
      for (const { tables, body, resolve } of batch) {
        if (body !== undefined) open.bodies.push(body)
        this.#options.onWritten(open.number, tables)
        resolve()
      }
    } catch (error) {
      const failure = writeFailure(error, this.#open?.path ?? this.#options.dir)
      room.failed(failure)
      this.#options.onTrouble('the spool cannot write', error)
      for (const { reject } of batch) reject(failure)
    }
  }

  async #writeTo(open: OpenSegment, batch: readonly Waiting[], bytes: number): Promise<void> {
    try {
      if (open.torn) await this.#rollBack(open)
      const buffers: Uint8Array[] = []
      for (const { frame } of batch) buffers.push(frame.head, ...frame.parts)
      await open.file.write(buffers, open.bytes)
      if (this.#options.syncEach) await open.file.sync()
    } catch (error) {
      open.torn = true
      await this.#rollBack(open).catch((cause: unknown) => this.#options.onTrouble('the spool cannot roll back', cause))
      throw error
    }
    open.dirty = !this.#options.syncEach
    open.bytes += bytes
    this.#options.room.used(bytes)
  }

  async #rollBack(open: OpenSegment): Promise<void> {
    await open.file.truncate(open.bytes)
    open.torn = false
  }

  async #begin(): Promise<OpenSegment> {
    const { clock, disk, segments, room } = this.#options
    // about the time, so that numbers rise even where everything that remembers them is gone
    const number = Math.max(this.#last + 1, Math.floor(clock.nowMs()))
    const uid = randomBytes(8).toString('hex')
    const path = segments.path(number, uid, 'open')
    const file = await disk.create(path)
    try {
      await file.write([encodeSegmentHeader(uid)], 0)
      if (this.#options.syncEach) await disk.syncDirectory(this.#options.dir)
    } catch (error) {
      await file.close()
      await disk.remove(path)
      throw error
    }
    this.#last = number
    room.used(segmentHeaderBytes)
    const begunMs = clock.monotonicMs()
    return { number, uid, path, file, begunMs, bodies: [], bytes: segmentHeaderBytes, dirty: true, torn: false }
  }

  /** On failure the segment stays open and is tried again at the next tick. */
  async #close(open: OpenSegment): Promise<void> {
    const { disk, segments } = this.#options
    try {
      if (open.torn) await this.#rollBack(open)
      await disk.rename(open.path, segments.path(open.number, open.uid, 'seg'))
    } catch (error) {
      this.#options.onTrouble('the spool cannot close a segment', error)
      return
    } finally {
      this.#closeWanted = false
    }
    this.#open = undefined
    const { number, uid, bytes, bodies } = open
    const closed: ClosedSegment = { number, uid, bytes, bodies }
    segments.add(closed)
    this.#retire(open)
    this.#options.onClosed()
  }

  /** The last sync of a closed file holds up nobody: who reads it may begin. */
  #retire(open: OpenSegment): void {
    const done = this.#sync(open)
      .then(() => open.file.close())
      .catch((error: unknown) => this.#options.onTrouble('the spool cannot close a file', error))
      .finally(() => this.#retiring.delete(done))
    this.#retiring.add(done)
  }

  /** One sync at a time; a failure leaves the segment dirty and is told, since acknowledged data is then at the mercy of a power cut. */
  #sync(open: OpenSegment): Promise<void> {
    this.#syncing = this.#syncing.then(async () => {
      if (!open.dirty) return
      open.dirty = false
      try {
        await open.file.sync()
        await this.#options.disk.syncDirectory(this.#options.dir)
      } catch (error) {
        open.dirty = true
        this.#options.onTrouble('the spool cannot sync', error)
      }
    })
    return this.#syncing
  }
}
