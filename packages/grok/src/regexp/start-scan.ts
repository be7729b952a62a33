// Called per line and expression; bench/src/grok.ts. Reads a text once and tells where no match begins: the states of the expression's outline that
// are alive at a place are one state here, made when it is met first, so that a character costs one look into a table.
import { accepted, fork, newlineCode, type Outline, outlineOf } from './outline.ts'
import type { Program } from './program.ts'

/** From here to the end no match begins. */
export const noStart = -1
/** It is not known: there are too many states. */
export const unknownStart = -2

/** A state is where its row of the table begins. This one: nothing has begun. */
const idle = 0
const notMade = -1
/** What one expression may keep: states, and states of the outline within them. */
const maxStates = 1000
const maxParts = 100_000
/** Making one takes microseconds: a text may ask for so many. */
const maxNewPerText = 64
/** So many texts are not read once all states are taken and given back: what makes them so often is not worth it. */
const pausedTexts = 1000
const others = 256

/** The scan of a program; undefined for one that may match nothing at all, and for one too large. */
export function startScan({ root, anchor }: Program): StartScan | undefined {
  const outline = outlineOf(root)
  if (outline === undefined) return undefined
  const scan = new StartScan(outline, anchor)
  return scan.isOfUse ? scan : undefined
}

export class StartScan {
  /** Behind the last character that was read. */
  end = 0
  readonly isOfUse: boolean
  private readonly outline: Outline
  private readonly anchor: Program['anchor']
  private readonly startParts: Uint16Array
  /** Something that the outline matches has ended: the state behind `idle`. */
  private readonly found: number
  /** The next state, by state and class. */
  private table = new Int32Array(0)
  private readonly states: Uint16Array[] = []
  private readonly known = new Map<string, number>()
  private parts = 0
  private begun = idle
  private newLeft = 0
  private pause = 0
  private readonly seen: Uint32Array
  private turn = 0

  constructor(outline: Outline, anchor: Program['anchor']) {
    this.outline = outline
    this.anchor = anchor
    this.found = outline.classCount
    this.seen = new Uint32Array(outline.waits.length)
    const parts: number[] = []
    this.turn++
    this.isOfUse = !this.add(outline.start, parts)
    this.startParts = Uint16Array.from(parts).sort()
    this.clear()
  }

  /** To be called before the first question about a text. */
  begin(): void {
    this.newLeft = maxNewPerText
    if (this.pause > 0 && --this.pause > 0) this.newLeft = -1
  }

  /** A place at or behind `from` before which no match begins; or `noStart`, `unknownStart`. What lies behind `end` is not known then. */
  from(text: string, from: number): number {
    if (this.newLeft < 0) return unknownStart
    const { found, anchor } = this
    const { classes } = this.outline
    const { length } = text
    let { table } = this
    let state = this.stateAt(text, from)
    let start = from
    if (anchor === 'text' && state === idle) return noStart
    for (let at = from; at < length; at++) {
      const cell = state + classes[Math.min(text.charCodeAt(at), others)]
      state = table[cell]
      if (state > found) continue
      if (state === notMade) {
        state = this.make(cell)
        if (state === notMade) return unknownStart
        table = this.table
      }
      if (state === found) {
        this.end = at + 1
        return start
      }
      if (state !== idle) continue
      if (anchor === 'text') return noStart
      // a loop of its own: no character waits for what the one before led to
      do at++
      while (at < length && table[classes[Math.min(text.charCodeAt(at), others)]] === idle)
      start = at--
    }
    return noStart
  }

  private stateAt(text: string, from: number): number {
    if (this.anchor === undefined) return idle
    const isThere = from === 0 || (this.anchor === 'line' && text.charCodeAt(from - 1) === newlineCode)
    return isThere ? this.begun : idle
  }

  /** Fills the cell. */
  private make(cell: number): number {
    if (--this.newLeft < 0) return notMade
    const { classes, classCount, waits, members, next, isWide } = this.outline
    const which = cell % classCount
    const parts: number[] = []
    let isFound = false
    this.turn++
    for (const part of this.states[(cell - which) / classCount]) {
      const row = waits[part]
      if (members[row * classCount + which] === 0) continue
      if (this.add(next[part], parts)) isFound = true
      // the first half of a character: the second is still to come
      if (isWide[row] === 1 && which === classes[others]) this.add(part, parts)
    }
    const isNothing = parts.length === 0
    const isLine = this.anchor === 'line' && which === classes[newlineCode]
    if (this.anchor === undefined || isLine) this.add(this.outline.start, parts)
    const state = isFound ? this.found : isNothing && !isLine ? idle : this.intern(Uint16Array.from(parts).sort())
    if (state !== notMade) this.table[cell] = state
    return state
  }

  /** Adds the states that wait for a character, from there on; whether the end is reached without one. */
  private add(from: number, parts: number[]): boolean {
    const { waits, next, other } = this.outline
    const open = [from]
    let isEnd = false
    for (let part = open.pop(); part !== undefined; part = open.pop()) {
      if (this.seen[part] === this.turn) continue
      this.seen[part] = this.turn
      if (waits[part] === fork) open.push(other[part], next[part])
      else if (waits[part] === accepted) isEnd = true
      else parts.push(part)
    }
    return isEnd
  }

  /** The state of these parts; where all are taken, every one is given back. */
  private intern(parts: Uint16Array): number {
    const key = String.fromCharCode(...parts)
    const known = this.known.get(key)
    if (known !== undefined) return known
    if (this.states.length === maxStates || this.parts + parts.length > maxParts) {
      this.clear()
      this.pause = pausedTexts
      this.newLeft = -1
      return notMade
    }
    const state = this.push(parts)
    this.known.set(key, state)
    return state
  }

  private push(parts: Uint16Array): number {
    const state = (this.states.push(parts) - 1) * this.outline.classCount
    this.parts += parts.length
    const cells = state + this.outline.classCount
    if (cells > this.table.length) {
      const larger = new Int32Array(2 * cells).fill(notMade)
      larger.set(this.table)
      this.table = larger
    }
    return state
  }

  private clear(): void {
    this.states.length = 0
    this.known.clear()
    this.parts = 0
    this.table = new Int32Array(0)
    const nothing = new Uint16Array(0)
    // neither has a key: what is alive beside others that began before is no idle state, even if it is the same
    this.push(this.anchor === undefined ? this.startParts : nothing)
    this.push(nothing)
    this.begun = this.anchor === undefined ? idle : this.intern(this.startParts)
  }
}
