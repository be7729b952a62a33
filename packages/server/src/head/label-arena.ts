import type { Arena } from './memory.ts'

/** Label bytes in shared memory: a length, then the bytes, padded with zeros to 4. Addresses count 4 bytes. Main thread only. */
export class LabelArena {
  readonly #arena: Arena
  /** Freed places by size in words. */
  readonly #free = new Map<number, number[]>()
  #next = 1
  #usedWords = 0

  constructor(arena: Arena) {
    this.#arena = arena
  }

  get usedBytes(): number {
    return this.#usedWords * 4
  }

  /** Address of a copy, or undefined where the arena is full. */
  put(bytes: Uint8Array, length: number): number | undefined {
    const words = wordsFor(length)
    const at = this.#free.get(words)?.pop() ?? this.#extend(words)
    if (at === undefined) return undefined
    const { i32, u8 } = this.#arena
    this.#usedWords += words
    i32[at] = length
    i32[at + 1 + (length >>> 2)] = 0
    u8.set(bytes.subarray(0, length), (at + 1) * 4)
    return at
  }

  release(at: number): void {
    const words = wordsFor(this.#arena.i32[at])
    this.#usedWords -= words
    const list = this.#free.get(words)
    if (list === undefined) this.#free.set(words, [at])
    else list.push(at)
  }

  #extend(words: number): number | undefined {
    if (this.#next + words > this.#arena.i32.length) return undefined
    const at = this.#next
    this.#next += words
    return at
  }
}

/** Sizes grow in steps of an eighth beyond 256 bytes, so that a freed place fits more than one length. */
function wordsFor(length: number): number {
  const words = 2 + (length >>> 2)
  if (words <= 64) return words
  const step = 1 << (28 - Math.clz32(words))
  return Math.ceil(words / step) * step
}
