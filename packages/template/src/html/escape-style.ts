// Values within CSS.
import type { Value } from '../value.ts'
import { refused } from './escape-markup.ts'
import { contentOf } from './plain-text.ts'
import { decodeStyle } from './transition-style.ts'

/** In a quoted text. */
export function escapeStyleText(args: readonly Value[]): string {
  const { text } = contentOf(args)
  return text.replace(/[\0\t\n\f\r"&'()+/:;<>\\{}]/g, (c, at: number) => {
    if (c === '\\') return '\\\\'
    const next = text[at + 1]
    // a digit or space behind it would be read as a part of the escape
    const gap = next === undefined || /[0-9a-fA-F\t\n\f\r ]/.test(next) ? ' ' : ''
    return `\\${c.charCodeAt(0).toString(16)}${gap}`
  })
}

/** A value: numbers, names and colours, and nothing that could end it or run. */
export function filterStyleValue(args: readonly Value[]): string {
  const { text, type } = contentOf(args)
  if (type === 'template.CSS') return text
  const value = decodeStyle(text)
  if (/[\0"'()/;@[\\\]`{}<>]|--/.test(value)) return refused
  const name = value.replace(/[^a-zA-Z0-9_-]/g, '').toLowerCase()
  return /expression|mozbinding/.test(name) ? refused : value
}
