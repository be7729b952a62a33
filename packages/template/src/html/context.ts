// Where in an HTML text an action stands: what decides how its value must be escaped (the contexts of Go's html/template).

export type State =
  | 'text'
  | 'tag'
  | 'attrName'
  | 'afterName'
  | 'beforeValue'
  | 'htmlComment'
  | 'rcdata'
  | 'attr'
  | 'url'
  | 'srcset'
  | 'metaContent'
  | 'metaContentUrl'
  | 'js'
  | 'jsDoubleQuoted'
  | 'jsSingleQuoted'
  | 'jsTemplate'
  | 'jsRegexp'
  | 'jsBlockComment'
  | 'jsLineComment'
  | 'jsHtmlOpenComment'
  | 'jsHtmlCloseComment'
  | 'css'
  | 'cssDoubleQuoted'
  | 'cssSingleQuoted'
  | 'cssDoubleQuotedUrl'
  | 'cssSingleQuotedUrl'
  | 'cssUrl'
  | 'cssBlockComment'
  | 'cssLineComment'
  | 'error'
  /** Behind a `break` or `continue`. */
  | 'dead'

/** What ends the attribute's value. */
export type Delimiter = 'none' | 'double' | 'single' | 'space'
export type UrlPart = 'none' | 'preQuery' | 'queryOrFragment' | 'unknown'
/** What a `/` would begin. */
export type SlashMeaning = 'regexp' | 'division' | 'unknown'
export type AttributeKind = 'none' | 'script' | 'scriptType' | 'style' | 'url' | 'srcset' | 'metaContent'
/** Elements whose content is no HTML, and `meta`, whose attributes are peculiar. */
export type ElementKind = 'none' | 'script' | 'style' | 'textarea' | 'title' | 'meta'

export interface Context {
  readonly state: State
  readonly delimiter: Delimiter
  readonly urlPart: UrlPart
  readonly slash: SlashMeaning
  /** For each `${` of a JavaScript template that is open: how many braces are open in it. */
  readonly braces: readonly number[]
  readonly attribute: AttributeKind
  readonly element: ElementKind
  /** Of the state `error`: what is wrong. */
  readonly problem?: string
}

export const textContext: Context = {
  state: 'text',
  delimiter: 'none',
  urlPart: 'none',
  slash: 'regexp',
  braces: [],
  attribute: 'none',
  element: 'none',
}

export const inState = (state: State, element: ElementKind = 'none', attribute: AttributeKind = 'none'): Context => ({
  ...textContext,
  state,
  element,
  attribute,
})

export const problemContext = (problem: string): Context => ({ ...textContext, state: 'error', problem })

/** A context as text: the same for equal ones. */
export const keyOf = (c: Context): string =>
  [c.state, c.delimiter, c.urlPart, c.slash, c.attribute, c.element, c.braces.join('.'), c.problem ?? ''].join(' ')

export const areEqual = (a: Context, b: Context): boolean => keyOf(a) === keyOf(b)

const comments: ReadonlySet<State> = new Set<State>([
  'htmlComment',
  'jsBlockComment',
  'jsLineComment',
  'jsHtmlOpenComment',
  'jsHtmlCloseComment',
  'cssBlockComment',
  'cssLineComment',
])
export const isComment = (state: State): boolean => comments.has(state)

const tagStates: ReadonlySet<State> = new Set<State>(['tag', 'attrName', 'afterName', 'beforeValue', 'attr'])
export const isInTag = (state: State): boolean => tagStates.has(state)

const scriptLiterals: ReadonlySet<State> = new Set<State>([
  'jsDoubleQuoted',
  'jsSingleQuoted',
  'jsTemplate',
  'jsRegexp',
])
export const isScriptLiteral = (state: State): boolean => scriptLiterals.has(state)

/** The state in which the value of an attribute begins. */
export const valueStates: Readonly<Record<AttributeKind, State>> = {
  none: 'attr',
  script: 'js',
  scriptType: 'attr',
  style: 'css',
  url: 'url',
  srcset: 'srcset',
  metaContent: 'metaContent',
}

/** The context after steps that read no text: an action right behind `title=` stands in the value, not before it. */
export function nudge(c: Context): Context {
  switch (c.state) {
    case 'tag':
      return { ...c, state: 'attrName' }
    case 'beforeValue':
      return { ...c, state: valueStates[c.attribute], delimiter: 'space', attribute: 'none' }
    case 'afterName':
      return { ...c, state: 'attrName', attribute: 'none' }
    default:
      return c
  }
}
