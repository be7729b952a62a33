// Operators between vectors and numbers, for all steps.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { ArithmeticOp, BinaryExpr, BinaryOp, CompareOp, Matching } from './ast.ts'
import { comparisons } from './label-filter.ts'
import { emptyRow, hasPoints, type Row } from './rows.ts'

const arithmetic: Readonly<Record<ArithmeticOp, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  // Loki gives no infinity for a division by 0
  '/': (a, b) => (b === 0 ? Number.NaN : a / b),
  '%': (a, b) => (b === 0 ? Number.NaN : a % b),
  '^': (a, b) => a ** b,
}

const isCompare = (op: BinaryOp): op is CompareOp => Object.hasOwn(comparisons, op)
const isArithmetic = (op: BinaryOp): op is ArithmeticOp => Object.hasOwn(arithmetic, op)

/** Undefined: no point. `kept`: what a comparison lets through. */
type Combine = (a: number, b: number, kept: number) => number | undefined

function combineOf(op: BinaryOp, isBool: boolean): Combine {
  if (isCompare(op)) {
    const holds = comparisons[op]
    if (isBool) return (a, b) => (holds(a, b) ? 1 : 0)
    return (a, b, kept) => (holds(a, b) ? kept : undefined)
  }
  if (!isArithmetic(op)) throw new AppError('internal.bug', `${op} combines no numbers`)
  return arithmetic[op]
}

/** Two numbers; a comparison of them gives 1 or 0. */
export function combineScalars(op: BinaryOp, left: number, right: number): number {
  return combineOf(op, true)(left, right, left) ?? Number.NaN
}

/** A number on one side, `isLeft`: on the left one. A comparison keeps the vector's values. */
export function combineWithScalar(
  { op, isBool }: BinaryExpr,
  rows: readonly Row[],
  scalar: number,
  isLeft: boolean,
): Row[] {
  const combine = combineOf(op, isBool)
  return rows
    .map((row) => {
      const result = emptyRow(row.labels, row.values.length)
      for (let step = 0; step < row.values.length; step++) {
        if (row.present[step] === 0) continue
        const own = row.values[step]
        const value = isLeft ? combine(scalar, own, own) : combine(own, scalar, own)
        if (value === undefined) continue
        result.present[step] = 1
        result.values[step] = value
      }
      return result
    })
    .filter(hasPoints)
}

export function combineVectors(expr: BinaryExpr, left: readonly Row[], right: readonly Row[]): Row[] {
  const { op, matching } = expr
  if (op === 'and' || op === 'or' || op === 'unless') return combineSets(op, matching, left, right)
  return matching?.group === 'right'
    ? match(expr, { many: right, one: left, isSwapped: true })
    : match(expr, { many: left, one: right, isSwapped: false })
}

function keyOf(labels: Labels, matching: Matching | undefined): string {
  if (matching === undefined) return labels.key()
  const names = new Set(matching.labels)
  return (matching.on ? labels.only(names) : labels.without(names)).key()
}

function byKey(rows: readonly Row[], matching: Matching | undefined): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf(row.labels, matching)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return groups
}

interface Sides {
  readonly many: readonly Row[]
  readonly one: readonly Row[]
  /** Whether `many` stands on the right. */
  readonly isSwapped: boolean
}

function match(expr: BinaryExpr, { many, one, isSwapped }: Sides): Row[] {
  const { matching, op, isBool } = expr
  const combine = combineOf(op, isBool)
  const partners = byKey(one, matching)
  refuseAmbiguous(partners, many, matching)
  const isOneToOne = matching?.group === undefined
  const taken = new Map<Row, Uint8Array>()
  const results = new Map<string, Row>()
  for (const row of many) {
    for (const partner of partners.get(keyOf(row.labels, matching)) ?? []) {
      const steps = row.values.length
      const labels = resultLabels(row.labels, partner.labels, matching)
      const result = emptyRow(labels, steps)
      for (let step = 0; step < steps; step++) {
        if (row.present[step] === 0 || partner.present[step] === 0) continue
        if (isOneToOne) takeOnce(taken, partner, step)
        const a = isSwapped ? partner.values[step] : row.values[step]
        const b = isSwapped ? row.values[step] : partner.values[step]
        const value = combine(a, b, a)
        if (value === undefined) continue
        result.present[step] = 1
        result.values[step] = value
      }
      if (hasPoints(result)) addResult(results, result)
    }
  }
  return [...results.values()]
}

/** A series on the one side may serve one on the other at each step. */
function takeOnce(taken: Map<Row, Uint8Array>, partner: Row, step: number): void {
  let steps = taken.get(partner)
  if (steps === undefined) {
    steps = new Uint8Array(partner.values.length)
    taken.set(partner, steps)
  }
  if (steps[step] === 1) {
    throw new AppError(
      'query.execution',
      'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
    )
  }
  steps[step] = 1
}

/** Two series on the one side that match the same at the same step have no meaning. */
function refuseAmbiguous(
  partners: ReadonlyMap<string, readonly Row[]>,
  many: readonly Row[],
  matching: Matching | undefined,
): void {
  for (const row of many) {
    const own = partners.get(keyOf(row.labels, matching)) ?? []
    if (own.length < 2) continue
    for (let step = 0; step < row.values.length; step++) {
      const there = own.filter(({ present }) => present[step] === 1)
      if (row.present[step] === 1 && there.length > 1) {
        throw new AppError(
          'query.execution',
          `found duplicate series on the one side of the operation: ${there[0].labels} and ${there[1].labels} match the same; many-to-many matching is not allowed`,
        )
      }
    }
  }
}

function resultLabels(many: Labels, one: Labels, matching: Matching | undefined): Labels {
  if (matching === undefined) return many
  if (matching.group === undefined) {
    const names = new Set(matching.labels)
    return matching.on ? many.only(names) : many.without(names)
  }
  if (matching.include.length === 0) return many
  return Labels.from([...many.entries(), ...matching.include.map((name) => [name, one.get(name)] as const)])
}

/** Series that end with the same labels are one, as long as they do not meet. */
function addResult(results: Map<string, Row>, row: Row): void {
  const key = row.labels.key()
  const former = results.get(key)
  if (former === undefined) {
    results.set(key, row)
    return
  }
  for (let step = 0; step < row.values.length; step++) {
    if (row.present[step] === 0) continue
    if (former.present[step] === 1) {
      throw new AppError(
        'query.execution',
        `multiple matches for labels: grouping labels must ensure unique matches: ${row.labels}`,
      )
    }
    former.present[step] = 1
    former.values[step] = row.values[step]
  }
}

function combineSets(
  op: 'and' | 'or' | 'unless',
  matching: Matching | undefined,
  left: readonly Row[],
  right: readonly Row[],
): Row[] {
  const others = byKey(op === 'or' ? left : right, matching)
  const filtered = (op === 'or' ? right : left)
    .map((row) => {
      const group = others.get(keyOf(row.labels, matching)) ?? []
      const result = emptyRow(row.labels, row.values.length)
      for (let step = 0; step < row.values.length; step++) {
        if (row.present[step] === 0) continue
        const isMatched = group.some(({ present }) => present[step] === 1)
        if (isMatched !== (op === 'and')) continue
        result.present[step] = 1
        result.values[step] = row.values[step]
      }
      return result
    })
    .filter(hasPoints)
  if (op !== 'or') return filtered
  const results = new Map(left.map((row): [string, Row] => [row.labels.key(), row]))
  for (const row of filtered) {
    const key = row.labels.key()
    const former = results.get(key)
    results.set(key, former === undefined ? row : merged(former, row))
  }
  return [...results.values()]
}

/** Two series of the same labels, of which never both have a point. */
function merged(a: Row, b: Row): Row {
  const result = emptyRow(a.labels, a.values.length)
  for (let step = 0; step < a.values.length; step++) {
    const from = a.present[step] === 1 ? a : b
    result.present[step] = from.present[step]
    result.values[step] = from.values[step]
  }
  return result
}
