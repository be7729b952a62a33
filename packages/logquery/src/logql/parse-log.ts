// Log queries: the selector, and the stages of the pipeline.
import type { MatchOp } from '@tidewatch/core/matcher.ts'
import type {
  CompareOp,
  LabelChoice,
  LabelExtraction,
  LabelFilter,
  LabelFormat,
  LineFilterOp,
  LineFilterOperand,
  LineFilterStage,
  LogExpr,
  Stage,
  StreamMatcher,
} from './ast.ts'
import { childrenOf, parseError, type SyntaxNode, spanOf } from './grammar.ts'
import { compareOps } from './operators.ts'
import { durationNsOf, literalOf, need, type ParseContext, sizeOf, sourceOf, stringOf } from './parse-text.ts'

/** A LogExpr, or the part of a LogRangeExpr that is one. */
export function parseLog(context: ParseContext, node: SyntaxNode): LogExpr {
  const inner = node.getChild('LogExpr')
  if (inner !== null) return { ...parseLog(context, inner), span: spanOf(node) }
  return {
    kind: 'log',
    matchers: parseSelector(context, need(context, node, 'Selector')),
    stages: node.getChildren('PipelineExpr').flatMap((pipeline) => parsePipeline(context, pipeline)),
    span: spanOf(node),
  }
}

/** Lists of the grammar nest to the left: the elements in the order of the text. */
function listOf(node: SyntaxNode | null, list: string, element: string): SyntaxNode[] {
  const elements: SyntaxNode[] = []
  for (let at = node; at !== null; at = at.getChild(list)) elements.push(...at.getChildren(element).reverse())
  return elements.reverse()
}

function parseSelector(context: ParseContext, node: SyntaxNode): StreamMatcher[] {
  return listOf(node.getChild('Matchers'), 'Matchers', 'Matcher').map((matcher) => ({
    ...parseMatcher(context, matcher),
    span: spanOf(matcher),
  }))
}

const matchOps: Readonly<Record<string, MatchOp>> = { Eq: '=', Neq: '!=', Re: '=~', Nre: '!~' }

function parseMatcher(context: ParseContext, node: SyntaxNode): { name: string; op: MatchOp; value: string } {
  const [name, op, value] = childrenOf(node)
  const known = matchOps[op?.name ?? '']
  if (name === undefined || value === undefined || known === undefined) {
    throw parseError(context.text, spanOf(node), 'syntax error: no matcher')
  }
  return { name: sourceOf(context, name), op: known, value: stringOf(context, value) }
}

function parsePipeline(context: ParseContext, node: SyntaxNode): Stage[] {
  return listOf(node, 'PipelineExpr', 'PipelineStage').flatMap((stage) => parseStage(context, stage))
}

type StageReader = (context: ParseContext, node: SyntaxNode) => readonly Stage[]

const stageReaders: Readonly<Record<string, StageReader>> = {
  LineFilters: (context, node) =>
    listOf(node, 'LineFilters', 'LineFilter').map((filter) => parseLineFilter(context, filter)),
  LabelFilter: (context, node) => [
    { kind: 'label_filter', filter: parseLabelFilter(context, node), span: spanOf(node) },
  ],
  LabelParser: parseLabelParser,
  JsonExpressionParser: (context, node) => [
    { kind: 'json', expressions: parseExtractions(context, node), span: spanOf(node) },
  ],
  LogfmtParser: parseLogfmt,
  LogfmtExpressionParser: parseLogfmt,
  LineFormatExpr: (context, node) => [
    { kind: 'line_format', template: stringOf(context, need(context, node, 'String')), span: spanOf(node) },
  ],
  LabelFormatExpr: (context, node) => [
    {
      kind: 'label_format',
      formats: listOf(need(context, node, 'LabelsFormat'), 'LabelsFormat', 'LabelFormatMatcher').map((format) =>
        parseLabelFormat(context, format),
      ),
      span: spanOf(node),
    },
  ],
  DecolorizeExpr: (_context, node) => [{ kind: 'decolorize', span: spanOf(node) }],
  DropLabelsExpr: (context, node) => [
    {
      kind: 'drop',
      labels: listOf(node.getChild('DropLabels'), 'DropLabels', 'DropLabel').map((label) =>
        parseChoice(context, label),
      ),
      span: spanOf(node),
    },
  ],
  KeepLabelsExpr: (context, node) => [
    {
      kind: 'keep',
      labels: listOf(node.getChild('KeepLabels'), 'KeepLabels', 'KeepLabel').map((label) =>
        parseChoice(context, label),
      ),
      span: spanOf(node),
    },
  ],
}

function parseStage(context: ParseContext, node: SyntaxNode): readonly Stage[] {
  const inner = childrenOf(node).find(({ name }) => name !== 'Pipe')
  const read = inner === undefined ? undefined : stageReaders[inner.name]
  if (inner === undefined || read === undefined) {
    throw parseError(context.text, spanOf(node), 'syntax error: unknown stage of a pipeline')
  }
  return read(context, inner)
}

function parseLabelParser(context: ParseContext, node: SyntaxNode): Stage[] {
  const span = spanOf(node)
  switch (node.firstChild?.name) {
    case 'Json':
      return [{ kind: 'json', expressions: [], span }]
    case 'Unpack':
      return [{ kind: 'unpack', span }]
    case 'Regexp':
      return [{ kind: 'regexp', pattern: stringOf(context, need(context, node, 'String')), span }]
    case 'Pattern':
      return [{ kind: 'pattern', pattern: stringOf(context, need(context, node, 'String')), span }]
    default:
      throw parseError(context.text, span, 'syntax error: unknown parser')
  }
}

function parseLogfmt(context: ParseContext, node: SyntaxNode): Stage[] {
  const flags = new Set(
    listOf(node.getChild('LogfmtParserFlags'), 'LogfmtParserFlags', 'ParserFlag').map((flag) =>
      sourceOf(context, flag),
    ),
  )
  const stage: Stage = {
    kind: 'logfmt',
    isStrict: flags.has('--strict'),
    keepsEmpty: flags.has('--keep-empty'),
    expressions: parseExtractions(context, node),
    span: spanOf(node),
  }
  return [stage]
}

function parseExtractions(context: ParseContext, node: SyntaxNode): LabelExtraction[] {
  const list = 'LabelExtractionExpressionList'
  return listOf(node.getChild(list), list, 'LabelExtractionExpression').map((one) => {
    const name = sourceOf(context, need(context, one, 'Identifier'))
    const value = one.getChild('String')
    return { name, expression: value === null ? name : stringOf(context, value), span: spanOf(one) }
  })
}

function parseLabelFormat(context: ParseContext, node: SyntaxNode): LabelFormat {
  const [name, from] = node.getChildren('Identifier')
  const template = node.getChild('String')
  const span = spanOf(node)
  if (name === undefined) throw parseError(context.text, span, 'syntax error: no label to format')
  const target = sourceOf(context, name)
  if (template !== null) return { kind: 'template', name: target, template: stringOf(context, template), span }
  return { kind: 'rename', name: target, from: from === undefined ? target : sourceOf(context, from), span }
}

function parseChoice(context: ParseContext, node: SyntaxNode): LabelChoice {
  const matcher = node.getChild('Matcher')
  if (matcher === null) {
    return { name: sourceOf(context, need(context, node, 'Identifier')), matcher: undefined, span: spanOf(node) }
  }
  const { name, op, value } = parseMatcher(context, matcher)
  return { name, matcher: { op, value }, span: spanOf(node) }
}

const lineFilterOps: Readonly<Record<string, LineFilterOp>> = {
  PipeExact: '|=',
  PipeMatch: '|~',
  PipePattern: '|>',
  Neq: '!=',
  Nre: '!~',
  Npa: '!>',
}

function parseLineFilter(context: ParseContext, node: SyntaxNode): LineFilterStage {
  const op = lineFilterOps[need(context, node, 'Filter').firstChild?.name ?? '']
  if (op === undefined) throw parseError(context.text, spanOf(node), 'syntax error: unknown line filter')
  const operands: LineFilterOperand[] = []
  for (let at: SyntaxNode | null = node; at !== null; at = at.getChild('OrFilter')) {
    operands.push({ value: stringOf(context, need(context, at, 'String')), isIp: at.getChild('FilterOp') !== null })
  }
  return { kind: 'line_filter', op, operands, span: spanOf(node) }
}

/** A single `=` compares numbers too. */
const filterOps: Readonly<Record<string, CompareOp>> = { Eq: '==', ...compareOps }

export function parseLabelFilter(context: ParseContext, node: SyntaxNode): LabelFilter {
  const span = spanOf(node)
  const parts = node.getChildren('LabelFilter')
  const [left, right] = parts
  if (left !== undefined && right !== undefined) {
    const kind = node.getChild('Or') === null ? 'and' : 'or'
    return { kind, left: parseLabelFilter(context, left), right: parseLabelFilter(context, right), span }
  }
  if (left !== undefined) return parseLabelFilter(context, left)
  const matcher = node.getChild('Matcher')
  if (matcher !== null) return { kind: 'string', ...parseMatcher(context, matcher), span }
  const ip = node.getChild('IpLabelFilter')
  if (ip !== null) {
    const name = sourceOf(context, need(context, ip, 'Identifier'))
    const value = stringOf(context, need(context, ip, 'String'))
    return { kind: 'ip', name, op: ip.getChild('Neq') === null ? '=' : '!=', value, span }
  }
  const number = node.getChild('NumberFilter')
  const inner = number ?? need(context, node, 'UnitFilter').firstChild
  if (inner === null) throw parseError(context.text, span, 'syntax error: no label filter')
  return parseComparison(context, inner)
}

function parseComparison(context: ParseContext, node: SyntaxNode): LabelFilter {
  const [name, op, value] = childrenOf(node)
  const known = filterOps[op?.name ?? '']
  if (name === undefined || value === undefined || known === undefined) {
    throw parseError(context.text, spanOf(node), 'syntax error: no comparison')
  }
  const base = { name: sourceOf(context, name), op: known, span: spanOf(node) }
  switch (node.name) {
    case 'DurationFilter':
      return { kind: 'duration', ...base, value: durationNsOf(context, value) }
    case 'BytesFilter':
      return { kind: 'bytes', ...base, value: sizeOf(context, value) }
    default:
      return { kind: 'number', ...base, value: literalOf(context, value) }
  }
}
