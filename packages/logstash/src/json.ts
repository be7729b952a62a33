// JSON text to values. Hot: called per event; numbers that `JSON.parse` would not keep are looked for first, and only then read by themselves.
import { floatOf, type Value } from './values.ts'

/** Brackets in one another. Deeper ones end the stack of whoever walks over the value. */
const maxDepth = 200

// a float without a fraction, one with an exponent, or an integer beyond 2^53; a text that looks so costs time and nothing else
const peculiarNumber = /(?:^|[:[,\s])-?(?:0|[1-9]\d*)(?:\.0+|(?:\.\d+)?[eE][+-]?\d+|(?<=\d{16}))(?=[\s,\]}]|$)/

/** Undefined where the text is no JSON, or is nested deeper than 200 levels. */
export function parseJson(text: string): { readonly value: Value } | undefined {
  if (text.length > 2 * maxDepth && isTooDeep(text)) return undefined
  try {
    return { value: peculiarNumber.test(text) ? parseExactly(text) : JSON.parse(text) }
  } catch {
    // an answer, not an accident: lines that are no JSON are usual
    return undefined
  }
}

function parseExactly(text: string): Value {
  return JSON.parse(text, (_, value: Value, context?: { source?: string }) => {
    const source = context?.source
    if (typeof value !== 'number' || source === undefined) return value
    if (/[.eE]/.test(source)) return floatOf(value)
    return Number.isSafeInteger(value) ? value : BigInt(source)
  })
}

function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      at++
      while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return true
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return false
}
