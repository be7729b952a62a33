// Ruby's notation of regular expressions in that of the two engines that run them, and what an expression could cost.

const posixClasses: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9a-fA-F',
  word: '\\w',
  cntrl: '\\x00-\\x1f\\x7f',
  blank: ' \\t',
  print: ' -~',
  graph: '!-~',
}

interface Notation {
  /** Escapes that the engine writes otherwise, outside of classes. */
  readonly escapes: Readonly<Record<string, string>>
  /** What stands for the sign that lets `.` match a line end. */
  readonly dotAll: string
}

const javaScript: Notation = {
  escapes: { A: '(?<![\\s\\S])', z: '(?![\\s\\S])', Z: '(?=\\n?(?![\\s\\S]))', h: '[0-9a-fA-F]', H: '[^0-9a-fA-F]' },
  dotAll: 's',
}
const re2: Notation = {
  escapes: { Z: '\\n?\\z', h: '[0-9a-fA-F]', H: '[^0-9a-fA-F]' },
  dotAll: 's',
}

export const toJavaScript = (source: string): string => translate(source, javaScript)
export const toRe2 = (source: string): string => translate(source, re2)

function translate(source: string, { escapes, dotAll }: Notation): string {
  let result = ''
  let isClass = false
  for (let at = 0; at < source.length; at++) {
    const sign = source[at] as string
    if (sign === '\\') {
      const next = source[++at] ?? ''
      result += isClass && next === 'h' ? '0-9a-fA-F' : isClass ? `\\${next}` : (escapes[next] ?? `\\${next}`)
    } else if (isClass) {
      const posix = /^\[:(\w+):\]/.exec(source.slice(at, at + 12))
      if (posix !== null && (posix[1] as string) in posixClasses) {
        result += posixClasses[posix[1] as string]
        at += posix[0].length - 1
      } else {
        if (sign === ']') isClass = false
        result += sign === '[' ? '\\[' : sign
      }
    } else if (sign === '[') {
      isClass = true
      result += sign
      if (source[at + 1] === '^') result += source[++at]
      if (source[at + 1] === ']') {
        result += '\\]'
        at++
      }
    } else if (sign === '(' && source.startsWith('?', at + 1)) {
      const flags = /^\(\?([imx]*)(?:-([imx]*))?([:)])/.exec(source.slice(at, at + 12))
      if (flags === null) result += sign
      else {
        // Ruby's m is what others call s
        result += flags[0].replaceAll('m', dotAll)
        at += flags[0].length - 1
      }
    } else result += sign
  }
  return result
}

/** The expression with escapes and classes as one letter each, so that only its structure is left. */
const skeleton = (source: string): string =>
  source
    .replace(/\\k<\w+>|\\[1-9]/g, '\u0001')
    .replace(/\\./gs, 'x')
    .replace(/\[\^?\]?[^\]]*\]/g, 'x')

/** Whether no text can make a backtracking engine take longer than the square of its length: at most one open repetition, in no group that repeats. */
export function isHarmless(source: string): boolean {
  const bones = skeleton(source)
  if (bones.includes('\u0001')) return false
  const open = bones.match(/[*+]|\{\d+,\}/g)?.length ?? 0
  const wide = [...bones.matchAll(/\{(?:\d+,)?(\d+)\}/g)].some(([, most]) => Number(most) > 16)
  return open <= 1 && !wide && !/\)(?:[*+]|\{)/.test(bones)
}

/** Whether a group repeats that holds a repetition or a choice: such an expression can take time exponential in the length of a text. */
export function isNested(source: string): boolean {
  const bones = skeleton(source).replace(/\(\?(?:<?[=!]|[imx-]*:|<\w+>|>)/g, '(')
  const hasInner: boolean[] = []
  for (let at = 0; at < bones.length; at++) {
    const sign = bones[at] as string
    if (sign === '(') hasInner.push(false)
    else if (sign === ')') {
      const inner = hasInner.pop() ?? false
      const repeats = /^(?:[*+]|\{\d+,)/.test(bones.slice(at + 1, at + 8))
      if (repeats && inner) return true
      if ((repeats || inner) && hasInner.length > 0) hasInner[hasInner.length - 1] = true
    } else if (/[*+|]/.test(sign) || /^\{\d+,\d*\}/.test(bones.slice(at, at + 10))) {
      if (hasInner.length > 0) hasInner[hasInner.length - 1] = true
    }
  }
  return false
}
