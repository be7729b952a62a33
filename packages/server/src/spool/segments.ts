// The directory of segments: `<number>-<uid>.open` is being written, `.seg` is closed, `.bodies` keeps the body hashes of one that is gone.
import { join } from 'node:path'
import { type Body, bodyWindowMs, parseBodies, printBodies } from './bodies.ts'
import type { SpoolDisk } from './disk.ts'
import { decodeSegmentHeader, scanFrames, segmentHeaderBytes } from './frame.ts'
import type { SpoolFrame } from './port.ts'

const fileName = /^(\d{1,16})-([0-9a-f]{16})\.(open|seg|bodies)$/

export interface ClosedSegment {
  readonly number: number
  readonly uid: string
  readonly bytes: number
  readonly bodies: readonly Body[]
}

export interface DamageReport {
  readonly path: string
  readonly cutBytes: number
}

export interface Recovered {
  readonly highest: number
  readonly bodies: readonly Body[]
  readonly bytes: number
}

/** Closed segments in order, from the oldest that some reader still needs. */
export class Segments {
  readonly #dir: string
  readonly #disk: SpoolDisk
  readonly #onDamage: (report: DamageReport) => void
  readonly #closed: ClosedSegment[] = []
  readonly #bodyFiles: { readonly path: string; readonly expiresMs: number }[] = []

  constructor(options: {
    readonly dir: string
    readonly disk: SpoolDisk
    readonly onDamage: (report: DamageReport) => void
  }) {
    this.#dir = options.dir
    this.#disk = options.disk
    this.#onDamage = options.onDamage
  }

  get count(): number {
    return this.#closed.length
  }
  get oldest(): ClosedSegment | undefined {
    return this.#closed[0]
  }

  get newest(): ClosedSegment | undefined {
    return this.#closed.at(-1)
  }

  path(number: number, uid: string, state: 'open' | 'seg' | 'bodies'): string {
    // 13 digits until the year 2286, so names sort as numbers do
    return join(this.#dir, `${String(number).padStart(13, '0')}-${uid}.${state}`)
  }

  /** Takes in what a former process left: cuts a torn tail, closes what was open, finds the bodies of the last ten minutes. */
  async recover(nowMs: number): Promise<Recovered> {
    let highest = 0
    let bytes = 0
    const bodies: Body[] = []
    for (const file of await this.#disk.list(this.#dir)) {
      const match = fileName.exec(file.name)
      if (match === null) continue
      const [, digits, uid, state] = match
      const number = Number(digits)
      highest = Math.max(highest, number)
      if (state === 'bodies') {
        const path = join(this.#dir, file.name)
        bodies.push(...parseBodies((await this.#disk.read(path)).toString('utf8')))
        this.#bodyFiles.push({ path, expiresMs: file.modifiedMs + bodyWindowMs })
        continue
      }
      const found = await this.#recoverSegment(number, uid, { ...file, open: state === 'open', nowMs })
      bodies.push(...found.bodies)
      bytes += found.bytes
      if (found.bytes > 0) this.#closed.push(found)
    }
    this.#closed.sort((a, b) => a.number - b.number)
    bodies.sort((a, b) => a.atMs - b.atMs)
    return { highest, bytes, bodies: bodies.filter(({ atMs }) => nowMs - atMs < bodyWindowMs) }
  }

  async #recoverSegment(
    number: number,
    uid: string,
    file: { readonly bytes: number; readonly modifiedMs: number; readonly open: boolean; readonly nowMs: number },
  ): Promise<ClosedSegment> {
    if (file.bytes === 0) {
      await this.#disk.remove(this.path(number, uid, file.open ? 'open' : 'seg'))
      return { number, uid, bytes: 0, bodies: [] }
    }
    // a closed one is checked when it is read; here it only matters for its bodies
    if (!file.open && file.nowMs - file.modifiedMs >= bodyWindowMs)
      return { number, uid, bytes: file.bytes, bodies: [] }
    const path = this.path(number, uid, file.open ? 'open' : 'seg')
    const content = await this.#disk.read(path)
    const bodies: Body[] = []
    const whole = await this.#scan(content, uid, (frame) => {
      if (frame.bodyHash !== undefined) bodies.push({ hash: frame.bodyHash, atMs: frame.atMs })
    })
    if (!file.open) return { number, uid, bytes: content.length, bodies }
    if (whole < content.length) {
      this.#onDamage({ path, cutBytes: content.length - whole })
      await using opened = await this.#opened(path)
      await opened.file.truncate(whole)
      await opened.file.sync()
    }
    if (whole <= segmentHeaderBytes) {
      await this.#disk.remove(path)
      return { number, uid, bytes: 0, bodies: [] }
    }
    await this.#disk.rename(path, this.path(number, uid, 'seg'))
    return { number, uid, bytes: whole, bodies }
  }

  async #opened(path: string) {
    const file = await this.#disk.open(path)
    return { file, [Symbol.asyncDispose]: () => file.close() }
  }

  /** Bytes up to the end of the last whole frame; 0 where it is not this segment at all. */
  async #scan(content: Buffer, uid: string, visit: Parameters<typeof scanFrames>[1]): Promise<number> {
    return decodeSegmentHeader(content) === uid ? scanFrames(content, visit) : 0
  }

  /** A segment has been closed by the writer (its file is renamed already). */
  add(segment: ClosedSegment): void {
    this.#closed.push(segment)
  }

  after(number: number): ClosedSegment | undefined {
    return this.#closed.find((segment) => segment.number > number)
  }

  /** Of segments above the first number, up to the second. */
  bytesBetween(above: number, through: number): number {
    let bytes = 0
    for (const segment of this.#closed) if (segment.number > above && segment.number <= through) bytes += segment.bytes
    return bytes
  }

  /** All whole frames; damage behind them is reported. */
  async frames({ number, uid }: ClosedSegment): Promise<readonly SpoolFrame[]> {
    const path = this.path(number, uid, 'seg')
    const content = await this.#disk.read(path)
    const frames: SpoolFrame[] = []
    const whole = await this.#scan(content, uid, ({ sections }) =>
      frames.push({ segment: number, index: frames.length, sections }),
    )
    if (whole < content.length) this.#onDamage({ path, cutBytes: content.length - whole })
    return frames
  }

  /** Removes segments up to this number, keeping their bodies while they are young. Returns the bytes freed. */
  async removeThrough(number: number, nowMs: number): Promise<number> {
    let freed = 0
    for (let first = this.#closed[0]; first !== undefined && first.number <= number; first = this.#closed[0]) {
      const young = first.bodies.filter(({ atMs }) => nowMs - atMs < bodyWindowMs)
      if (young.length > 0) {
        const path = this.path(first.number, first.uid, 'bodies')
        await this.#disk.replace(path, printBodies(young))
        this.#bodyFiles.push({ path, expiresMs: nowMs + bodyWindowMs })
      }
      await this.#disk.remove(this.path(first.number, first.uid, 'seg'))
      this.#closed.shift()
      freed += first.bytes
    }
    return freed
  }

  /** Removes files of bodies that no longer matter. */
  async expireBodies(nowMs: number): Promise<void> {
    for (let first = this.#bodyFiles[0]; first !== undefined && first.expiresMs <= nowMs; first = this.#bodyFiles[0]) {
      await this.#disk.remove(first.path)
      this.#bodyFiles.shift()
    }
  }
}
