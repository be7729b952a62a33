// What a source can do by itself: leave out lines, and count them. The evaluation agrees with both (plan.test.ts holds it to that).
import { RE2JS } from 're2js'
import { allOf, anyOf, everything, type FieldRef, notOf, type Predicate, testOf, type ValueTest } from '../predicate.ts'
import type {
  Grouping,
  LabelFilter,
  LineFilterOp,
  LineFilterStage,
  LogExpr,
  RangeAggregation,
  StreamMatcher,
} from './ast.ts'
import { wildcardOf } from './pattern.ts'
import { takesEmpty } from './selector.ts'

const body: FieldRef = { kind: 'column', column: 'body' }

export interface PushDown {
  /** A predicate that all lines of the query satisfy: the selector and the line filters before anything changes the line. */
  readonly predicate: Predicate
  /** Whether every line that satisfies it passes selector and stages: nothing of the query is left to do. */
  readonly isWhole: boolean
}

/** `fieldOf`: where a label of a stream is in a record; undefined where it cannot be asked for, and its matchers are left to the evaluation. */
export function pushDown(log: LogExpr, fieldOf: (label: string) => FieldRef | undefined): PushDown {
  const predicates: Predicate[] = []
  let isWhole = true
  for (const matcher of log.matchers) {
    const field = fieldOf(matcher.name)
    const predicate = field === undefined ? undefined : matcherPredicate(matcher, field)
    if (predicate === undefined) isWhole = false
    else predicates.push(predicate)
  }
  for (const stage of log.stages) {
    // line filters behind filters of labels see the same line still
    if (stage.kind === 'line_filter') {
      const predicate = linePredicate(stage)
      if (predicate === undefined) isWhole = false
      else predicates.push(predicate)
      continue
    }
    isWhole = false
    if (stage.kind === 'line_format' || stage.kind === 'unpack' || stage.kind === 'decolorize') break
  }
  return { predicate: allOf(predicates), isWhole }
}

/** What a record must have in a field so that the matcher takes it. */
export function matcherPredicate(matcher: StreamMatcher, field: FieldRef): Predicate {
  const { op, value } = matcher
  const isNegative = op === '!=' || op === '!~'
  const test: ValueTest =
    op === '=' || op === '!='
      ? { op: 'equals', unit: 'value', values: [value] }
      : { op: 'regexp', unit: 'value', pattern: value, anchored: true }
  const exists = testOf(field, { op: 'exists' })
  // a record without the label has '' for it, which tests never find
  if ((op === '=' || op === '!=') && value === '') return op === '=' ? notOf(exists) : exists
  const holds = testOf(field, test)
  if (isNegative) return takesEmpty(matcher) ? notOf(holds) : allOf([exists, notOf(holds)])
  return takesEmpty(matcher) ? anyOf([notOf(exists), holds]) : holds
}

function linePredicate({ op, operands }: LineFilterStage): Predicate | undefined {
  if (operands.some(({ isIp }) => isIp)) return undefined
  const tests = operands.map(({ value }) => textPredicate(op, value))
  return op[0] === '!' ? notOf(anyOf(tests)) : anyOf(tests)
}

/** What the line must be, sign aside. Tests do not find an empty line, so one that fits is told by its absence. */
function textPredicate(op: LineFilterOp, value: string): Predicate {
  const isEmpty = notOf(testOf(body, { op: 'exists' }))
  switch (op) {
    case '|=':
    case '!=':
      return value === '' ? everything : testOf(body, { op: 'contains', text: value, ignoreCase: false })
    case '|~':
    case '!~': {
      const holds = testOf(body, { op: 'regexp', unit: 'value', pattern: value, anchored: false })
      return RE2JS.compile(value).matcher('').find() ? anyOf([isEmpty, holds]) : holds
    }
    case '|>':
    case '!>': {
      const pattern = wildcardOf(value)
      const [first] = pattern
      if (first === undefined) return isEmpty
      if (pattern.length === 1 && first === 'any') return everything
      return testOf(body, { op: 'wildcard', unit: 'value', pattern, ignoreCase: false })
    }
    default:
      return op satisfies never
  }
}

export interface CountPlan {
  readonly what: 'lines' | 'bytes'
  /** Divided by the seconds of the range. */
  readonly isRate: boolean
  /** undefined: by all labels of the lines. */
  readonly by: readonly string[] | undefined
}

/** How a source may answer the whole aggregation by counting lines; undefined where each line must be looked at. */
export function countPlanOf(
  { op, log, unwrap }: RangeAggregation,
  grouping: Grouping | undefined,
): CountPlan | undefined {
  if (unwrap !== undefined || grouping?.without === true) return undefined
  const isLines = op === 'count_over_time' || op === 'rate'
  if (!isLines && op !== 'bytes_over_time' && op !== 'bytes_rate') return undefined
  if (!log.stages.every((stage) => stage.kind === 'line_filter' && !stage.operands.some(({ isIp }) => isIp)))
    return undefined
  return {
    what: isLines ? 'lines' : 'bytes',
    isRate: op === 'rate' || op === 'bytes_rate',
    by: grouping?.labels,
  }
}

/** The labels that the aggregation looks at, where they are known: parsers need not keep the others. */
export function wantedLabels(
  { log, unwrap, op }: RangeAggregation,
  grouping: Grouping | undefined,
): ReadonlySet<string> | undefined {
  const isGrouped = grouping !== undefined && !grouping.without
  if (!isGrouped && op !== 'absent_over_time') return undefined
  const names = new Set(grouping?.labels)
  if (unwrap !== undefined) names.add(unwrap.name)
  for (const filter of unwrap?.filters ?? []) addNames(filter, names)
  for (const stage of log.stages) {
    if (stage.kind === 'line_format' || stage.kind === 'label_format') return undefined
    if (stage.kind === 'label_filter') addNames(stage.filter, names)
    if (stage.kind === 'drop' || stage.kind === 'keep') for (const { name } of stage.labels) names.add(name)
  }
  return names
}

function addNames(filter: LabelFilter, names: Set<string>): void {
  if ('left' in filter) {
    addNames(filter.left, names)
    addNames(filter.right, names)
  } else names.add(filter.name)
}
