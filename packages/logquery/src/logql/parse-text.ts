// Leaves of the tree: names, texts, numbers, durations and sizes.
import { unquote } from '@tidewatch/template/quote.ts'
import { parseError, type SyntaxNode, spanOf } from './grammar.ts'
import { parseDurationNs, parseSize } from './units.ts'

export interface ParseContext {
  readonly text: string
  /** Where `topk` was written `approx_topk`. */
  readonly approximate: ReadonlySet<number>
  /** Offsets that the grammar did not see, by the end of their range. */
  readonly offsets: ReadonlyMap<number, string>
}

export const sourceOf = ({ text }: ParseContext, { from, to }: SyntaxNode): string => text.slice(from, to)

/** The child of that name, which the grammar promises. */
export function need({ text }: ParseContext, node: SyntaxNode, name: string): SyntaxNode {
  const child = node.getChild(name)
  if (child === null) throw parseError(text, spanOf(node), `syntax error: ${node.name} without ${name}`)
  return child
}

/** The text of a quoted constant. */
export function stringOf(context: ParseContext, node: SyntaxNode): string {
  const value = unquote(sourceOf(context, node))
  if (value === undefined) throw parseError(context.text, spanOf(node), 'invalid escape in a text')
  return value
}

export function numberOf(context: ParseContext, node: SyntaxNode): number {
  const source = sourceOf(context, node)
  const value = Number(source)
  if (Number.isNaN(value)) throw parseError(context.text, spanOf(node), `invalid number ${JSON.stringify(source)}`)
  return value
}

/** A number with its sign (LiteralExpr). */
export function literalOf(context: ParseContext, node: SyntaxNode): number {
  const value = numberOf(context, need(context, node, 'Number'))
  return node.getChild('Sub') === null ? value : -value
}

export function durationNsOf(context: ParseContext, node: SyntaxNode, source = sourceOf(context, node)): number {
  const value = parseDurationNs(source, true)
  if (value === undefined) {
    throw parseError(context.text, spanOf(node), `not a valid duration string: ${JSON.stringify(source)}`)
  }
  return value
}

/** A duration in whole milliseconds, the unit in which metric queries count. */
export function durationMsOf(context: ParseContext, node: SyntaxNode, source?: string): number {
  return Math.round(durationNsOf(context, node, source) / 1e6)
}

export function sizeOf(context: ParseContext, node: SyntaxNode): number {
  const source = sourceOf(context, node)
  const value = parseSize(source)
  if (value === undefined) throw parseError(context.text, spanOf(node), `not a valid size: ${JSON.stringify(source)}`)
  return value
}
