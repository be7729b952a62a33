// How text changes the context outside of scripts and styles: tags, attributes, comments.
import { attributeType } from './attribute-types.ts'
import {
  type AttributeKind,
  type Context,
  type Delimiter,
  type ElementKind,
  inState,
  problemContext,
  type State,
  textContext,
  valueStates,
} from './context.ts'
import { shown, skipSpace } from './scan.ts'

/** The context behind the first `length` characters of the text. */
export interface Step {
  readonly context: Context
  readonly length: number
}

const tagName = /[A-Za-z](?:[A-Za-z0-9]|[:-](?=[A-Za-z0-9]))*/y
const elements: Readonly<Record<string, ElementKind>> = {
  script: 'script',
  style: 'style',
  textarea: 'textarea',
  title: 'title',
  meta: 'meta',
}

export function fromText(context: Context, text: string): Step {
  let from = 0
  for (;;) {
    const open = text.indexOf('<', from)
    if (open < 0 || open + 1 === text.length) return { context, length: text.length }
    if (text.startsWith('<!--', open)) return { context: inState('htmlComment'), length: open + 4 }
    const isEnd = text[open + 1] === '/'
    const start = open + (isEnd ? 2 : 1)
    if (start === text.length) return { context, length: text.length }
    tagName.lastIndex = start
    const name = tagName.exec(text)?.[0]
    if (name !== undefined) {
      const key = name.toLowerCase()
      const element = isEnd || !Object.hasOwn(elements, key) ? 'none' : (elements[key] ?? 'none')
      return { context: inState('tag', element), length: start + name.length }
    }
    from = start
  }
}

const contentStates: Readonly<Record<ElementKind, State>> = {
  none: 'text',
  script: 'js',
  style: 'css',
  textarea: 'rcdata',
  title: 'rcdata',
  meta: 'text',
}

export function fromTag(context: Context, text: string): Step {
  const start = skipSpace(text)
  if (start === text.length) return { context, length: start }
  if (text[start] === '>') {
    const element = context.element === 'meta' ? 'none' : context.element
    return { context: inState(contentStates[element], element), length: start + 1 }
  }
  const end = endOfName(text, start)
  if (typeof end === 'string') return { context: problemContext(end), length: text.length }
  if (end === start) {
    const problem = `expected space, attr name, or end of tag, but got ${shown(text.slice(start))}`
    return { context: problemContext(problem), length: text.length }
  }
  const attribute = attributeKind(text.slice(start, end).toLowerCase(), context.element)
  const state = end === text.length ? 'attrName' : 'afterName'
  return { context: inState(state, context.element, attribute), length: end }
}

function attributeKind(name: string, element: ElementKind): AttributeKind {
  if (element === 'script' && name === 'type') return 'scriptType'
  if (element === 'meta' && name === 'content') return 'metaContent'
  switch (attributeType(name)) {
    case 'url':
      return 'url'
    case 'css':
      return 'style'
    case 'js':
      return 'script'
    case 'srcset':
      return 'srcset'
    default:
      return 'none'
  }
}

/** Where the attribute's name ends, or what is wrong with it. */
function endOfName(text: string, from: number): number | string {
  for (let i = from; i < text.length; i++) {
    const c = text[i] ?? ''
    if (' \t\n\f\r=>'.includes(c)) return i
    if ('\'"<'.includes(c)) return `${shown(c)} in attribute name: ${shown(text)}`
  }
  return text.length
}

export function fromAttributeName(context: Context, text: string): Step {
  const end = endOfName(text, 0)
  if (typeof end === 'string') return { context: problemContext(end), length: text.length }
  return { context: end === text.length ? context : { ...context, state: 'afterName' }, length: end }
}

export function fromAfterName(context: Context, text: string): Step {
  const start = skipSpace(text)
  if (start === text.length) return { context, length: start }
  // a tag that ends, or an attribute without a value
  if (text[start] !== '=') return { context: { ...context, state: 'tag' }, length: start }
  return { context: { ...context, state: 'beforeValue' }, length: start + 1 }
}

export function fromBeforeValue(context: Context, text: string): Step {
  const start = skipSpace(text)
  if (start === text.length) return { context, length: start }
  const c = text[start]
  const delimiter: Delimiter = c === '"' ? 'double' : c === "'" ? 'single' : 'space'
  const state = valueStates[context.attribute]
  return { context: { ...context, state, delimiter }, length: delimiter === 'space' ? start : start + 1 }
}

export function fromHtmlComment(context: Context, text: string): Step {
  const end = text.indexOf('-->')
  return end < 0 ? { context, length: text.length } : { context: textContext, length: end + 3 }
}

export const stay = (context: Context, text: string): Step => ({ context, length: text.length })

export function fromUrl(context: Context, text: string): Step {
  const isBlank = skipSpace(text) === text.length
  const urlPart = /[#?]/.test(text)
    ? 'queryOrFragment'
    : !isBlank && context.urlPart === 'none'
      ? 'preQuery'
      : context.urlPart
  return { context: { ...context, urlPart }, length: text.length }
}

/** `<meta http-equiv=refresh content="5; url=…">` */
export function fromMetaContent(context: Context, text: string): Step {
  const start = text.search(/url=/i)
  if (start < 0) return { context, length: text.length }
  return { context: { ...context, state: 'metaContentUrl' }, length: start + 4 }
}

export function fromMetaContentUrl(context: Context, text: string): Step {
  const end = text.indexOf(';')
  if (end < 0) return { context, length: text.length }
  return { context: { ...context, state: 'metaContent' }, length: end + 1 }
}

/** Where the end tag of the element stands whose content is no HTML; a step of no length where it begins at once. */
export function toEndTag(context: Context, text: string): Step {
  const { element } = context
  if (element === 'none' || element === 'meta') return { context, length: text.length }
  // in literals and comments of scripts an end tag is text, and escaped
  if (element === 'script' && scriptText.has(context.state)) return { context, length: text.length }
  const end = text.search(endTags[element])
  return end < 0 ? { context, length: text.length } : { context: textContext, length: end }
}

const scriptText: ReadonlySet<State> = new Set<State>([
  'jsDoubleQuoted',
  'jsSingleQuoted',
  'jsTemplate',
  'jsRegexp',
  'jsBlockComment',
  'jsLineComment',
  'jsHtmlOpenComment',
  'jsHtmlCloseComment',
])

const endTags = {
  script: /<\/script[> \t\n\f/]/i,
  style: /<\/style[> \t\n\f/]/i,
  textarea: /<\/textarea[> \t\n\f/]/i,
  title: /<\/title[> \t\n\f/]/i,
} as const
