// The official grammar of LogQL (@grafana/lezer-logql): text → tree. Its error nodes are refusals.
import { parser } from '@grafana/lezer-logql'
import { AppError } from '@tidewatch/core/error.ts'
import type { Span } from './ast.ts'

export type SyntaxNode = ReturnType<typeof parser.parse>['topNode']

/** Characters of a query. */
export const maxQueryLength = 100_000
/** Nodes inside one another; readers of the tree call themselves. */
const maxDepth = 1500
/** Offsets that are hidden from the grammar: for each it reads the text once more. */
const maxHidden = 20

/** `approx_topk(…)` is younger than the grammar: to it, it is `topk` behind blanks, so that all places stay. */
const approxTopk = /("(?:\\.|[^"\\])*"|`[^`]*`|#[^\n]*)|\bapprox_topk\b/g

export interface GrammarTree {
  readonly root: SyntaxNode
  /** Where `approx_topk` stands. */
  readonly approximate: ReadonlySet<number>
}

/** The tree with its error nodes. Throws `query.limit` for a text that is too long. */
export function parseTree(text: string): GrammarTree {
  if (text.length > maxQueryLength) {
    throw new AppError('query.limit', `the query is ${text.length} characters long, more than ${maxQueryLength}`)
  }
  const approximate = new Set<number>()
  const known = text.replace(approxTopk, (whole, opaque: string | undefined, offset: number) => {
    if (opaque !== undefined) return whole
    approximate.add(offset + 7)
    return '       topk'
  })
  return { root: parser.parse(known).topNode, approximate }
}

/**
 * The tree of a query without errors. Throws `query.parse` at the first error node, `query.limit` for what is too long or nested too deep.
 *
 * The grammar does not know an offset behind a pipeline that ends in `unwrap`; Loki does. There it is read by itself and hidden from the grammar.
 */
export function readTree(text: string): GrammarTree & { readonly offsets: ReadonlyMap<number, string> } {
  const offsets = new Map<number, string>()
  let visible = text
  for (;;) {
    const tree = parseTree(visible)
    const error = firstError(tree.root)
    if (error === undefined) return { ...tree, offsets }
    const hidden = /^offset\s+(-?[\d.]+[a-zµ][\w.µ]*)/.exec(visible.slice(error.start))
    const rangeEnd = visible.slice(0, error.start).trimEnd().length
    if (hidden === null || visible[rangeEnd - 1] !== ']' || offsets.has(rangeEnd) || offsets.size >= maxHidden)
      throw unexpected(text, error)
    offsets.set(rangeEnd, hidden[1])
    visible =
      visible.slice(0, error.start) + ' '.repeat(hidden[0].length) + visible.slice(error.start + hidden[0].length)
  }
}

function firstError(root: SyntaxNode): Span | undefined {
  let depth = 0
  let error: Span | undefined
  root.cursor().iterate(
    (node) => {
      if (++depth > maxDepth) throw new AppError('query.limit', `the query is nested deeper than ${maxDepth} levels`)
      if (node.type.isError) error ??= { start: node.from, end: node.to }
    },
    () => {
      depth--
    },
  )
  return error
}

function unexpected(text: string, error: Span): AppError {
  const { start } = error
  const rest = text.slice(start).trim()
  const found = rest === '' ? 'end of the query' : JSON.stringify(rest.length > 30 ? `${rest.slice(0, 30)}…` : rest)
  return parseError(text, error, `syntax error: unexpected ${found}`)
}

/** What is wrong with a query, placed as Loki does: `parse error at line 1, col 5: …`, columns from 1. */
export function parseError(text: string, span: Span, message: string): AppError {
  const before = text.slice(0, span.start)
  const line = before.split('\n').length
  const column = span.start - (before.lastIndexOf('\n') + 1) + 1
  return new AppError('query.parse', `parse error at line ${line}, col ${column}: ${message}`, {
    where: { line, column, span: { start: span.start, end: span.end } },
  })
}

/** The children of a node, in the order of the text. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child)
  return children
}

export const spanOf = ({ from, to }: SyntaxNode): Span => ({ start: from, end: to })
