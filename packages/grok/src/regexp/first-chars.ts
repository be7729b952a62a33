// Which characters an expression can begin with: what cannot begin here need not be tried.
import type { RegexpNode } from './syntax.ts'

/** One byte for each of the first 256 characters, and one for all the others. */
export type CharBits = Uint8Array

export interface First {
  readonly bits: CharBits
  /** Whether it can match without a character, so that what follows may begin instead. */
  readonly nullable: boolean
}

const others = 256
const none = (): CharBits => new Uint8Array(others + 1)
const nothing: First = { bits: none(), nullable: true }

export class FirstChars {
  private readonly known = new WeakMap<RegexpNode, First>()

  of(node: RegexpNode): First {
    let first = this.known.get(node)
    if (first === undefined) {
      first = this.compute(node)
      this.known.set(node, first)
    }
    return first
  }

  private compute(node: RegexpNode): First {
    switch (node.kind) {
      case 'char':
        return { bits: only(node.code), nullable: false }
      case 'set':
        return { bits: bitsOfSet(node.set.low), nullable: false }
      case 'sequence':
        return this.sequence(node.parts)
      case 'either': {
        const all = node.options.map((option) => this.of(option))
        return {
          bits: all.reduce((bits, one) => union(bits, one.bits), none()),
          nullable: all.some((one) => one.nullable),
        }
      }
      case 'capture':
      case 'atomic':
        return this.of(node.body)
      case 'repeat': {
        const { bits, nullable } = this.of(node.body)
        return { bits, nullable: nullable || node.min === 0 }
      }
      case 'look':
      case 'assert':
      case 'keep':
        return nothing
      case 'back_reference':
      case 'condition':
      case 'call':
        return { bits: none().fill(1), nullable: true }
    }
  }

  private sequence(parts: readonly RegexpNode[]): First {
    let bits = none()
    for (const part of parts) {
      const first = this.of(part)
      bits = union(bits, first.bits)
      if (!first.nullable) return { bits, nullable: false }
    }
    return { bits, nullable: true }
  }
}

export function union(a: CharBits, b: CharBits): CharBits {
  const bits = a.slice()
  for (let at = 0; at < bits.length; at++) bits[at] = bits[at] | b[at]
  return bits
}

function only(code: number): CharBits {
  const bits = none()
  bits[Math.min(code, others)] = 1
  return bits
}

function bitsOfSet(low: Uint8Array): CharBits {
  const bits = none()
  bits.set(low)
  bits[others] = 1
  return bits
}
