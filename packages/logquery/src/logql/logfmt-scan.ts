// logfmt: pairs `key=value`, `key="quoted value"` and bare keys, by one pass over the text.
import { unquote } from '@tidewatch/template/quote.ts'

/**
 * Calls with each pair, '' for the value of a bare key. What is wrong with the text: a strict scan stops there, any other goes on behind it.
 */
export function scanLogfmt(
  text: string,
  isStrict: boolean,
  visit: (key: string, value: string) => void,
): string | undefined {
  let fault: string | undefined
  let at = 0
  const { length } = text
  for (;;) {
    while (at < length && text.charCodeAt(at) <= 32) at++
    if (at >= length) return fault
    const start = at
    at = keyEnd(text, at)
    const code = text.charCodeAt(at)
    if (code === 34 || (code === 61 && at === start)) {
      fault ??= `logfmt syntax error at pos ${at + 1} : unexpected ${JSON.stringify(text[at])}`
      at = blankAfter(text, at)
    } else if (code !== 61) {
      visit(text.slice(start, at), '')
    } else {
      const key = text.slice(start, at)
      at++
      if (text.charCodeAt(at) === 34) {
        const end = quoteEnd(text, at)
        const value = end < 0 ? undefined : quotedValue(text.slice(at, end + 1))
        if (value === undefined) {
          fault ??= `logfmt syntax error at pos ${at + 1} : ${end < 0 ? 'unterminated' : 'invalid'} quoted value`
          at = end < 0 ? length : end + 1
        } else {
          visit(key, value)
          at = end + 1
        }
      } else {
        const end = valueEnd(text, at)
        const stop = text.charCodeAt(end)
        if (stop === 61 || stop === 34) {
          fault ??= `logfmt syntax error at pos ${end + 1} : unexpected ${JSON.stringify(text[end])}`
          at = blankAfter(text, end)
        } else {
          visit(key, text.slice(at, end))
          at = end
        }
      }
    }
    if (isStrict && fault !== undefined) return fault
  }
}

/** The first `=`, `"` or blank. */
function keyEnd(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 61 || code === 34 || code <= 32) break
  }
  return at
}

const valueEnd = keyEnd

function blankAfter(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) > 32) at++
  return at
}

/** The quote that closes the one at `from`, or -1. */
function quoteEnd(text: string, from: number): number {
  let end = from
  for (;;) {
    end = text.indexOf('"', end + 1)
    if (end < 0) return -1
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 92) slashes++
    if (slashes % 2 === 0) return end
  }
}

function quotedValue(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  // JSON's escape of a slash is none of Go's
  return unquote(quoted.replace(/\\(.)/gs, (pair, escaped: string) => (escaped === '/' ? escaped : pair)))
}
