// How text changes the context within CSS. Every quoted text is taken for a URL, which is right for those and harmless for the others.
import { type Context, problemContext } from './context.ts'
import { indexOfAny, shown, skipSpace, trimmedEnd } from './scan.ts'
import { fromUrl, type Step } from './transition-tag.ts'

const nameCharacter = /[a-zA-Z0-9_\u0080-\uffff-]/

export function fromStyle(context: Context, text: string): Step {
  const on = (state: Context['state'], length: number): Step => ({ context: { ...context, state }, length })
  for (let at = indexOfAny(text, '("\'/'); at >= 0; at = indexOfAny(text, '("\'/', at + 1)) {
    const next = text[at + 1]
    switch (text[at]) {
      case '"':
        return on('cssDoubleQuoted', at + 1)
      case "'":
        return on('cssSingleQuoted', at + 1)
      case '/':
        if (next === '/') return on('cssLineComment', at + 2)
        if (next === '*') return on('cssBlockComment', at + 2)
        break
      default: {
        if (!endsWithUrl(text, trimmedEnd(text, at))) break
        const start = skipSpace(text, at + 1)
        if (text[start] === '"') return on('cssDoubleQuotedUrl', start + 1)
        if (text[start] === "'") return on('cssSingleQuotedUrl', start + 1)
        return on('cssUrl', start)
      }
    }
  }
  return { context, length: text.length }
}

function endsWithUrl(text: string, end: number): boolean {
  if (end < 3 || text.slice(end - 3, end).toLowerCase() !== 'url') return false
  return !nameCharacter.test(text[end - 4] ?? '')
}

/** Quoted texts and URLs. */
export function fromStyleText(context: Context, text: string): Step {
  const { state } = context
  const isSingle = state === 'cssSingleQuoted' || state === 'cssSingleQuotedUrl'
  const specials = state === 'cssUrl' ? '\\\t\n\f\r )' : isSingle ? "\\'" : '\\"'
  let c = context
  let from = 0
  for (;;) {
    const at = indexOfAny(text, specials, from)
    if (at < 0) return { context: fromUrl(c, decodeStyle(text.slice(from))).context, length: text.length }
    if (text[at] !== '\\') return { context: { ...c, state: 'css' }, length: at + 1 }
    if (at + 1 === text.length) {
      const problem = `unfinished escape sequence in CSS string: ${shown(text)}`
      return { context: problemContext(problem), length: text.length }
    }
    c = fromUrl(c, decodeStyle(text.slice(from, at + 2))).context
    from = at + 2
  }
}

/** Text with the escapes of CSS resolved, such as `\3c `. */
export function decodeStyle(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(
    /\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[\t\n\f\r ])?|([\s\S]))/g,
    (_all, digits?: string, other?: string) => {
      if (digits === undefined) return other ?? ''
      const code = Number.parseInt(digits, 16)
      return String.fromCodePoint(code > 0x10ffff ? 0xfffd : code)
    },
  )
}
