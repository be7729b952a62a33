// Values within the text and the tags of HTML.
import type { Value } from '../value.ts'
import { attributeType } from './attribute-types.ts'
import { isInTag, textContext } from './context.ts'
import { contentOf } from './plain-text.ts'
import { indexOfAny } from './scan.ts'
import { delimiterEnds, transitions } from './transition.ts'

/** What stands in place of a value that may not stand there: a word that is easily searched for. */
export const refused = 'ZgotmplZ'

const quoted: Readonly<Record<string, string>> = {
  '\0': '\ufffd',
  '"': '&#34;',
  '&': '&amp;',
  "'": '&#39;',
  '+': '&#43;',
  '<': '&lt;',
  '>': '&gt;',
}
const unquoted: Readonly<Record<string, string>> = {
  ...quoted,
  '\0': '&#xfffd;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\v': '&#11;',
  '\f': '&#12;',
  '\r': '&#13;',
  ' ': '&#32;',
  '=': '&#61;',
  '`': '&#96;',
}

const escapeQuoted = (text: string): string => text.replace(/[\0"&'+<>]/g, (c) => quoted[c] ?? c)
/** For what is HTML already: its entities are left alone. */
const normalizeQuoted = (text: string): string => text.replace(/[\0"'+<>]/g, (c) => quoted[c] ?? c)

const unquotedCharacter = (c: string): string => unquoted[c] ?? `&#x${(c.codePointAt(0) ?? 0).toString(16)};`

/** In the text between tags. */
export function escapeText(args: readonly Value[]): string {
  const { text, type } = contentOf(args)
  return type === 'template.HTML' ? text : escapeQuoted(text)
}

/** In a quoted attribute. */
export function escapeAttribute(args: readonly Value[]): string {
  const { text, type } = contentOf(args)
  return type === 'template.HTML' ? normalizeQuoted(stripTags(text)) : escapeQuoted(text)
}

/** In an attribute without quotes. */
export function escapeUnquoted(args: readonly Value[]): string {
  const { text, type } = contentOf(args)
  if (text === '') return refused
  if (type === 'template.HTML') {
    return stripTags(text).replace(/[\0\t\n\v\f\r "'+<=>`\ufdd0-\ufdef\ufff0-\uffff]/g, unquotedCharacter)
  }
  return text.replace(/[\0\t\n\v\f\r "&'+<=>`\ufdd0-\ufdef\ufff0-\uffff]/g, unquotedCharacter)
}

/** In a textarea or title. */
export function escapeRcdata(args: readonly Value[]): string {
  const { text, type } = contentOf(args)
  return type === 'template.HTML' ? normalizeQuoted(text) : escapeQuoted(text)
}

/** The name of an attribute, unless its value would be more than plain text. */
export function filterName(args: readonly Value[]): string {
  const { text, type } = contentOf(args)
  if (type === 'template.HTMLAttr') return text
  const name = text.toLowerCase()
  return /^[0-9a-z]+$/.test(name) && attributeType(name) === 'plain' ? name : refused
}

/** The text of HTML without its tags. */
function stripTags(html: string): string {
  let c = textContext
  let rest = html
  let text = ''
  let allText = true
  while (rest !== '') {
    if (c.delimiter === 'none') {
      const state = c.element !== 'none' && !isInTag(c.state) ? 'rcdata' : c.state
      const step = transitions[state](c, rest)
      if (c.state === 'text' || c.state === 'rcdata') {
        const part = rest.slice(0, step.length)
        text += step.context.state === c.state ? part : part.slice(0, Math.max(part.lastIndexOf('<'), 0))
      } else allText = false
      rest = rest.slice(step.length)
      if (step.length === 0 && step.context.state === c.state) break
      c = step.context
      continue
    }
    const end = indexOfAny(rest, delimiterEnds[c.delimiter])
    if (end < 0) break
    rest = rest.slice(c.delimiter === 'space' ? end : end + 1)
    c = { ...textContext, state: 'tag', element: c.element }
  }
  return allText ? html : text
}
