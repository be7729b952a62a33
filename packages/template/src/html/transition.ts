// The context behind a piece of text.
import { type Context, inState, problemContext, type State } from './context.ts'
import { unescapeEntities } from './entities.ts'
import { indexOfAny, shown } from './scan.ts'
import {
  fromBlockComment,
  fromDelimited,
  fromLineComment,
  fromScript,
  fromScriptTemplate,
  isScriptType,
} from './transition-script.ts'
import { fromStyle, fromStyleText } from './transition-style.ts'
import {
  fromAfterName,
  fromAttributeName,
  fromBeforeValue,
  fromHtmlComment,
  fromMetaContent,
  fromMetaContentUrl,
  fromTag,
  fromText,
  fromUrl,
  type Step,
  stay,
  toEndTag,
} from './transition-tag.ts'

export const transitions: Readonly<Record<State, (context: Context, text: string) => Step>> = {
  text: fromText,
  tag: fromTag,
  attrName: fromAttributeName,
  afterName: fromAfterName,
  beforeValue: fromBeforeValue,
  htmlComment: fromHtmlComment,
  rcdata: toEndTag,
  attr: stay,
  url: fromUrl,
  srcset: fromUrl,
  metaContent: fromMetaContent,
  metaContentUrl: fromMetaContentUrl,
  js: fromScript,
  jsDoubleQuoted: fromDelimited,
  jsSingleQuoted: fromDelimited,
  jsTemplate: fromScriptTemplate,
  jsRegexp: fromDelimited,
  jsBlockComment: fromBlockComment,
  jsLineComment: fromLineComment,
  jsHtmlOpenComment: fromLineComment,
  jsHtmlCloseComment: fromLineComment,
  css: fromStyle,
  cssDoubleQuoted: fromStyleText,
  cssSingleQuoted: fromStyleText,
  cssDoubleQuotedUrl: fromStyleText,
  cssSingleQuotedUrl: fromStyleText,
  cssUrl: fromStyleText,
  cssBlockComment: fromBlockComment,
  cssLineComment: fromLineComment,
  error: stay,
  dead: stay,
}

export const delimiterEnds = { double: '"', single: "'", space: ' \t\n\f\r>' } as const

/** The context after some of the text's beginning. */
export function contextAfter(context: Context, text: string): Step {
  const { delimiter } = context
  if (delimiter === 'none') {
    const end = toEndTag(context, text)
    return end.length === 0 ? end : transitions[context.state](context, text.slice(0, end.length))
  }
  const found = indexOfAny(text, delimiterEnds[delimiter])
  const end = found < 0 ? text.length : found
  if (delimiter === 'space') {
    // browsers disagree on what ends such a value
    const bad = indexOfAny(text.slice(0, end), '"\'<=`')
    if (bad >= 0) {
      const problem = `${shown(text[bad] ?? '')} in unquoted attr: ${shown(text.slice(0, end))}`
      return { context: problemContext(problem), length: text.length }
    }
  }
  if (found < 0) return { context: insideValue(context, text), length: text.length }
  // a script element of another type holds no JavaScript
  const isOther =
    context.state === 'attr' &&
    context.element === 'script' &&
    context.attribute === 'scriptType' &&
    !isScriptType(text.slice(0, end))
  return {
    context: inState('tag', isOther ? 'none' : context.element),
    length: delimiter === 'space' ? end : end + 1,
  }
}

/** The value goes on; what its entities stand for decides, as in `onclick="alert(&quot;"`. */
function insideValue(context: Context, text: string): Context {
  let c = context
  let rest = unescapeEntities(text)
  while (rest !== '') {
    const step = transitions[c.state](c, rest)
    c = step.context
    rest = rest.slice(step.length)
  }
  return c
}
