// Follows the files of one source: finds them, reads on where it was, through every way in which files are rotated.
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Logger } from '../../self/port.ts'
import { DirectoryWatch } from './directory-watch.ts'
import { type FileCounts, FileReader } from './file-reader.ts'
import { type FoundFile, fileKey, fixedFolder, isExcluded, isWanted, matchingFiles } from './finding.ts'
import { FollowedFile } from './followed-file.ts'
import {
  beginningOf,
  gzipHead,
  isGzip,
  isRotation,
  leastFingerprint,
  openRest,
  type RotatedFile,
  rotatedFiles,
} from './rotated.ts'
import type { FileSource } from './source.ts'
import type { FilePosition, FilePositions } from './state.ts'

export interface TailerParts {
  readonly source: FileSource
  readonly positions: Pick<FilePositions, 'read' | 'save'>
  readonly clock: Clock
  readonly logger: Logger
  readonly counts: FileCounts
}

/** Between looks at known files, and for new ones where nothing tells of them. */
const lookMs = 250
const scanMs = 2000
/** Between scans at least, however many names come and go; so many times what one takes besides. */
const leastScanGapMs = 100
const scanGapFactor = 10
/** Between tries where lines could not be stored. */
const retryMs = 1000
/** Open at once. */
const maxFiles = 1000
/** A file of another name is read on for so long after its last line; the rest of one that is gone is looked for as long. */
const lingerMs = 10_000
/** What was written so long before a scan had been seen by then. */
const overlapMs = 600_000
/** Files that are remembered to be done. */
const maxKnown = 10_000

export class Tailer implements AsyncDisposable {
  readonly #parts: TailerParts
  readonly #watch: DirectoryWatch
  /** By device and inode. */
  readonly #followed = new Map<string, FollowedFile>()
  /** Known, not followed now: read before, perhaps to their end. */
  #known: FilePosition[] = []
  /** No file was known when we began, and none was looked for yet. */
  #isFirstStart = true
  /** Rotated files that were written to since (ms since 1970) and are not known came and went between two looks. */
  #missedSinceMs: number
  /** Rotated files that are none of ours, as they were when that was found. */
  #passed = new Set<string>()
  /** Rows whose files are gone: since when their rest is looked for, and when it was last, by the monotonic clock. */
  readonly #missing = new Map<string, { readonly sinceMs: number; triedMs: number }>()
  #scannedAtMs = Number.NEGATIVE_INFINITY
  #scanGapMs = leastScanGapMs
  #hasTooMany = false
  /** Names came or went since the last scan. */
  #isStirred = false
  #wake: (() => void) | undefined

  constructor(parts: TailerParts) {
    const { source, clock, logger } = parts
    this.#parts = parts
    this.#missedSinceMs = clock.nowMs()
    this.#watch = new DirectoryWatch({
      wants: (path) => isWanted(source, path),
      onStir: () => {
        this.#isStirred = true
        this.#wake?.()
      },
      logger,
    })
  }

  get openFiles(): number {
    return this.#followed.size
  }

  /** Bytes that are written and not read yet. */
  get waitingBytes(): number {
    return [...this.#followed.values()].reduce((sum, file) => sum + file.waitingBytes, 0)
  }

  /** Follows until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { source, logger } = this.#parts
    let isStarted = false
    while (!signal.aborted) {
      let pauseMs = lookMs
      try {
        if (!isStarted) await this.start()
        isStarted = true
        await this.look(signal)
      } catch (error) {
        if (signal.aborted) break
        logger.warn('files could not be read on; it is tried again', { source: source.key, error })
        pauseMs = retryMs
      }
      await this.#pause(pauseMs, signal)
    }
  }

  /** Learns what was read before. */
  async start(): Promise<void> {
    const { files, missedSinceMs } = await this.#parts.positions.read(this.#parts.source.key)
    this.#known = files
    this.#isFirstStart = files.length === 0
    this.#missedSinceMs = missedSinceMs ?? this.#parts.clock.nowMs()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]()
    for (const file of this.#followed.values()) await file[Symbol.asyncDispose]()
    this.#followed.clear()
  }

  /** One look at all files, after which everything whole that was there is stored. */
  async look(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    const nowMs = clock.monotonicMs()
    const sinceScanMs = nowMs - this.#scannedAtMs
    if (sinceScanMs >= scanMs || (this.#isStirred && sinceScanMs >= this.#scanGapMs)) {
      this.#isStirred = false
      await this.#scan(signal)
      this.#scannedAtMs = clock.monotonicMs()
      this.#scanGapMs = Math.max(leastScanGapMs, scanGapFactor * (this.#scannedAtMs - nowMs))
    }
    // what was written before others took its name comes before them
    const files = [...this.#followed].sort(([, a], [, b]) => Number(b.isGone) - Number(a.isGone))
    for (const [key, file] of files) {
      await file.readOn(signal)
      if (file.isEmptied) await this.#beginAgain(key, file, signal)
      else if (file.isGone && nowMs - file.changedAtMs >= lingerMs) await this.#end(key, file, signal)
      // a thousand quiet files hold nobody up
      await setImmediate()
    }
  }

  /** Until the time is over, or names came or went. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    const woken = new AbortController()
    const wake = (): void => woken.abort()
    signal.addEventListener('abort', wake, { once: true })
    this.#wake = wake
    if (this.#isStirred) wake()
    // a rejection is the end, or that there is something to do
    await clock.sleep(ms, { signal: woken.signal }).catch(() => undefined)
    this.#wake = undefined
    signal.removeEventListener('abort', wake)
    const restMs = this.#scannedAtMs + this.#scanGapMs - clock.monotonicMs()
    if (woken.signal.aborted && restMs > 0)
      await clock.sleep(Math.min(restMs, lookMs), { signal }).catch(() => undefined)
  }

  async #scan(signal: AbortSignal): Promise<void> {
    const { source, clock } = this.#parts
    const scanAtMs = clock.nowMs()
    await this.#followCaught(signal)
    const found = await matchingFiles(source)
    this.#watch.follow(new Set([...source.patterns.map(fixedFolder), ...found.map(({ path }) => dirname(path))]))
    const seen = new Set(found.map(fileKey))
    const unread = new Set(this.#known.filter(({ isDone }) => !isDone).map(fileKey))
    // those that were read before come first: what else begins as they do is a copy
    found.sort((a, b) => Number(unread.has(fileKey(b))) - Number(unread.has(fileKey(a))))
    for (const file of found) {
      const followed = this.#followed.get(fileKey(file))
      if (followed === undefined) await this.#follow(file, signal)
      else await followed.isAt(file.path)
    }
    for (const [key, file] of this.#followed) file.isGone = !seen.has(key)
    await this.#scanRotated(found, seen, signal)
    this.#isFirstStart = false
    this.#missedSinceMs = Math.max(this.#missedSinceMs, scanAtMs - overlapMs)
  }

  /** What we were told of when it came. */
  async #followCaught(signal: AbortSignal): Promise<void> {
    for (const caught of await this.#watch.take())
      if (this.#followed.has(fileKey(caught))) await caught.bytes[Symbol.asyncDispose]()
      else await this.#follow(caught, signal)
  }

  /** What is gone under its name, and what came and went without our seeing it. */
  async #scanRotated(found: readonly FoundFile[], seen: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const bases = new Set([...found, ...this.#known, ...this.#positions()].map(({ path }) => path))
    const rotated = await rotatedFiles(bases)
    // what has another name, or is compressed, by now may have been opened in time
    await this.#followCaught(signal)
    const passed = new Set<string>()
    for (const file of rotated.toReversed()) {
      const key = fileKey(file)
      const state = `${key} ${file.modifiedMs} ${file.size}`
      if (seen.has(key) || this.#followed.has(key)) continue
      if (this.#passed.has(state) || (await this.#isPassed(file, signal))) passed.add(state)
    }
    this.#passed = passed
    for (const row of this.#known) {
      const key = fileKey(row)
      if (!row.isDone && (!seen.has(key) || this.#followed.has(key))) await this.#readRest(row, rotated, signal)
    }
  }

  /** False where it was taken, or is to be looked at again. */
  async #isPassed(file: RotatedFile, signal: AbortSignal): Promise<boolean> {
    const { source } = this.#parts
    const isMissed = file.modifiedMs >= this.#missedSinceMs && file.size > 0 && !isExcluded(source, file.path)
    const isKnown = this.#known.some((row) => !row.isDone && fileKey(row) === fileKey(file))
    if (!isKnown && !isMissed) return true
    if (!isGzip(file))
      return (await this.#follow({ ...file, path: file.base, nowAt: file.path }, signal)) === 'nothing new'
    const head = isKnown ? undefined : await gzipHead(file)
    if (head === undefined) return false
    // what we hold is looked at after the copy: all that stands in that stands in it, or it was emptied
    for (const { row, isSought } of await this.#learned(file.path)) if (head.isOf(row, { isSought })) return !isSought
    const { fingerprint, fingerprintBytes } = head
    const row = { ...this.#position(file), path: file.base, fingerprint, fingerprintBytes }
    await this.#parts.positions.save(row)
    this.#known.push(row)
    return false
  }

  /** What was read and may be called so now, known by as much of it as there is, and whether its rest is looked for in copies. */
  async #learned(path: string): Promise<{ readonly row: FilePosition; readonly isSought: boolean }[]> {
    const isNear = (row: FilePosition): boolean => isRotation(path, row.path)
    const learned = this.#known.filter(isNear).map((row) => ({ row, isSought: !row.isDone }))
    for (const file of [...this.#followed.values()].filter(({ position }) => isNear(position)))
      learned.push({ isSought: !(await file.learnBeginning()), row: file.position })
    return learned
  }

  #positions(): FilePosition[] {
    return [...this.#followed.values()].map(({ position }) => position)
  }

  async #follow(found: FoundFile, signal: AbortSignal): Promise<'followed' | 'nothing new' | 'not now'> {
    const { source, clock, logger } = this.#parts
    const { path, device, inode, modifiedMs, bytes, nowAt } = found
    const rows = this.#known.filter((row) => row.device === device && row.inode === inode)
    const isOld = source.ignoreOlderMs !== undefined && clock.nowMs() - modifiedMs > source.ignoreOlderMs
    const hasTooMany = this.#followed.size >= maxFiles
    if (hasTooMany && !this.#hasTooMany) {
      logger.warn(`more than ${maxFiles} files match; the rest is not followed`, { source: source.key, path })
      this.#hasTooMany = true
    }
    const origin = hasTooMany || (rows.length === 0 && isOld) ? undefined : await source.describe(path)
    if (origin === undefined) {
      await bytes?.[Symbol.asyncDispose]()
      return hasTooMany ? 'not now' : 'nothing new'
    }
    const parts = { ...this.#parts, device, inode, origin }
    const file = await FollowedFile.open(nowAt ?? path, parts, bytes).catch(() => undefined)
    if (file === undefined) return 'not now' // gone again, or not ours to read: the next scan sees
    const known = await this.#knownContent(file, rows)
    // an inode that another file had before
    for (const row of rows) if (!row.isDone && row !== known) await this.#readRest(row, undefined, signal)
    if (known === 'ended') {
      await file[Symbol.asyncDispose]()
      return 'nothing new'
    }
    file.path = path
    file.isGone = nowAt !== undefined
    await file.begin(known === undefined ? await this.#newPosition(file) : await this.#continued(known, file))
    this.#known = this.#known.filter((row) => row.id !== file.position.id)
    this.#followed.set(fileKey(file), file)
    return 'followed'
  }

  /** What was read of this content before, under this name or another: a copy that a rotation made is no new file. */
  async #knownContent(file: FollowedFile, rows: readonly FilePosition[]): Promise<FilePosition | 'ended' | undefined> {
    const size = await file.size()
    for (const row of rows) {
      if (!(await file.holds(row))) continue
      if (!row.isDone || size > row.position) return row
      return 'ended'
    }
    for (const { row, isSought } of await this.#learned(file.path)) {
      const isCopy = file.path !== row.path
      const isWhole = row.fingerprintBytes === size
      const least = isCopy && (isSought || isWhole) ? 1 : leastFingerprint
      if (row.fingerprintBytes < least) continue
      // a copy is perhaps still being made
      if (!(isCopy ? await file.beginsAs(row) : await file.holds(row))) continue
      // the same under its own name is read on; else it is read where it stands, or its rest is looked for when that is gone
      return file.path === row.path && this.#known.includes(row) && size > row.position ? row : 'ended'
    }
    return undefined
  }

  async #newPosition(file: FollowedFile): Promise<FilePosition> {
    const { source } = this.#parts
    const former = source.formerPosition?.(file)
    const size = await file.size()
    const position =
      former !== undefined && former <= size ? former : this.#isFirstStart && source.start === 'end' ? size : 0
    return { ...this.#position(file), position }
  }

  #position({ path, device, inode }: Pick<FoundFile, 'path' | 'device' | 'inode'>): FilePosition {
    return {
      ...{ id: randomUUID(), source: this.#parts.source.key, path, device, inode, fingerprint: '' },
      ...{ fingerprintBytes: 0, position: 0, pendingEnd: undefined, isWithinLine: false, isDone: false },
    }
  }

  /** The row for this file: its own, or one that goes on where that of another inode ended. */
  async #continued(row: FilePosition, { device, inode }: FollowedFile): Promise<FilePosition> {
    if (row.device === device && row.inode === inode) {
      row.isDone = false
      return row
    }
    // a batch that was begun has the name of the row that began it
    const next = { ...row, device, inode, isDone: false, ...(row.pendingEnd === undefined ? { id: randomUUID() } : {}) }
    if (next.id !== row.id) await this.#done(row)
    return next
  }

  /** The file was emptied and is written anew: what it held stands in a copy, or is lost to everybody. */
  async #beginAgain(key: string, file: FollowedFile, signal: AbortSignal): Promise<void> {
    const { path, device, inode, position } = file
    this.#followed.delete(key)
    await file[Symbol.asyncDispose]()
    this.#known.push(position)
    await this.#readRest(position, undefined, signal)
    await this.#follow({ path, device, inode, modifiedMs: this.#parts.clock.nowMs() }, signal)
  }

  async #end(key: string, file: FollowedFile, signal: AbortSignal): Promise<void> {
    await file.readOn(signal, { isEnd: true })
    this.#followed.delete(key)
    await this.#done(file.position)
    await file[Symbol.asyncDispose]()
  }

  /** Of a file that is not at hand any more. Where it is not found it is looked for again, for a while. */
  async #readRest(row: FilePosition, known: readonly RotatedFile[] | undefined, signal: AbortSignal): Promise<void> {
    const { source, logger, clock } = this.#parts
    const nowMs = clock.monotonicMs()
    const missing = this.#missing.get(row.id)
    if (missing !== undefined && nowMs - missing.triedMs < scanMs) return
    const rest = await openRest(row, known ?? (await rotatedFiles(new Set([row.path]))))
    if (rest !== undefined) {
      await using bytes = rest.bytes
      const origin = (await source.describe(row.path)) ?? { service: '', resource: new Map() }
      const reader = new FileReader(row, { ...this.#parts, origin })
      try {
        while (await reader.step(bytes, { signal, isEnd: true, isWhole: true }));
        // what was short is known by all of it from now on
        Object.assign(row, await beginningOf(rest.at))
        await this.#done(row)
        // the copy is known by its inode too
        const { device, inode } = rest.at
        if (!isGzip(rest.at) && inode !== row.inode) await this.#done({ ...row, id: randomUUID(), device, inode })
        return
      } catch (error) {
        // it is still being compressed
        if (!isGzip(rest.at) || !String((error as NodeJS.ErrnoException).code).startsWith('Z_')) throw error
      }
    }
    this.#missing.set(row.id, { sinceMs: missing?.sinceMs ?? nowMs, triedMs: nowMs })
    if (missing === undefined || nowMs - missing.sinceMs < lingerMs) return
    if (row.pendingEnd !== undefined)
      logger.warn('a file went away before all of it was read', { path: row.path, position: row.position })
    await this.#done(row)
  }

  async #done(row: FilePosition): Promise<void> {
    row.isDone = true
    row.pendingEnd = undefined
    this.#missing.delete(row.id)
    await this.#parts.positions.save(row)
    this.#known = [...this.#known.filter(({ id }) => id !== row.id), row].slice(-maxKnown)
  }
}
