// Metric queries: aggregations over ranges and vectors, operators, label_replace, vector, numbers.
import type { BinaryOp, Grouping, Matching, MetricExpr, RangeAggregation, RangeOp, Unwrap, VectorOp } from './ast.ts'
import { childrenOf, parseError, type SyntaxNode, spanOf } from './grammar.ts'
import { compareOps, precedenceOf } from './operators.ts'
import { parseLabelFilter, parseLog } from './parse-log.ts'
import { durationMsOf, literalOf, need, numberOf, type ParseContext, sourceOf, stringOf } from './parse-text.ts'

type MetricReader = (context: ParseContext, node: SyntaxNode) => MetricExpr

const metricReaders: Readonly<Record<string, MetricReader>> = {
  MetricExpr: parseMetric,
  RangeAggregationExpr: parseRangeAggregation,
  VectorAggregationExpr: parseVectorAggregation,
  BinOpExpr: parseBinary,
  LiteralExpr: (context, node) => ({ kind: 'literal', value: literalOf(context, node), span: spanOf(node) }),
  VectorExpr: (context, node) => ({
    kind: 'vector',
    value: numberOf(context, need(context, node, 'Number')),
    span: spanOf(node),
  }),
  LabelReplaceExpr: parseLabelReplace,
}

/** A MetricExpr. */
export function parseMetric(context: ParseContext, node: SyntaxNode): MetricExpr {
  const inner = node.firstChild
  const read = inner === null ? undefined : metricReaders[inner.name]
  if (inner === null || read === undefined)
    throw parseError(context.text, spanOf(node), 'syntax error: no metric query')
  return read(context, inner)
}

const rangeOps: Readonly<Record<string, RangeOp>> = {
  CountOverTime: 'count_over_time',
  Rate: 'rate',
  RateCounter: 'rate_counter',
  BytesOverTime: 'bytes_over_time',
  BytesRate: 'bytes_rate',
  AvgOverTime: 'avg_over_time',
  SumOverTime: 'sum_over_time',
  MinOverTime: 'min_over_time',
  MaxOverTime: 'max_over_time',
  StddevOverTime: 'stddev_over_time',
  StdvarOverTime: 'stdvar_over_time',
  QuantileOverTime: 'quantile_over_time',
  FirstOverTime: 'first_over_time',
  LastOverTime: 'last_over_time',
  AbsentOverTime: 'absent_over_time',
}

function parseRangeAggregation(context: ParseContext, node: SyntaxNode): RangeAggregation {
  const op = rangeOps[need(context, node, 'RangeOp').firstChild?.name ?? '']
  if (op === undefined) throw parseError(context.text, spanOf(node), 'syntax error: unknown aggregation over a range')
  const param = node.getChild('Number')
  let range = need(context, node, 'LogRangeExpr')
  for (let inner = range.getChild('LogRangeExpr'); inner !== null; inner = inner.getChild('LogRangeExpr')) range = inner
  const unwrap = range.getChild('UnwrapExpr')
  const duration = need(context, need(context, range, 'Range'), 'Duration')
  return {
    kind: 'range_aggregation',
    op,
    param: param === null ? undefined : numberOf(context, param),
    log: parseLog(context, range),
    unwrap: unwrap === null ? undefined : parseUnwrap(context, unwrap),
    rangeMs: durationMsOf(context, duration),
    offsetMs: offsetOf(context, range),
    grouping: parseGrouping(context, node),
    span: spanOf(node),
  }
}

function offsetOf(context: ParseContext, range: SyntaxNode): number {
  const offset = range.getChild('OffsetExpr')
  if (offset !== null) return durationMsOf(context, need(context, offset, 'Duration'))
  const unseen = context.offsets.get(need(context, range, 'Range').to)
  return unseen === undefined ? 0 : durationMsOf(context, range, unseen)
}

function parseUnwrap(context: ParseContext, node: SyntaxNode): Unwrap {
  const inner = node.getChild('UnwrapExpr')
  if (inner !== null) {
    const before = parseUnwrap(context, inner)
    const filters = node.getChildren('LabelFilter').map((filter) => parseLabelFilter(context, filter))
    return { ...before, filters: [...before.filters, ...filters] }
  }
  const conversion = node.getChild('ConvOp')?.firstChild?.name
  return {
    name: sourceOf(context, need(context, node, 'Identifier')),
    conversion: conversion === undefined ? 'number' : conversion === 'BytesConv' ? 'bytes' : 'duration',
    filters: [],
  }
}

/** `by` and `without`, which stand before or behind the arguments. */
function parseGrouping(context: ParseContext, node: SyntaxNode): Grouping | undefined {
  const grouping = node.getChild('Grouping')
  if (grouping === null) return undefined
  return { without: grouping.getChild('Without') !== null, labels: namesIn(context, grouping.getChild('Labels')) }
}

/** All names below a node. */
function namesIn(context: ParseContext, node: SyntaxNode | null): string[] {
  if (node === null) return []
  if (node.name === 'Identifier' || node.name === 'LabelName') return [sourceOf(context, node)]
  return childrenOf(node).flatMap((child) => namesIn(context, child))
}

const vectorOps: Readonly<Record<string, VectorOp>> = {
  Sum: 'sum',
  Avg: 'avg',
  Count: 'count',
  Max: 'max',
  Min: 'min',
  Stddev: 'stddev',
  Stdvar: 'stdvar',
  Topk: 'topk',
  Bottomk: 'bottomk',
  Sort: 'sort',
  Sort_Desc: 'sort_desc',
}

function parseVectorAggregation(context: ParseContext, node: SyntaxNode): MetricExpr {
  const name = need(context, node, 'VectorOp')
  const op = context.approximate.has(name.from) ? 'approx_topk' : vectorOps[name.firstChild?.name ?? '']
  if (op === undefined) throw parseError(context.text, spanOf(node), 'syntax error: unknown aggregation')
  const param = node.getChild('Number')
  return {
    kind: 'vector_aggregation',
    op,
    param: param === null ? undefined : numberOf(context, param),
    expr: parseMetric(context, need(context, node, 'MetricExpr')),
    grouping: parseGrouping(context, node),
    span: spanOf(node),
  }
}

function parseLabelReplace(context: ParseContext, node: SyntaxNode): MetricExpr {
  const [target = '', replacement = '', source = '', pattern = ''] = node
    .getChildren('String')
    .map((text) => stringOf(context, text))
  const expr = parseMetric(context, need(context, node, 'MetricExpr'))
  return { kind: 'label_replace', expr, target, replacement, source, pattern, span: spanOf(node) }
}

const binaryOps: Readonly<Record<string, BinaryOp>> = {
  Or: 'or',
  And: 'and',
  Unless: 'unless',
  Add: '+',
  Sub: '-',
  Mul: '*',
  Div: '/',
  Mod: '%',
  Pow: '^',
  ...compareOps,
}

interface Operator {
  readonly op: BinaryOp
  readonly isBool: boolean
  readonly matching: Matching | undefined
}

/**
 * The grammar's tree leans to the left whatever binds closer (`1 + 2 * 3` is a product there), so the chain is taken apart as far as no parentheses
 * hold it together, and put together by precedence.
 */
function parseBinary(context: ParseContext, node: SyntaxNode): MetricExpr {
  const operands: MetricExpr[] = []
  const operators: Operator[] = []
  flatten(context, node, operands, operators)
  let at = 0
  function climb(least: number): MetricExpr {
    let left = operands[at]
    while (at < operators.length) {
      const operator = operators[at]
      const precedence = precedenceOf(operator.op)
      if (precedence < least) break
      at++
      // powers bind to the right
      const right = climb(operator.op === '^' ? precedence : precedence + 1)
      left = { kind: 'binary', ...operator, left, right, span: { start: left.span.start, end: right.span.end } }
    }
    return left
  }
  return climb(0)
}

function flatten(context: ParseContext, node: SyntaxNode, operands: MetricExpr[], operators: Operator[]): void {
  const [left, right] = node.getChildren('Expr')
  const sign = childrenOf(node).find(({ name }) => Object.hasOwn(binaryOps, name))
  const op = binaryOps[sign?.name ?? '']
  if (left === undefined || right === undefined || op === undefined) {
    throw parseError(context.text, spanOf(node), 'syntax error: an operator without its two sides')
  }
  readSide(context, left, operands, operators)
  operators.push({ op, ...parseModifier(context, node.getChild('BinOpModifier')) })
  readSide(context, right, operands, operators)
}

function readSide(context: ParseContext, side: SyntaxNode, operands: MetricExpr[], operators: Operator[]): void {
  const metric = side.getChild('MetricExpr')
  if (metric === null) {
    throw parseError(
      context.text,
      spanOf(side),
      'unexpected type for a leg of a binary operation: a log query has no values',
    )
  }
  const inner = metric.firstChild
  // parentheses make a MetricExpr in a MetricExpr
  if (inner?.name === 'BinOpExpr') flatten(context, inner, operands, operators)
  else operands.push(parseMetric(context, metric))
}

function parseModifier(context: ParseContext, node: SyntaxNode | null): Pick<Operator, 'isBool' | 'matching'> {
  if (node === null) return { isBool: false, matching: undefined }
  const isBool = node.getChild('Bool') !== null
  const onOrIgnoring = node.getChild('OnOrIgnoringModifier')
  if (onOrIgnoring === null) return { isBool, matching: undefined }
  const group =
    node.getChild('GroupLeft') !== null ? 'left' : node.getChild('GroupRight') !== null ? 'right' : undefined
  const matching: Matching = {
    on: onOrIgnoring.getChild('On') !== null,
    labels: namesIn(context, onOrIgnoring.getChild('GroupingLabels')),
    group,
    include: namesIn(context, node.getChild('GroupingLabels')),
  }
  return { isBool, matching }
}
