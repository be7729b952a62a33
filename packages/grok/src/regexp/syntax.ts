// The tree of an expression in Ruby's dialect (Onigmo, Joni), which grok patterns are written in.
import type { CharSet } from './char-set.ts'

export type Assertion =
  | 'line_start'
  | 'line_end'
  | 'text_start'
  | 'text_end'
  | 'text_end_or_newline'
  | 'word_border'
  | 'no_word_border'

export type RegexpNode =
  | { readonly kind: 'char'; readonly code: number }
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexpNode[] }
  | { readonly kind: 'either'; readonly options: readonly RegexpNode[] }
  | { readonly kind: 'capture'; readonly group: number; readonly body: RegexpNode }
  | {
      readonly kind: 'repeat'
      readonly body: RegexpNode
      readonly min: number
      /** Infinity: no end. */
      readonly max: number
      readonly mode: 'greedy' | 'lazy' | 'possessive'
    }
  | { readonly kind: 'atomic'; readonly body: RegexpNode }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negative: boolean; readonly body: RegexpNode }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'back_reference'; readonly groups: readonly number[]; readonly ignoreCase: boolean }
  | { readonly kind: 'keep' }
  | { readonly kind: 'condition'; readonly group: number; readonly yes: RegexpNode; readonly no: RegexpNode }
  /** `\g<name>`: the group's expression once more. Resolved before compiling. */
  | { readonly kind: 'call'; readonly name: string; readonly at: number }

export interface ParsedRegexp {
  readonly root: RegexpNode
  /** How many groups there are; they count from 1. */
  readonly groups: number
  /** The named ones in order; a name may occur several times. */
  readonly names: readonly { readonly name: string; readonly group: number }[]
}

/** What is wrong with an expression, and at which character of it (from 0). */
export class RegexpSyntaxError extends Error {
  override readonly name = 'RegexpSyntaxError'
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

export const emptyNode: RegexpNode = { kind: 'sequence', parts: [] }
