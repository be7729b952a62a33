// From the tree to the program.
import { type CharSet, charSet } from './char-set.ts'
import { type CharBits, FirstChars, union } from './first-chars.ts'
import { lengthsOf } from './lengths.ts'
import { assertionNumbers, op, type Program } from './program.ts'
import { requiredTexts } from './required-texts.ts'
import { type ParsedRegexp, type RegexpNode, RegexpSyntaxError } from './syntax.ts'

/** A program of more numbers than this comes of repeats in repeats, and would take megabytes. */
const maxProgramLength = 400_000

type Repeat = Extract<RegexpNode, { kind: 'repeat' }>
type Condition = Extract<RegexpNode, { kind: 'condition' }>
type Look = Extract<RegexpNode, { kind: 'look' }>

/** Throws RegexpSyntaxError for what is too large, and for a look-behind without a bound. `groups`: those whose matches are wanted. */
export function compileRegexp(parsed: ParsedRegexp, groups: ReadonlySet<number>): Program {
  const compiler = new Compiler(parsed.groups, groups)
  return compiler.program(parsed.root)
}

class Compiler {
  private readonly code: number[] = []
  private readonly sets: CharSet[] = []
  private readonly bits: CharBits[] = []
  private readonly groupLists: (readonly number[])[] = []
  private readonly firsts = new FirstChars()
  private readonly wanted: Set<number>
  private readonly slotOf: Int32Array
  private slots = 2
  private registers = 0

  constructor(groups: number, wanted: ReadonlySet<number>) {
    this.wanted = new Set(wanted)
    this.slotOf = new Int32Array(groups + 1).fill(-1)
  }

  program(root: RegexpNode): Program {
    const referenced = referencedGroups(root)
    for (const group of referenced) this.wanted.add(group)
    for (const group of this.wanted) {
      this.slotOf[group] = this.slots
      this.slots += 2
    }
    this.node(root, undefined)
    this.emit(op.match)
    const first = this.firsts.of(root)
    const { code, sets, bits, groupLists, slotOf, slots, registers } = this
    return {
      code: Int32Array.from(code),
      sets,
      bits,
      groupLists,
      slotOf,
      slots,
      registers,
      first: first.nullable ? undefined : first.bits,
      required: requiredTexts(root),
      anchor: anchorOf(root, referenced.size > 0),
      root,
    }
  }

  private emit(...numbers: number[]): number {
    const at = this.code.length
    this.code.push(...numbers)
    if (this.code.length > maxProgramLength)
      throw new RegexpSyntaxError('it is too large: repeats in repeats, or many patterns in one', 0)
    return at
  }

  /** Sets the operand at that place to where the program stands now. */
  private land(at: number): void {
    this.code[at] = this.code.length
  }

  /** `follow`: what can stand behind the node, where that is known. */
  private node(node: RegexpNode, follow: CharBits | undefined): void {
    switch (node.kind) {
      case 'char':
        for (const unit of String.fromCodePoint(node.code).split('')) this.emit(op.char, unit.charCodeAt(0))
        return
      case 'set':
        this.emit(op.set, this.sets.push(node.set) - 1)
        return
      case 'sequence':
        this.sequence(node.parts, follow)
        return
      case 'either':
        this.either(node.options, follow)
        return
      case 'capture': {
        const slot = this.slotOf[node.group]
        if (slot >= 0) this.emit(op.save, slot)
        this.node(node.body, follow)
        if (slot >= 0) this.emit(op.save, slot + 1)
        return
      }
      case 'repeat':
        this.repeat(node, follow)
        return
      case 'atomic':
        this.atomic(() => this.node(node.body, undefined))
        return
      case 'look':
        this.look(node)
        return
      case 'assert':
        this.emit(op.assert, assertionNumbers[node.what])
        return
      case 'back_reference':
        this.emit(op.backReference, this.groupLists.push(node.groups) - 1, node.ignoreCase ? 1 : 0)
        return
      case 'keep':
        this.emit(op.keep)
        return
      case 'condition':
        this.condition(node, follow)
        return
      case 'call':
        throw new RegexpSyntaxError(`no group is called '${node.name}'`, node.at)
    }
  }

  private condition(node: Condition, follow: CharBits | undefined): void {
    const otherwise = this.emit(op.condition, this.slotOf[node.group], 0) + 2
    this.node(node.yes, follow)
    const end = this.emit(op.jump, 0) + 1
    this.land(otherwise)
    this.node(node.no, follow)
    this.land(end)
  }

  private sequence(parts: readonly RegexpNode[], follow: CharBits | undefined): void {
    const follows: (CharBits | undefined)[] = []
    let behind = follow
    for (let at = parts.length - 1; at >= 0; at--) {
      follows[at] = behind
      const first = this.firsts.of(parts[at] as RegexpNode)
      behind = first.nullable ? behind && union(behind, first.bits) : first.bits
    }
    parts.forEach((part, at) => {
      this.node(part, follows[at])
    })
  }

  /** Jumps where the character here cannot begin the node; returns where the target goes, if it is needed. */
  private filter(node: RegexpNode): number | undefined {
    const first = this.firsts.of(node)
    return first.nullable ? undefined : this.emit(op.filter, this.bits.push(first.bits) - 1, 0) + 2
  }

  private either(options: readonly RegexpNode[], follow: CharBits | undefined): void {
    const ends: number[] = []
    options.forEach((option, at) => {
      if (at === options.length - 1) {
        this.node(option, follow)
        return
      }
      const filter = this.filter(option)
      const split = this.emit(op.split, 0, 0)
      this.land(split + 1)
      this.node(option, follow)
      ends.push(this.emit(op.jump, 0) + 1)
      this.land(split + 2)
      if (filter !== undefined) this.land(filter)
    })
    for (const end of ends) this.land(end)
  }

  private repeat(node: Repeat, follow: CharBits | undefined): void {
    const { body, min, max, mode } = node
    if (body.kind === 'set' || (body.kind === 'char' && body.code <= 0xffff)) {
      this.run(node, follow)
      return
    }
    if (mode === 'possessive') {
      this.atomic(() => this.repeat({ ...node, mode: 'greedy' }, undefined))
      return
    }
    const first = this.firsts.of(body)
    const inLoop = follow && union(follow, first.bits)
    for (let turn = 0; turn < min; turn++) this.node(body, inLoop)
    if (max === Number.POSITIVE_INFINITY) {
      this.loop(node, inLoop)
      return
    }
    const exits: number[] = []
    for (let turn = min; turn < max; turn++) {
      exits.push(...this.choice(node))
      this.node(body, inLoop)
    }
    for (const exit of exits) this.land(exit)
  }

  /** One more turn or not; returns the places that want to know where the end is. */
  private choice(node: Repeat): number[] {
    const filter = this.filter(node.body)
    const split = this.emit(op.split, 0, 0)
    const isLazy = node.mode === 'lazy'
    this.land(split + (isLazy ? 2 : 1))
    const exit = split + (isLazy ? 1 : 2)
    return filter === undefined ? [exit] : [exit, filter]
  }

  private loop(node: Repeat, follow: CharBits | undefined): void {
    const start = this.code.length
    const exits = this.choice(node)
    const slot = this.firsts.of(node.body).nullable ? this.slots++ : undefined
    if (slot !== undefined) this.emit(op.save, slot)
    this.node(node.body, follow)
    if (slot !== undefined) exits.push(this.emit(op.checkMoved, slot, 0) + 2)
    this.emit(op.jump, start)
    for (const exit of exits) this.land(exit)
  }

  /** A repeat of single characters needs no choice for each. */
  private run(node: Repeat, follow: CharBits | undefined): void {
    const { body, min, max, mode } = node
    const set = body.kind === 'set' ? body.set : charSet((code) => body.kind === 'char' && code === body.code)
    const operation = { greedy: op.run, lazy: op.lazyRun, possessive: op.takeRun }[mode]
    const bits = follow === undefined || mode === 'possessive' ? -1 : this.bits.push(follow) - 1
    this.emit(operation, this.sets.push(set) - 1, min, max === Number.POSITIVE_INFINITY ? -1 : max, bits)
  }

  private atomic(body: () => void): void {
    const register = this.registers++
    this.emit(op.mark, register)
    body()
    this.emit(op.cut, register)
  }

  private look({ behind, negative, body }: Look): void {
    const register = this.registers++
    const begin = negative ? this.emit(op.negativeBegin, register, 0) : this.emit(op.lookBegin, register)
    if (behind) this.behind(body, register)
    else this.node(body, undefined)
    if (!negative) {
      this.emit(op.lookEnd, register)
      return
    }
    this.emit(op.negativeFail, register)
    this.land(begin + 2)
  }

  /** Each length that it can have is tried from where it would have begun. */
  private behind(body: RegexpNode, register: number): void {
    const options = body.kind === 'either' ? body.options : [body]
    const tries = options.flatMap((option) => {
      const lengths = lengthsOf(option)
      if (lengths === undefined) throw new RegexpSyntaxError('what is looked for behind must have a bounded length', 0)
      return lengths.map((length) => ({ option, length }))
    })
    const ends: number[] = []
    tries.forEach(({ option, length }, at) => {
      const split = at === tries.length - 1 ? undefined : this.emit(op.split, 0, 0)
      if (split !== undefined) this.land(split + 1)
      this.emit(op.back, length)
      this.node(option, undefined)
      this.emit(op.here, register)
      if (split === undefined) return
      ends.push(this.emit(op.jump, 0) + 1)
      this.land(split + 2)
    })
    for (const end of ends) this.land(end)
  }
}

/** Groups that the expression itself asks for. */
function referencedGroups(node: RegexpNode, groups = new Set<number>()): ReadonlySet<number> {
  switch (node.kind) {
    case 'back_reference':
      for (const group of node.groups) groups.add(group)
      break
    case 'condition':
      groups.add(node.group)
      for (const way of [node.yes, node.no]) referencedGroups(way, groups)
      break
    case 'sequence':
      for (const part of node.parts) referencedGroups(part, groups)
      break
    case 'either':
      for (const option of node.options) referencedGroups(option, groups)
      break
    case 'capture':
    case 'repeat':
    case 'atomic':
    case 'look':
      referencedGroups(node.body, groups)
  }
  return groups
}

/** Where a match can begin at all. What begins with `.*` and fails at the text's start fails everywhere, unless it asks what that matched. */
function anchorOf(node: RegexpNode, asksBack: boolean): Program['anchor'] {
  switch (node.kind) {
    case 'assert':
      return node.what === 'text_start' ? 'text' : node.what === 'line_start' ? 'line' : undefined
    case 'sequence':
      return node.parts[0] === undefined ? undefined : anchorOf(node.parts[0], asksBack)
    case 'capture':
    case 'atomic':
      return anchorOf(node.body, asksBack)
    case 'repeat': {
      const isAnything = node.body.kind === 'set' && node.body.set.isAnything
      return isAnything && node.min === 0 && node.max === Number.POSITIVE_INFINITY && !asksBack ? 'text' : undefined
    }
    default:
      return undefined
  }
}
