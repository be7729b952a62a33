// The text between actions: how it moves the context, and what must be changed in it.
import type { TextNode } from '../parse-nodes.ts'
import { type Context, isComment, isScriptLiteral } from './context.ts'
import { contextAfter } from './transition.ts'

export interface EscapedText {
  readonly context: Context
  readonly node: TextNode
  /** Pieces that were read: what it cost. */
  readonly steps: number
}

const lineEnd = /[\n\r\u2028\u2029]/

/** Comments go, since values in them could end them; a `<` that begins no tag is escaped. */
export function escapeTextNode(start: Context, node: TextNode): EscapedText {
  const { text } = node
  let c = start
  let at = 0
  let written = 0
  let result = ''
  let steps = 0
  while (at < text.length) {
    // scripts and styles are searched for their end again and again
    steps += 1 + (c.element === 'none' ? 0 : (text.length - at) >> 8)
    const { context: next, length } = contextAfter(c, text.slice(at))
    const end = at + length
    if (c.state === 'text' || c.state === 'rcdata') {
      const tag = next.state === c.state ? end : text.lastIndexOf('<', end - 1)
      const stop = tag < at ? end : tag
      for (let open = text.indexOf('<', at); open >= 0 && open < stop; open = text.indexOf('<', open + 1)) {
        if (/^<!doctype/i.test(text.slice(open, open + 9))) continue
        result += `${text.slice(written, open)}&lt;`
        written = open + 1
      }
    } else if (isComment(c.state) && c.delimiter === 'none') {
      if (c.state === 'jsBlockComment') result += lineEnd.test(text.slice(written, end)) ? '\n' : ' '
      else if (c.state === 'cssBlockComment') result += ' '
      written = end
    } else if (isScriptLiteral(c.state) && c.element === 'script') {
      const part = text.slice(at, end)
      if (/<(?:script|\/script|!--)/i.test(part)) {
        result += text.slice(written, at) + part.replace(/<(?=script|\/script|!--)/gi, '\\x3C')
        written = end
      }
    }
    if (c.state !== next.state && isComment(next.state) && next.delimiter === 'none') {
      result += text.slice(written, end - openingOf(next))
      written = end
    }
    c = next
    at = end
  }
  if (written === 0 || c.state === 'error') return { context: c, node, steps }
  if (!isComment(c.state) || c.delimiter !== 'none') result += text.slice(written)
  return { context: c, node: { ...node, text: result }, steps }
}

/** How many characters begin the comment. */
function openingOf({ state }: Context): number {
  if (state === 'htmlComment' || state === 'jsHtmlOpenComment') return 4
  return state === 'jsHtmlCloseComment' ? 3 : 2
}
