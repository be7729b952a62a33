// What the matcher runs: numbers, and the tables that they point into.
import type { CharSet } from './char-set.ts'
import type { CharBits } from './first-chars.ts'
import type { RegexpNode } from './syntax.ts'

/** The instructions, with their operands behind them. */
export const op = {
  match: 0,
  /** code unit */
  char: 1,
  /** set */
  set: 2,
  /** first way, second way */
  split: 3,
  /** where to */
  jump: 4,
  /** where to if the character here is not among those: bits, target */
  filter: 5,
  /** set, min, max (-1: no end), bits of what follows (-1: unknown) */
  run: 6,
  /** as run, the shortest first */
  lazyRun: 7,
  /** as run, giving nothing back */
  takeRun: 8,
  /** slot */
  save: 9,
  /** assertion */
  assert: 10,
  /** register: remember how many choices there are */
  mark: 11,
  /** register: forget the choices since */
  cut: 12,
  /** register: a look-around begins */
  lookBegin: 13,
  /** register: it holds; back to where it began */
  lookEnd: 14,
  /** register, where to if it does not hold */
  negativeBegin: 15,
  /** register: it holds, hence no match this way */
  negativeFail: 16,
  /** code points to step back */
  back: 17,
  /** register: fails unless where the look-around began */
  here: 18,
  /** list of groups, 1 to ignore case */
  backReference: 19,
  keep: 20,
  /** slot of the group, where to if it has not matched */
  condition: 21,
  /** slot, where to if nothing was matched since */
  checkMoved: 22,
} as const

export const assertionNumbers = {
  line_start: 0,
  line_end: 1,
  text_start: 2,
  text_end: 3,
  text_end_or_newline: 4,
  word_border: 5,
  no_word_border: 6,
} as const

export interface Program {
  readonly code: Int32Array
  readonly sets: readonly CharSet[]
  readonly bits: readonly CharBits[]
  readonly groupLists: readonly (readonly number[])[]
  /** By group: the slot of its start, before that of its end; -1 for those that nobody asks for. */
  readonly slotOf: Int32Array
  /** Two for the match and for each group that is asked for, then one for each loop that could turn without moving. */
  readonly slots: number
  readonly registers: number
  /** What a match begins with; undefined where it may be nothing. */
  readonly first: CharBits | undefined
  /** Texts that every match holds. */
  readonly required: readonly string[]
  /** Where a match can begin at all. */
  readonly anchor: 'text' | 'line' | undefined
  /** What it was made of. */
  readonly root: RegexpNode
}
