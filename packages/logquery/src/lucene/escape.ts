import { syntaxError } from '../query-error.ts'

/** Takes backslashes away; `\u00e9` becomes the character. `start` is where the text stands in the query. */
export function unescapeLucene(text: string, start: number): string {
  if (!text.includes('\\')) return text
  let plain = ''
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\') {
      plain += text[i]
      continue
    }
    i++
    if (text[i] !== 'u') {
      plain += text[i] ?? ''
      continue
    }
    const digits = text.slice(i + 1, i + 5)
    if (!/^[0-9a-fA-F]{4}$/.test(digits))
      throw syntaxError('"\\u" needs four hexadecimal digits', start + i - 1, start + i + 1)
    plain += String.fromCharCode(Number.parseInt(digits, 16))
    i += 4
  }
  return plain
}

/** Backslashes before all that means something, so that a text stands for itself outside of quotes. */
export const escapeLucene = (text: string): string => {
  const escaped = text.replace(/[+\-!():^[\]"{}~*?\\/|&\s\u3000]/g, '\\$&')
  return /^(?:AND|OR|NOT|TO)$/.test(escaped) ? `\\${escaped}` : escaped
}

/** The same between quotes. */
export const escapeQuoted = (text: string): string => text.replace(/["\\]/g, '\\$&')
