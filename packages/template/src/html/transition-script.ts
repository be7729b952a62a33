// How text changes the context within JavaScript: strings, templates, regular expressions, comments.
import { type Context, problemContext, type SlashMeaning } from './context.ts'
import { indexOfAny, shown, trimmedEnd } from './scan.ts'
import type { Step } from './transition-tag.ts'

const words: ReadonlySet<string> = new Set(
  'break case continue delete do else finally in instanceof return throw try typeof void'.split(' '),
)

/** What a slash behind this code would begin, which holds no strings, comments and expressions of itself. */
export function slashAfter(code: string, before: SlashMeaning): SlashMeaning {
  const end = trimmedEnd(code, code.length, '\t\n\f\r \u2028\u2029')
  if (end === 0) return before
  const last = code[end - 1] ?? ''
  switch (last) {
    case '+':
    case '-': {
      let start = end - 1
      while (start > 0 && code[start - 1] === last) start--
      // `++` and `--` end an operand, `+` and `-` want one
      return (end - start) % 2 === 1 ? 'regexp' : 'division'
    }
    case '.':
      return /[0-9]/.test(code[end - 2] ?? '') ? 'division' : 'regexp'
    default:
      break
  }
  if (',<>=*%&|^?!~([:;{}'.includes(last)) return 'regexp'
  const word = /[$0-9A-Z_a-z]*$/.exec(code.slice(Math.max(0, end - 20), end))?.[0] ?? ''
  return words.has(word) ? 'regexp' : 'division'
}

export function fromScript(context: Context, text: string): Step {
  const at = indexOfAny(text, '"`\'/{}<-#')
  if (at < 0) return { context: { ...context, slash: slashAfter(text, context.slash) }, length: text.length }
  const c = { ...context, slash: slashAfter(text.slice(0, at), context.slash) }
  const on = (changed: Context, length = 1): Step => ({ context: changed, length: at + length })
  switch (text[at]) {
    case '"':
      return on({ ...c, state: 'jsDoubleQuoted', slash: 'regexp' })
    case "'":
      return on({ ...c, state: 'jsSingleQuoted', slash: 'regexp' })
    case '`':
      return on({ ...c, state: 'jsTemplate', slash: 'regexp' })
    case '/':
      return fromSlash(c, text, at)
    case '<':
      // what follows on the line is a comment, for the sake of very old pages; so are `-->` and `#!`
      return text.startsWith('<!--', at) ? on({ ...c, state: 'jsHtmlOpenComment' }, 4) : on(c)
    case '-':
      return text.startsWith('-->', at)
        ? on({ ...c, state: 'jsHtmlCloseComment' }, 3)
        : on({ ...c, slash: slashAfter('-', c.slash) })
    case '#':
      return text[at + 1] === '!' ? on({ ...c, state: 'jsLineComment' }, 2) : on(c)
    case '{':
      return on({ ...c, braces: bracesAfter(c.braces, 1), slash: 'regexp' })
    default: {
      const braces = bracesAfter(c.braces, -1)
      // the brace that ends `${`
      if ((braces.at(-1) ?? 0) < 0)
        return on({ ...c, state: 'jsTemplate', braces: braces.slice(0, -1), slash: 'regexp' })
      return on({ ...c, braces, slash: 'regexp' })
    }
  }
}

/** Braces matter within `${` alone. */
function bracesAfter(braces: readonly number[], change: 1 | -1): readonly number[] {
  return braces.length === 0 ? braces : [...braces.slice(0, -1), (braces.at(-1) ?? 0) + change]
}

function fromSlash(c: Context, text: string, at: number): Step {
  if (text[at + 1] === '/') return { context: { ...c, state: 'jsLineComment' }, length: at + 2 }
  if (text[at + 1] === '*') return { context: { ...c, state: 'jsBlockComment' }, length: at + 2 }
  if (c.slash === 'regexp') return { context: { ...c, state: 'jsRegexp' }, length: at + 1 }
  if (c.slash === 'division') return { context: { ...c, slash: 'regexp' }, length: at + 1 }
  const problem = `'/' could start a division or regexp: ${shown(text.slice(at))}`
  return { context: problemContext(problem), length: text.length }
}

const unfinished = (text: string): Step => ({
  context: problemContext(`unfinished escape sequence in JS string: ${shown(text)}`),
  length: text.length,
})

/** Strings and regular expressions. */
export function fromDelimited(context: Context, text: string): Step {
  const isRegexp = context.state === 'jsRegexp'
  const specials = isRegexp ? '\\/[]' : context.state === 'jsSingleQuoted' ? "\\'" : '\\"'
  let inCharset = false
  for (let at = indexOfAny(text, specials); at >= 0; at = indexOfAny(text, specials, at + 1)) {
    switch (text[at]) {
      case '\\':
        at++
        if (at === text.length) return unfinished(text)
        break
      case '[':
        inCharset = true
        break
      case ']':
        inCharset = false
        break
      default:
        // the slash of an end tag does not end the expression: the tag will be escaped
        if (isRegexp && at > 0 && /^<\/script/i.test(text.slice(at - 1, at + 7))) break
        if (!inCharset) return { context: { ...context, state: 'js', slash: 'division' }, length: at + 1 }
    }
  }
  if (!inCharset) return { context, length: text.length }
  return { context: problemContext(`unfinished JS regexp charset: ${shown(text)}`), length: text.length }
}

export function fromScriptTemplate(context: Context, text: string): Step {
  for (let at = indexOfAny(text, '`\\$'); at >= 0; at = indexOfAny(text, '`\\$', at + 1)) {
    if (text[at] === '\\') {
      at++
      if (at === text.length) return unfinished(text)
    } else if (text[at] === '`') {
      return { context: { ...context, state: 'js', slash: 'division' }, length: at + 1 }
    } else if (text[at + 1] === '{') {
      return {
        context: { ...context, state: 'js', slash: 'regexp', braces: [...context.braces, 0] },
        length: at + 2,
      }
    }
  }
  return { context, length: text.length }
}

export function fromBlockComment(context: Context, text: string): Step {
  const end = text.indexOf('*/')
  if (end < 0) return { context, length: text.length }
  return { context: { ...context, state: context.state === 'jsBlockComment' ? 'js' : 'css' }, length: end + 2 }
}

export function fromLineComment(context: Context, text: string): Step {
  const isStyle = context.state === 'cssLineComment'
  const end = indexOfAny(text, isStyle ? '\n\f\r' : '\n\r\u2028\u2029')
  if (end < 0) return { context, length: text.length }
  // the end of the line is no part of the comment
  return { context: { ...context, state: isStyle ? 'css' : 'js' }, length: end }
}

const scriptTypes: ReadonlySet<string> = new Set([
  'application/ecmascript',
  'application/javascript',
  'application/json',
  'application/ld+json',
  'application/x-ecmascript',
  'application/x-javascript',
  'module',
  'text/ecmascript',
  'text/javascript',
  'text/javascript1.0',
  'text/javascript1.1',
  'text/javascript1.2',
  'text/javascript1.3',
  'text/javascript1.4',
  'text/javascript1.5',
  'text/jscript',
  'text/livescript',
  'text/x-ecmascript',
  'text/x-javascript',
])

/** Whether the `type` of a script element says that its content is to be escaped as JavaScript. */
export function isScriptType(type: string): boolean {
  return scriptTypes.has((type.split(';')[0] ?? '').trim().toLowerCase())
}
