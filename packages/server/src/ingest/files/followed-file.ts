// One file that is open.
import type { Clock } from '@tidewatch/core/clock.ts'
import { fingerprintOf, maxFingerprintBytes, PlainBytes } from './bytes.ts'
import { FileReader, type FileReaderParts } from './file-reader.ts'
import type { FilePosition } from './state.ts'

export interface FollowedFileParts extends FileReaderParts {
  readonly device: bigint
  readonly inode: bigint
  readonly clock: Clock
}

export class FollowedFile implements AsyncDisposable {
  /** No pattern finds it any more: it was renamed or deleted. */
  isGone = false
  /** What was read of it is not in it any more. */
  isEmptied = false
  /** When it last grew, by the monotonic clock. */
  changedAtMs: number
  path: string
  readonly device: bigint
  readonly inode: bigint
  readonly #parts: FollowedFileParts
  readonly #bytes: PlainBytes
  #reader: FileReader | undefined
  #size = 0
  /** What was looked at last: as long, and as little waited for, there is nothing new. */
  #looked = ''

  private constructor(path: string, bytes: PlainBytes, parts: FollowedFileParts) {
    this.path = path
    this.#bytes = bytes
    this.#parts = parts
    this.device = parts.device
    this.inode = parts.inode
    this.changedAtMs = parts.clock.monotonicMs()
  }

  /** Takes it open where somebody opened it before. Rejects where it cannot be read, or is another file by now. */
  static async open(path: string, parts: FollowedFileParts, opened?: PlainBytes): Promise<FollowedFile> {
    const bytes = opened ?? (await PlainBytes.open(path))
    const { ino, dev } = await bytes.handle.stat({ bigint: true })
    if (ino === parts.inode && dev === parts.device) return new FollowedFile(path, bytes, parts)
    await bytes[Symbol.asyncDispose]()
    throw new Error(`${path} is another file by now`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bytes[Symbol.asyncDispose]()
  }

  get position(): FilePosition {
    return this.#begun.file
  }

  get waitingBytes(): number {
    return Math.max(0, this.#size - (this.#reader?.file.position ?? 0))
  }

  get #begun(): FileReader {
    if (this.#reader === undefined) throw new Error('the file was not begun')
    return this.#reader
  }

  async size(): Promise<number> {
    return (await this.#bytes.handle.stat()).size
  }

  /** Whether it begins as what was read before did, and goes as far. */
  async holds({ fingerprint, fingerprintBytes, position }: FilePosition): Promise<boolean> {
    const size = await this.size()
    if (size < position) return false
    return fingerprintBytes === 0 || fingerprintOf(await this.#bytes.read(0, fingerprintBytes)) === fingerprint
  }

  async begin(position: FilePosition): Promise<void> {
    position.path = this.path
    this.#reader = new FileReader(position, this.#parts)
    await this.learnBeginning()
    await this.#parts.positions.save(position)
  }

  /** Whether it begins as what was read before did, as far as that is known, though it may not go as far. */
  async beginsAs({ fingerprint, fingerprintBytes }: FilePosition): Promise<boolean> {
    const head = await this.#bytes.read(0, fingerprintBytes)
    return head.length === fingerprintBytes && fingerprintOf(head) === fingerprint
  }

  /** It has this name now. */
  async isAt(path: string): Promise<void> {
    if (this.path === path) return
    this.path = path
    this.position.path = path
    await this.#parts.positions.save(this.position)
  }

  /** Stores everything that is whole. Sets `isEmptied` where the content is another. */
  async readOn(signal: AbortSignal, { isEnd = false } = {}): Promise<void> {
    const reader = this.#begun
    const nowMs = this.#parts.clock.monotonicMs()
    const size = await this.size()
    if (size !== this.#size) {
      if (!(await this.holds(reader.file))) {
        this.isEmptied = true
        return
      }
      this.#size = size
      this.changedAtMs = nowMs
      await this.learnBeginning()
    }
    const waitedMs = nowMs - this.changedAtMs
    const isWhole = isEnd || waitedMs >= (this.#parts.source.multiline?.timeoutMs ?? 0)
    const looked = `${size} ${isWhole} ${isEnd}`
    if (reader.file.pendingEnd === undefined && (looked === this.#looked || reader.file.position >= size)) return
    // an emptied file may have grown beyond where we are: what was read is of another content then
    const isStill = async (): Promise<boolean> => {
      this.isEmptied = !(await this.holds(reader.file))
      return !this.isEmptied
    }
    while (await reader.step(this.#bytes, { signal, isEnd, isWhole, isStill })) signal.throwIfAborted()
    this.#looked = looked
  }

  /** More of the beginning tells it better from others. False where it begins as another by now. */
  async learnBeginning(): Promise<boolean> {
    const { file } = this.#begun
    const head = await this.#bytes.read(0, maxFingerprintBytes)
    const { fingerprint, fingerprintBytes } = file
    if (head.length < fingerprintBytes) return false
    if (fingerprintBytes > 0 && fingerprintOf(head.subarray(0, fingerprintBytes)) !== fingerprint) return false
    file.fingerprintBytes = head.length
    file.fingerprint = fingerprintOf(head)
    return true
  }
}
