// What an expression asks of a text, character by character: everything it matches, and a little more. Assertions, what looks ahead or behind, and
// that atomic groups give nothing back are left out; far repeats count as endless; what a group matched before may be anything.
import type { RegexpNode } from './syntax.ts'

/** A machine of states that each wait for one character; forks and the end wait for none. */
export interface Outline {
  /** The class of each of the first 256 characters, and of all the others at 256: characters of one class are the same to every state. */
  readonly classes: Uint16Array
  readonly classCount: number
  /** What the state waits for: a row of `members`; -1: a fork, -2: the end. */
  readonly waits: Int32Array
  readonly next: Int32Array
  /** The other way of a fork. */
  readonly other: Int32Array
  /** One byte for each row and class. */
  readonly members: Uint8Array
  /** Of each row: whether a character may be two code units. */
  readonly isWide: Uint8Array
  readonly start: number
}

export const fork = -1
export const accepted = -2

const others = 256
/** As `\R` and the dot have it. */
export const newlineCode = 10
/** Larger ones would take milliseconds for a step. */
const maxStates = 8000
/** What is repeated stands in the outline so often at most, one after the other, and with so many characters; more often is endlessly. */
const maxCopies = 8
const maxCopiedChars = 24

type Repeat = Extract<RegexpNode, { kind: 'repeat' }>

/** Undefined for an expression that is too large. */
export function outlineOf(root: RegexpNode): Outline | undefined {
  return new Builder().outline(root)
}

class Builder {
  private readonly waits: number[] = []
  private readonly next: number[] = []
  private readonly other: number[] = []
  private readonly rows: { readonly bits: Uint8Array; readonly isWide: boolean }[] = []
  private readonly rowOf = new Map<string, number>()

  outline(root: RegexpNode): Outline | undefined {
    const start = this.node(root, this.state(accepted, 0, 0))
    if (this.waits.length > maxStates) return undefined
    const { classes, classCount } = classesOf(this.rows.map(({ bits }) => bits))
    const members = new Uint8Array(this.rows.length * classCount)
    this.rows.forEach(({ bits }, row) => {
      bits.forEach((bit, symbol) => {
        members[row * classCount + classes[symbol]] = bit
      })
    })
    return {
      classes,
      classCount,
      members,
      start,
      waits: Int32Array.from(this.waits),
      next: Int32Array.from(this.next),
      other: Int32Array.from(this.other),
      isWide: Uint8Array.from(this.rows, ({ isWide }) => (isWide ? 1 : 0)),
    }
  }

  private state(waits: number, next: number, other: number): number {
    this.next.push(next)
    this.other.push(other)
    return this.waits.push(waits) - 1
  }

  private fork(first: number, second: number): number {
    return this.state(fork, first, second)
  }

  private char(bits: Uint8Array, isWide: boolean, next: number): number {
    const key = String.fromCharCode(isWide ? 1 : 0, ...bits)
    let row = this.rowOf.get(key)
    if (row === undefined) {
      row = this.rows.push({ bits, isWide }) - 1
      this.rowOf.set(key, row)
    }
    return this.state(row, next, 0)
  }

  /** Where the node begins, if the state `next` stands behind it. */
  private node(node: RegexpNode, next: number): number {
    // what is too large is not built on, nor looked at
    if (this.waits.length > maxStates) return next
    switch (node.kind) {
      case 'char':
        return node.code > 0xffff
          ? this.char(bitsOf(others), false, this.char(bitsOf(others), false, next))
          : this.char(bitsOf(Math.min(node.code, others)), false, next)
      case 'set':
        return this.char(bitsOf(others, node.set.low), true, next)
      case 'sequence':
        return node.parts.reduceRight((behind, part) => this.node(part, behind), next)
      case 'either':
        return node.options
          .map((option) => this.node(option, next))
          .reduceRight((second, first) => this.fork(first, second))
      case 'condition':
        return this.fork(this.node(node.yes, next), this.node(node.no, next))
      case 'capture':
      case 'atomic':
        return this.node(node.body, next)
      case 'repeat':
        return this.repeat(node, next)
      case 'assert':
      case 'look':
      case 'keep':
        return next
      case 'back_reference':
      case 'call':
        return this.anything(next)
    }
  }

  private anything(next: number): number {
    const loop = this.fork(0, next)
    this.next[loop] = this.char(new Uint8Array(others + 1).fill(1), true, loop)
    return loop
  }

  private repeat({ body, min, max }: Repeat, next: number): number {
    const most = Math.max(2, Math.min(maxCopies, Math.floor(maxCopiedChars / charsOf(body))))
    let behind = next
    let sure = Math.min(min, most)
    if (max > most) {
      const loop = this.fork(next, next)
      this.next[loop] = this.node(body, loop)
      // one turn that is certain is the loop's own
      behind = sure > 0 ? (this.next[loop] as number) : loop
      sure = Math.max(0, sure - 1)
    } else for (let turn = min; turn < max; turn++) behind = this.fork(this.node(body, behind), next)
    for (let turn = 0; turn < sure; turn++) behind = this.node(body, behind)
    return behind
  }
}

/** How many characters the node asks for, roughly; from 1. */
function charsOf(node: RegexpNode): number {
  switch (node.kind) {
    case 'sequence':
      return Math.max(
        1,
        node.parts.reduce((sum, part) => sum + charsOf(part), 0),
      )
    case 'either':
      return node.options.reduce((sum, option) => sum + charsOf(option), 0)
    case 'condition':
      return charsOf(node.yes) + charsOf(node.no)
    case 'capture':
    case 'atomic':
      return charsOf(node.body)
    case 'repeat':
      return charsOf(node.body) * Math.max(1, Math.min(node.max, maxCopies))
    default:
      return 1
  }
}

function bitsOf(symbol: number, low?: Uint8Array): Uint8Array {
  const bits = new Uint8Array(others + 1)
  if (low !== undefined) bits.set(low)
  bits[symbol] = 1
  return bits
}

/** Characters that no row tells apart share a class. The newline has one of its own, for expressions that begin with a line. */
function classesOf(rows: readonly Uint8Array[]): { classes: Uint16Array; classCount: number } {
  const classes = new Uint16Array(others + 1)
  let classCount = 1
  for (const row of [bitsOf(newlineCode), ...rows]) {
    const split = new Map<number, number>()
    for (let symbol = 0; symbol <= others; symbol++) {
      const key = classes[symbol] * 2 + row[symbol]
      const known = split.get(key) ?? split.size
      split.set(key, known)
      classes[symbol] = known
    }
    classCount = split.size
  }
  return { classes, classCount }
}
