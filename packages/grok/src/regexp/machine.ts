// Called per line and expression; bench/src/grok.ts. Backtracks on a stack of its own, so that neither depth nor time is the text's to choose:
// every instruction, and every character that is run over, takes from the budget of steps.
import { isWord } from './char-set.ts'
import { ChoiceStack, choiceKind } from './choice-stack.ts'
import { assertionNumbers, op, type Program } from './program.ts'

export type MatchOutcome = 'match' | 'no_match' | 'exhausted'

/** Runs one program over texts, one after the other; not re-entrant. */
export class Machine {
  private readonly program: Program
  private readonly stack: ChoiceStack
  /** Starts and ends of the groups, -1 where none; then what loops remember. */
  private readonly slots: Int32Array
  private readonly marks: Int32Array
  private readonly begins: Int32Array
  private text = ''
  /** What is left of the text's budget: below 0 once it is used up. */
  steps = 0
  private pc = 0
  private pos = 0
  private kept = 0

  constructor(program: Program) {
    this.program = program
    this.slots = new Int32Array(program.slots)
    this.stack = new ChoiceStack(this.slots)
    this.marks = new Int32Array(program.registers)
    this.begins = new Int32Array(program.registers)
  }

  /** Where the match that was found begins and ends. */
  get start(): number {
    return this.kept
  }

  get end(): number {
    return this.pos
  }

  /** What the group matched last; undefined where it has no part in the match. */
  group(group: number): string | undefined {
    const slot = this.program.slotOf[group]
    const start = this.slots[slot]
    const end = this.slots[slot + 1]
    return start < 0 || end < start ? undefined : this.text.slice(start, end)
  }

  /** To be called before the first `run` over a text, which may cost so many steps in all. */
  begin(text: string, maxSteps: number): void {
    this.text = text
    this.steps = maxSteps
    this.slots.fill(-1)
  }

  /** Whether the expression matches from this place of the text on. What does not match leaves no slot set. */
  run(start: number): MatchOutcome {
    const { code, sets, bits } = this.program
    const { text, stack, slots } = this
    stack.clear()
    this.kept = start
    this.steps--
    let pc = 0
    let pos = start
    for (;;) {
      if (--this.steps < 0 || stack.isFull) return 'exhausted'
      switch (code[pc]) {
        case op.char:
          if (text.charCodeAt(pos) === code[pc + 1]) {
            pos++
            pc += 2
            continue
          }
          break
        case op.filter:
          if (pos < text.length && bits[code[pc + 1]][Math.min(text.charCodeAt(pos), 256)] === 1) pc += 3
          else pc = code[pc + 2]
          continue
        case op.split:
          stack.push(choiceKind.way, code[pc + 2], pos, 0)
          pc = code[pc + 1]
          continue
        case op.jump:
          pc = code[pc + 1]
          continue
        case op.set: {
          const set = sets[code[pc + 1]]
          const unit = text.charCodeAt(pos)
          if (unit < 256 ? set.low[unit] === 1 : pos < text.length && set.has(text.codePointAt(pos)!)) {
            pos += isHighSurrogate(unit) && text.codePointAt(pos)! > 0xffff ? 2 : 1
            pc += 2
            continue
          }
          break
        }
        case op.save:
          stack.save(code[pc + 1], pos)
          pc += 2
          continue
        case op.match:
          this.pos = pos
          slots[1] = pos
          return 'match'
        default:
          this.pc = pc
          if (this.perform(code[pc], pos)) {
            pc = this.pc
            pos = this.pos
            continue
          }
      }
      if (!this.backtrack()) return 'no_match'
      pc = this.pc
      pos = this.pos
    }
  }

  /** The rarer instructions: whether it goes on, at `pc` and `pos`. */
  private perform(operation: number, pos: number): boolean {
    const { code } = this.program
    const { stack, marks, begins, pc } = this
    const operand = code[pc + 1]
    this.pos = pos
    this.pc = pc + 2
    switch (operation) {
      case op.run:
      case op.takeRun:
        return this.greedyRun(pc, pos)
      case op.lazyRun:
        return this.lazyRun(pc, pos)
      case op.assert:
        return this.holds(operand, pos)
      case op.mark:
        marks[operand] = stack.height
        return true
      case op.cut:
        stack.cut(marks[operand])
        return true
      case op.lookBegin:
        marks[operand] = stack.height
        begins[operand] = pos
        return true
      case op.lookEnd:
        stack.cut(marks[operand])
        this.pos = begins[operand]
        return true
      case op.negativeBegin:
        marks[operand] = stack.height
        begins[operand] = pos
        stack.push(choiceKind.way, code[pc + 2], pos, 0)
        this.pc = pc + 3
        return true
      case op.negativeFail:
        stack.unwind(marks[operand])
        return false
      case op.back:
        return this.stepBack(operand)
      case op.here:
        return pos === begins[operand]
      case op.backReference:
        return this.backReference(pc, pos)
      case op.keep:
        // remembered on the stack as well: another way may not have passed here
        stack.push(choiceKind.kept, 0, 0, this.kept)
        this.kept = pos
        this.pc = pc + 1
        return true
      case op.condition:
        this.pc = this.slots[operand + 1] >= 0 ? pc + 3 : code[pc + 2]
        return true
      default: // checkMoved
        this.pc = this.slots[operand] === pos ? code[pc + 2] : pc + 3
        return true
    }
  }

  private backtrack(): boolean {
    const { stack } = this
    for (;;) {
      if (!stack.pop()) return false
      this.pc = stack.a
      this.pos = stack.b
      switch (stack.kind) {
        case choiceKind.way:
          return true
        case choiceKind.kept:
          this.kept = stack.c
          break
        case choiceKind.run:
          if (this.settle(stack.a, stack.b, stack.c)) return true
          break
        case choiceKind.lazy:
          if (this.extend(stack.a, stack.b, stack.c)) return true
      }
    }
  }

  /** As many of the set as there are and may be. */
  private greedyRun(pc: number, pos: number): boolean {
    const { code } = this.program
    const min = code[pc + 2]
    const least = this.over(code[pc + 1], pos, min)
    if (least < 0) return false
    const max = code[pc + 3]
    const end = this.over(code[pc + 1], least, max < 0 ? Number.POSITIVE_INFINITY : max - min, true)
    this.steps -= (end - pos) >> 3
    if (code[pc] === op.takeRun) {
      this.pc = pc + 5
      this.pos = end
      return true
    }
    return this.settle(pc, least, end)
  }

  /** Goes on from the last place between both at which what follows can begin, and remembers the others. */
  private settle(pc: number, least: number, most: number): boolean {
    const { text } = this
    const follow = this.program.code[pc + 4]
    let at = most
    if (follow >= 0) {
      const bits = this.program.bits[follow]
      while (at >= least && (at >= text.length || bits[Math.min(text.charCodeAt(at), 256)] === 0)) at--
      this.steps -= (most - at) >> 3
      if (at < least) return false
    }
    if (at > least) {
      // not between the two halves of a character
      const before = at - 2 >= least && isInsidePair(text, at - 1) ? at - 2 : at - 1
      this.stack.push(choiceKind.run, pc, least, before)
    }
    this.pc = pc + 5
    this.pos = at
    return true
  }

  private lazyRun(pc: number, pos: number): boolean {
    const { code } = this.program
    const least = this.over(code[pc + 1], pos, code[pc + 2])
    if (least < 0) return false
    const max = code[pc + 3]
    return this.wait(pc, least, max < 0 ? 0x7fffffff : max - code[pc + 2])
  }

  /** One more of the set, and then as few as possible. */
  private extend(pc: number, pos: number, more: number): boolean {
    const next = this.over(this.program.code[pc + 1], pos, 1)
    return next >= 0 && this.wait(pc, next, more - 1)
  }

  /** Goes on from the first place at which what follows can begin, and remembers that more could be taken. */
  private wait(pc: number, pos: number, most: number): boolean {
    const { text } = this
    const { code, bits } = this.program
    const follow = code[pc + 4]
    const wanted = follow < 0 ? undefined : bits[follow]
    let at = pos
    let more = most
    while (wanted !== undefined && (at >= text.length || wanted[Math.min(text.charCodeAt(at), 256)] === 0)) {
      const next = more > 0 ? this.over(code[pc + 1], at, 1) : -1
      if (next < 0) return false
      at = next
      more--
    }
    this.steps -= (at - pos) >> 2
    if (more > 0) this.stack.push(choiceKind.lazy, pc, at, more)
    this.pc = pc + 5
    this.pos = at
    return true
  }

  /** Behind so many characters of the set; where there are fewer: -1, or behind those there are. */
  private over(setNumber: number, pos: number, count: number, orFewer = false): number {
    const { text } = this
    const set = this.program.sets[setNumber]
    if (set.isAnything && count === Number.POSITIVE_INFINITY) return text.length
    let at = pos
    for (let left = count; left > 0; left--) {
      const unit = text.charCodeAt(at)
      if (unit < 256) {
        if (set.low[unit] === 0) return orFewer ? at : -1
        at++
        continue
      }
      if (at >= text.length) return orFewer ? at : -1
      const point = text.codePointAt(at)!
      if (!set.has(point)) return orFewer ? at : -1
      at += point > 0xffff ? 2 : 1
    }
    return at
  }

  private holds(assertion: number, pos: number): boolean {
    const { text } = this
    switch (assertion) {
      case assertionNumbers.line_start:
        return pos === 0 || (text.charCodeAt(pos - 1) === 10 && pos < text.length)
      case assertionNumbers.line_end:
        return pos === text.length || text.charCodeAt(pos) === 10
      case assertionNumbers.text_start:
        return pos === 0
      case assertionNumbers.text_end:
        return pos === text.length
      case assertionNumbers.text_end_or_newline:
        return pos === text.length || (pos === text.length - 1 && text.charCodeAt(pos) === 10)
      case assertionNumbers.word_border:
        return wordBefore(text, pos) !== wordAt(text, pos)
      default:
        return wordBefore(text, pos) === wordAt(text, pos)
    }
  }

  private stepBack(count: number): boolean {
    for (let left = count; left > 0; left--) {
      if (this.pos <= 0) return false
      this.pos -= isInsidePair(this.text, this.pos - 1) ? 2 : 1
    }
    return true
  }

  private backReference(pc: number, pos: number): boolean {
    const { code, groupLists } = this.program
    const group = groupLists[code[pc + 1]].findLast((one) => this.group(one) !== undefined)
    if (group === undefined) return false
    const wanted = this.group(group)!
    this.steps -= wanted.length
    const found = this.text.slice(pos, pos + wanted.length)
    if (found !== wanted && (code[pc + 2] === 0 || found.toLowerCase() !== wanted.toLowerCase())) return false
    this.pos = pos + wanted.length
    this.pc = pc + 3
    return true
  }
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff

/** Whether the place is before the second half of a character. */
const isInsidePair = (text: string, at: number): boolean =>
  at > 0 && (text.charCodeAt(at) & 0xfc00) === 0xdc00 && isHighSurrogate(text.charCodeAt(at - 1))

const wordAt = (text: string, pos: number): boolean => pos < text.length && isWord(text.codePointAt(pos)!)

const wordBefore = (text: string, pos: number): boolean =>
  pos > 0 && isWord(text.codePointAt(isInsidePair(text, pos - 1) ? pos - 2 : pos - 1)!)
