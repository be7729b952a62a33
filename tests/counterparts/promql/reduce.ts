// From a query that two servers answer differently to the smallest part of it that is to blame: the one that answers differently although all
// it is computed from is the same to the last bit. Where that is not so, rounding further down was amplified (by a comparison, a difference of
// nearly equal numbers, a sine): the versions add up in different ways.
import type { AtModifier, DurationExpr, Expr } from '@tidewatch/promql/ast.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { print } from '@tidewatch/promql/print.ts'
import { type Answer, type Comparison, compare, type Row, type Window } from './answers.ts'

export interface Both {
  readonly ours: Answer
  readonly theirs: Answer
}

export type AskBoth = (query: string, window: Window) => Promise<Both>

/** Why versions 2 and 3 answer differently, where it is no fault; and `unstable`: version 2 does not answer the same twice. */
type Known =
  | 'rounding'
  | 'late name'
  | 'matched before compared'
  | 'error of another step'
  | 'error of another part'
  | 'equal values'
  | 'unstable'

export interface Verdict {
  readonly kind: 'real' | Known
  readonly query: string
  readonly window: Window
  readonly why: string
}

/** Why the answers to a query differ; `first` are the answers that did. */
export async function reduce(query: string, window: Window, first: Both, askBoth: AskBoth): Promise<Verdict> {
  try {
    for (let times = 0; times < 4; times++) {
      const again = await askBoth(query, window)
      if (compare(first.theirs, again.theirs).likeness === 'other')
        return { kind: 'unstable', query, window, why: 'version 2 answers now one thing, now the other' }
    }
    return await new Reducer(askBoth).reduce(fixTimes(parse(query), window), window)
  } catch (error) {
    return { kind: 'real', query, window, why: String(error) }
  }
}

class Reducer {
  readonly #ask: AskBoth

  constructor(ask: AskBoth) {
    this.#ask = ask
  }

  async #compare(expr: Expr, window: Window): Promise<Comparison & { readonly both: Both }> {
    const both = await this.#ask(print(expr), window)
    return { ...compare(both.ours, both.theirs), both }
  }

  async reduce(expr: Expr, window: Window): Promise<Verdict> {
    const found = await this.#compare(expr, window)
    const { why = 'the same when asked again' } = found
    const instant = await this.#oneInstant(expr, window, found)
    if (instant !== undefined) return this.reduce(expr, instant)
    const parts: PartAnswers[] = []
    for (const [part, partWindow] of partsOf(expr, window)) {
      const below = await this.#compare(part, partWindow)
      if (below.likeness === 'other') return this.reduce(part, partWindow)
      parts.push(below)
    }
    const early = await this.#isMatchedBefore(expr, window, found.both)
    const kind = early ? 'matched before compared' : knownDifference(expr, window, { ...found, parts })
    return { kind: kind ?? 'real', query: print(expr), window, why }
  }

  /** Version 3 sees that a series matches twice also where the comparison leaves it out; version 2 does so where nothing is left out. */
  async #isMatchedBefore(expr: Expr, window: Window, { ours, theirs }: Both): Promise<boolean> {
    if (expr.kind !== 'binary' || ours.kind !== 'error' || theirs.kind === 'error') return false
    if (!ours.message.startsWith('multiple matches for labels')) return false
    const kept = await this.#compare({ ...expr, returnBool: true }, window)
    return kept.likeness === 'same' && kept.both.theirs.kind === 'error'
  }

  /** Of a range query one moment at which the answers differ as well. */
  async #oneInstant(expr: Expr, window: Window, { atMs }: Comparison): Promise<Window | undefined> {
    if (window.stepMs === 0) return undefined
    const times = atMs === undefined ? [] : [atMs]
    for (let ms = window.startMs; ms <= window.endMs; ms += window.stepMs) times.push(ms)
    for (const ms of times) {
      const instant = { startMs: ms, endMs: ms, stepMs: 0 }
      if ((await this.#compare(expr, instant)).likeness === 'other') return instant
    }
    return undefined
  }
}

interface PartAnswers extends Comparison {
  readonly both: Both
}

interface Found extends PartAnswers {
  readonly parts: readonly PartAnswers[]
}

const failed = (parts: readonly PartAnswers[]): readonly PartAnswers[] =>
  parts.filter(({ both }) => both.theirs.kind === 'error')

/** Why an expression has another value or error though its parts have the same, if that is known. */
function knownDifference(expr: Expr, window: Window, { both, atMs, parts }: Found): Known | undefined {
  const { ours, theirs } = both
  if (parts.some(({ likeness }) => likeness === 'near')) return 'rounding'
  if (failed(parts).some(({ both: { theirs: part } }) => isSameLabels(part))) return 'late name'
  if (ours.kind === 'error' && theirs.kind === 'error') {
    if (ours.status !== theirs.status) return undefined
    if (failed(parts).length > 1) return 'error of another part'
    return window.stepMs > 0 ? 'error of another step' : undefined
  }
  // version 3 puts series together that have the same labels at different times
  if (expr.kind === 'unary' && window.stepMs > 0 && isSameLabels(theirs)) return 'late name'
  if (ours.kind === 'error' || theirs.kind === 'error' || window.stepMs > 0) return undefined
  if (expr.kind === 'aggregate' && (expr.op === 'topk' || expr.op === 'bottomk')) {
    const valuesOf = ({ rows }: typeof ours): string => String(rows.map(({ cells }) => cells[1]).sort())
    return valuesOf(ours) === valuesOf(theirs) ? 'equal values' : undefined
  }
  return atMs !== undefined && isSmall(expr, ours.rows, theirs.rows, parts) ? 'rounding' : undefined
}

const isSameLabels = (answer: Answer): boolean =>
  answer.kind === 'error' && answer.message.includes('vector cannot contain metrics with the same labelset')

/** Sums, and what is made of them, which version 3 compensates. */
const summing = /^(?:sum|avg|stddev|stdvar)(?:_over_time)?$|^(?:deriv|predict_linear|double_exponential_smoothing)$/

/** Whether two results differ by no more than the digits that adding up such values loses. */
function isSmall(expr: Expr, ours: readonly Row[], theirs: readonly Row[], parts: readonly PartAnswers[]): boolean {
  const name = expr.kind === 'aggregate' ? expr.op : expr.kind === 'call' ? expr.func : ''
  if (!summing.test(name)) return false
  const values = parts.flatMap(({ both: { theirs: part } }) =>
    part.kind === 'error' ? [] : part.rows.flatMap(({ cells }) => cells.filter((_cell, i) => i % 2 === 1).map(Number)),
  )
  const greatest = Math.max(...values.map(Math.abs))
  // a root makes an error of 10^-16 one of 10^-8
  const bound = name.startsWith('stddev') ? greatest * 1e-7 : Math.max(greatest, greatest ** 2) * 1e-12
  return ours.every(({ cells }, i) => Math.abs(Number(cells[1]) - Number(theirs[i]?.cells[1])) <= bound)
}

/** Whose values the value of an expression is computed from, and when. */
function partsOf(expr: Expr, window: Window): readonly (readonly [Expr, Window])[] {
  switch (expr.kind) {
    case 'paren':
    case 'unary':
      return [[expr.expr, window]]
    case 'binary':
      return [
        [expr.left, window],
        [expr.right, window],
      ]
    case 'aggregate':
      return expr.param === undefined || expr.param.kind === 'string'
        ? [[expr.expr, window]]
        : [
            [expr.param, window],
            [expr.expr, window],
          ]
    case 'call':
      return expr.args.filter(({ kind }) => kind !== 'string').map((arg) => [arg, window] as const)
    case 'subquery':
      return window.stepMs === 0 ? [[expr.expr, stepsOf(expr, window.startMs)]] : []
    default:
      return []
  }
}

const msOf = (duration: DurationExpr | undefined, otherwise: number): number =>
  duration?.kind === 'ms' ? duration.ms : otherwise

/** The steps of a subquery as a range query. */
function stepsOf(expr: Extract<Expr, { kind: 'subquery' }>, evaluatedMs: number): Window {
  const stepMs = msOf(expr.step, 60_000)
  const endMs = (expr.at?.kind === 'time' ? expr.at.ms : evaluatedMs) - msOf(expr.offset, 0)
  const startMs = (Math.floor((endMs - msOf(expr.range, 0)) / stepMs) + 1) * stepMs
  return { startMs, endMs, stepMs }
}

/** The expression with times in place of `@ start()` and `@ end()`, so that its parts can be asked for other windows. */
function fixTimes(expr: Expr, window: Window): Expr {
  const fix = (inner: Expr): Expr => fixTimes(inner, window)
  const fixAt = (at: AtModifier | undefined): AtModifier | undefined =>
    at === undefined || at.kind === 'time'
      ? at
      : { kind: 'time', ms: at.kind === 'start' ? window.startMs : window.endMs }
  switch (expr.kind) {
    case 'paren':
    case 'unary':
      return { ...expr, expr: fix(expr.expr) }
    case 'binary':
      return { ...expr, left: fix(expr.left), right: fix(expr.right) }
    case 'aggregate':
      return { ...expr, expr: fix(expr.expr), param: expr.param === undefined ? undefined : fix(expr.param) }
    case 'call':
      return { ...expr, args: expr.args.map(fix) }
    case 'vector_selector':
      return { ...expr, at: fixAt(expr.at) }
    case 'matrix_selector':
      return { ...expr, selector: { ...expr.selector, at: fixAt(expr.selector.at) } }
    case 'subquery':
      return { ...expr, expr: fix(expr.expr), at: fixAt(expr.at) }
    default:
      return expr
  }
}
