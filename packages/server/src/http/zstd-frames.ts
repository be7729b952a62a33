// Whether zstd data is whole. Node's decompressor ends without an error where the data was cut, so a cut body would pass for a short one.

const magic = 0xfd2fb528
const skippableMagic = 0x184d2a50
const dictionaryIdBytes = [0, 1, 2, 4] as const
const contentSizeBytes = [0, 2, 4, 8] as const
/** Bits of the frame header's descriptor. */
const singleSegment = 0x20
const withChecksum = 0x04

type Step = 'magic' | 'skippable' | 'descriptor' | 'block'

/** Walks over frames and blocks by their headers (RFC 8878, 3.1), however the data is cut into chunks. */
export class ZstdFrames {
  #step: Step = 'magic'
  readonly #head = Buffer.alloc(4)
  #headLength = 0
  /** Bytes before the next header that mean nothing here. */
  #skip = 0
  #hasChecksum = false
  #isBroken = false

  /** True where the last frame is whole, after all was pushed. Data that is no zstd at all is for the decompressor to refuse. */
  get isWhole(): boolean {
    return !this.#isBroken && this.#step === 'magic' && this.#headLength === 0 && this.#skip === 0
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#isBroken; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at)
        this.#skip -= skipped
        at += skipped
        continue
      }
      this.#head[this.#headLength++] = chunk[at++] as number
      if (this.#headLength === headBytes[this.#step]) {
        this.#headLength = 0
        this.#next()
      }
    }
  }

  #next(): void {
    switch (this.#step) {
      case 'magic':
        this.#onMagic(this.#head.readUInt32LE(0))
        return
      case 'skippable':
        this.#skip = this.#head.readUInt32LE(0)
        this.#step = 'magic'
        return
      case 'descriptor':
        this.#onDescriptor(this.#head[0] as number)
        return
      case 'block':
        this.#onBlock(this.#head.readUIntLE(0, 3))
    }
  }

  #onMagic(found: number): void {
    if (found === magic) this.#step = 'descriptor'
    else if ((found & 0xfffffff0) >>> 0 === skippableMagic) this.#step = 'skippable'
    else this.#isBroken = true
  }

  #onDescriptor(bits: number): void {
    const isSingle = (bits & singleSegment) !== 0
    const sizeBytes = contentSizeBytes[(bits >> 6) as 0 | 1 | 2 | 3]
    this.#hasChecksum = (bits & withChecksum) !== 0
    this.#skip = (isSingle ? Math.max(1, sizeBytes) : 1 + sizeBytes) + dictionaryIdBytes[(bits & 3) as 0 | 1 | 2 | 3]
    this.#step = 'block'
  }

  #onBlock(bits: number): void {
    const isLast = (bits & 1) !== 0
    const isRepeated = ((bits >> 1) & 3) === 1
    this.#skip = isRepeated ? 1 : bits >> 3
    if (!isLast) return
    if (this.#hasChecksum) this.#skip += 4
    this.#step = 'magic'
  }
}

const headBytes: Readonly<Record<Step, number>> = { magic: 4, skippable: 4, descriptor: 1, block: 3 }
