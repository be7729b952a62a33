import type { PushedLine } from './pushed-line.ts'

const encoder = new TextEncoder()

/** A line of texts, as bytes that lie together. */
export class WrittenLine {
  readonly pushed: PushedLine
  #bytes = new Uint8Array(1 << 12)
  #length = 0

  constructor(pushed: PushedLine) {
    this.pushed = pushed
  }

  /** Of what was written since it began. */
  get bytes(): number {
    return this.#length
  }

  begin(): void {
    this.#length = 0
    this.pushed.clear()
  }

  text(text: string): void {
    this.pushed.from = this.#length
    this.pushed.to = this.#write(text)
  }

  pair(name: string, value: string): void {
    if (name === '') return
    const nameFrom = this.#length
    const nameTo = this.#write(name)
    this.pushed.addPair(nameFrom, nameTo, nameTo, this.#write(value))
  }

  end(): void {
    this.pushed.end(this.#bytes)
  }

  /** Where it ends. */
  #write(text: string): number {
    const needed = this.#length + text.length * 3
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
    }
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written
    return this.#length
  }
}
