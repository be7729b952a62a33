// Go's fmt.Sprintf: directives with flags, widths, precisions and argument numbers, and what it prints for wrong ones.
import { type Flags, formatVerb, intArgument, Printed, printValue } from './format.ts'
import { typeName, type Value } from './value.ts'

/** Widths and precisions beyond this are no numbers to Go either (a template must not ask for megabytes of spaces). */
const maxSize = 1_000_000

class Printer {
  readonly #format: string
  readonly #args: readonly Value[]
  #at = 0
  #next = 0
  #reordered = false
  /** Whether an argument number of the current directive was wrong. */
  #badIndex = false

  constructor(format: string, args: readonly Value[]) {
    this.#format = format
    this.#args = args
  }

  run(): string {
    const printed = new Printed()
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at)
      if (percent < 0) {
        printed.add(this.#format.slice(this.#at))
        break
      }
      printed.add(this.#format.slice(this.#at, percent))
      this.#at = percent + 1
      printed.add(this.#directive())
    }
    printed.add(this.#extra())
    return printed.text
  }

  #extra(): string {
    if (this.#reordered || this.#next >= this.#args.length) return ''
    const printed = new Printed()
    for (const [i, value] of this.#args.slice(this.#next).entries()) {
      const shown = value === undefined || value === null ? '<nil>' : `${typeName(value)}=${printValue(value)}`
      printed.add((i > 0 ? ', ' : '') + shown)
    }
    return `%!(EXTRA ${printed.text})`
  }

  #directive(): string {
    this.#badIndex = false
    const flags = this.#flags()
    this.#argumentNumber()
    const width = this.#size('%!(BADWIDTH)')
    const isLeft = flags.minus || (width.value ?? 0) < 0
    let precision: { value: number | undefined; problem: string } = { value: undefined, problem: '' }
    if (this.#format[this.#at] === '.') {
      this.#at++
      this.#argumentNumber()
      precision = this.#size('%!(BADPREC)')
      if (precision.value === undefined && precision.problem === '') precision = { value: 0, problem: '' }
      else if ((precision.value ?? 0) < 0) precision = { value: undefined, problem: '%!(BADPREC)' }
    }
    this.#argumentNumber()
    const verb = String.fromCodePoint(this.#format.codePointAt(this.#at) ?? 0)
    if (this.#at >= this.#format.length) return `${width.problem}${precision.problem}%!(NOVERB)`
    this.#at += verb.length
    if (verb === '%') return '%'
    const problems = width.problem + precision.problem
    if (this.#badIndex) return `${problems}%!${verb}(BADINDEX)`
    if (this.#next >= this.#args.length) return `${problems}%!${verb}(MISSING)`
    const value = this.#args[this.#next++]
    const size = width.value === undefined ? undefined : Math.abs(width.value)
    const zero = flags.zero && !isLeft
    return (
      problems + formatVerb(value, verb, { ...flags, minus: isLeft, zero, width: size, precision: precision.value })
    )
  }

  #flags(): Flags {
    const found = /^[+\-# 0]*/.exec(this.#format.slice(this.#at))?.[0] ?? ''
    this.#at += found.length
    const has = (flag: string): boolean => found.includes(flag)
    return {
      plus: has('+'),
      minus: has('-'),
      sharp: has('#'),
      space: has(' '),
      zero: has('0'),
      width: undefined,
      precision: undefined,
    }
  }

  /** `[3]`: the argument that comes next. */
  #argumentNumber(): void {
    const found = /^\[([^\]]*)\]/.exec(this.#format.slice(this.#at))
    if (found === null) return
    this.#reordered = true
    this.#at += found[0].length
    const number = /^\d{1,7}$/.test(found[1] ?? '') ? Number(found[1]) : 0
    if (number < 1 || number > this.#args.length) this.#badIndex = true
    else this.#next = number - 1
  }

  /** A width or precision: digits, or `*` for one that is an argument. */
  #size(problem: string): { value: number | undefined; problem: string } {
    if (this.#format[this.#at] === '*') {
      this.#at++
      const value = intArgument(this.#args[this.#next])
      if (this.#next < this.#args.length) this.#next++
      return value === undefined ? { value, problem } : { value, problem: '' }
    }
    const digits = /^\d+/.exec(this.#format.slice(this.#at))?.[0] ?? ''
    this.#at += digits.length
    const value = Number(digits)
    return digits === '' || value > maxSize ? { value: undefined, problem: '' } : { value, problem: '' }
  }
}

export function sprintf(format: string, args: readonly Value[]): string {
  return new Printer(format, args).run()
}
