import { TextBytes } from '../../text-bytes.ts'
import type { PushedLine } from './pushed-line.ts'

/** A line of texts, as bytes that lie together. */
export class WrittenLine {
  readonly pushed: PushedLine
  readonly #texts = new TextBytes()

  constructor(pushed: PushedLine) {
    this.pushed = pushed
  }

  /** Of what was written since it began. */
  get bytes(): number {
    return this.#texts.length
  }

  begin(): void {
    this.#texts.clear()
    this.pushed.clear()
  }

  text(text: string): void {
    this.pushed.from = this.#texts.length
    this.pushed.to = this.#texts.write(text)
  }

  pair(name: string, value: string): void {
    if (name === '') return
    const nameFrom = this.#texts.length
    const nameTo = this.#texts.write(name)
    this.pushed.addPair(nameFrom, nameTo, nameTo, this.#texts.write(value))
  }

  end(): void {
    this.pushed.end(this.#texts.bytes)
  }
}
