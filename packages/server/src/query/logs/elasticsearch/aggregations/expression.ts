// The arithmetic of scripts that reckon with other answers: numbers, `params.name`, + - * / %, comparisons, `&&`, `||`, `? :` and functions of Math.
import { fault } from '../fault.ts'

export type Expression = (values: Readonly<Record<string, number>>) => number

const token =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)[fFdDlL]?|([A-Za-z_][\w.]*)|(==|!=|<=|>=|&&|\|\||[-+*/%<>()?:,!]))/y
const maxLength = 4000
const maxDepth = 100

const functions: Readonly<Record<string, (...values: number[]) => number>> = {
  ...{ abs: Math.abs, ceil: Math.ceil, exp: Math.exp, floor: Math.floor, log: Math.log, log10: Math.log10 },
  ...{ max: Math.max, min: Math.min, pow: Math.pow, round: Math.round, sqrt: Math.sqrt, signum: Math.sign },
}
const constants: Readonly<Record<string, number>> = { 'Math.PI': Math.PI, 'Math.E': Math.E, true: 1, false: 0 }

type Binary = (a: number, b: number) => number
/** From the loosest to the tightest. */
const levels: readonly Readonly<Record<string, Binary>>[] = [
  { '||': (a, b) => (a !== 0 || b !== 0 ? 1 : 0) },
  { '&&': (a, b) => (a !== 0 && b !== 0 ? 1 : 0) },
  { '==': (a, b) => (a === b ? 1 : 0), '!=': (a, b) => (a === b ? 0 : 1) },
  {
    ...{ '<': (a: number, b: number) => (a < b ? 1 : 0), '>': (a: number, b: number) => (a > b ? 1 : 0) },
    ...{ '<=': (a: number, b: number) => (a <= b ? 1 : 0), '>=': (a: number, b: number) => (a >= b ? 1 : 0) },
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b },
]

/** Throws `script_exception` for what is more than arithmetic. */
export function parseExpression(source: string): Expression {
  const text = source
    .trim()
    .replace(/^return\s+/, '')
    .replace(/;\s*$/, '')
  if (text.length > maxLength) throw fault('script_exception', `the script is longer than ${maxLength} characters`)
  const parser = new Parser(text)
  return parser.whole()
}

class Parser {
  readonly #text: string
  #at = 0
  #sign = ''
  #number: number | undefined
  #name = ''
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#next()
  }

  whole(): Expression {
    const expression = this.#choice()
    if (this.#sign !== 'end') throw this.#odd()
    return expression
  }

  #next(): void {
    token.lastIndex = this.#at
    const match = token.exec(this.#text)
    this.#number = undefined
    this.#name = ''
    this.#sign = ''
    if (match === null) {
      if (this.#text.slice(this.#at).trim() !== '') throw this.#odd()
      this.#sign = 'end'
      return
    }
    this.#at = token.lastIndex
    if (match[1] !== undefined) this.#number = Number(match[1])
    else if (match[2] !== undefined) this.#name = match[2]
    else this.#sign = match[3] as string
  }

  #odd() {
    return fault(
      'script_exception',
      `the script is no arithmetic at character ${this.#at}: [${this.#text.slice(0, 100)}]`,
      {
        fix: 'Use numbers, params.name, + - * / %, comparisons, ? : and Math',
      },
    )
  }

  #choice(): Expression {
    if (++this.#depth > maxDepth) throw this.#odd()
    const condition = this.#level(0)
    if (this.#sign !== '?') {
      this.#depth--
      return condition
    }
    this.#next()
    const yes = this.#choice()
    this.#expect(':')
    const no = this.#choice()
    this.#depth--
    return (values) => (condition(values) === 0 ? no(values) : yes(values))
  }

  #level(at: number): Expression {
    const operators = levels[at]
    if (operators === undefined) return this.#unary()
    let left = this.#level(at + 1)
    for (;;) {
      const operator = Object.hasOwn(operators, this.#sign) ? operators[this.#sign] : undefined
      if (operator === undefined) return left
      this.#next()
      const [before, after] = [left, this.#level(at + 1)]
      left = (values) => operator(before(values), after(values))
    }
  }

  #unary(): Expression {
    if (this.#sign !== '-' && this.#sign !== '+' && this.#sign !== '!') return this.#primary()
    if (++this.#depth > maxDepth) throw this.#odd()
    const sign = this.#sign
    this.#next()
    const inner = this.#unary()
    this.#depth--
    if (sign === '!') return (values) => (inner(values) === 0 ? 1 : 0)
    return sign === '-' ? (values) => -inner(values) : inner
  }

  #primary(): Expression {
    const number = this.#number
    if (number !== undefined) {
      this.#next()
      return () => number
    }
    if (this.#name !== '') return this.#named()
    this.#expect('(')
    const inner = this.#choice()
    this.#expect(')')
    return inner
  }

  #named(): Expression {
    const name = this.#name
    this.#next()
    const call =
      name.startsWith('Math.') && Object.hasOwn(functions, name.slice(5)) ? functions[name.slice(5)] : undefined
    if (call !== undefined && this.#sign === '(') return this.#call(call)
    if (Object.hasOwn(constants, name)) return () => constants[name] as number
    const variable = name.startsWith('params.') ? name.slice(7) : name
    return (values) => {
      const value = Object.hasOwn(values, variable) ? values[variable] : undefined
      if (value === undefined)
        throw fault('script_exception', `the script names [${name.slice(0, 60)}], which [buckets_path] does not`)
      return value
    }
  }

  #call(of: (...values: number[]) => number): Expression {
    this.#next()
    const inner = [this.#choice()]
    while (this.#sign === ',') {
      this.#next()
      inner.push(this.#choice())
    }
    this.#expect(')')
    return (values) => of(...inner.map((one) => one(values)))
  }

  #expect(sign: string): void {
    if (this.#sign !== sign) throw this.#odd()
    this.#next()
  }
}
