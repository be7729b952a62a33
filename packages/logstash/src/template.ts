// Texts with references to an event in them: `%{field}`, `%{[a][b]}`, `%{+YYYY.MM.dd}` (Joda, UTC), `%{+%s}`, `%{{yyyy-MM-dd}}` (java.time, UTC).
import type { LogEvent } from './event.ts'
import { type FieldPath, fieldPath } from './field-path.ts'
import { compileJavaFormat, compileJodaFormat } from './time-format.ts'
import { textOf } from './values.ts'

type Part = string | ((event: LogEvent) => string)

/** A text that is made for each event. */
export interface Template {
  readonly source: string
  /** Whether it is the same for all events. */
  readonly isConstant: boolean
  render(event: LogEvent): string
}

/** Texts of people are kept compiled; those that come with events are compiled each time. Throws RangeError for a time format that is none. */
export function compileTemplate(source: string): Template {
  const parts = partsOf(source)
  const [first] = parts
  if (parts.every((part) => typeof part === 'string')) {
    const text = parts.join('')
    return { source, isConstant: true, render: () => text }
  }
  if (parts.length === 1 && typeof first === 'function') return { source, isConstant: false, render: first }
  const render = (event: LogEvent): string => {
    let text = ''
    for (const part of parts) text += typeof part === 'string' ? part : part(event)
    return text
  }
  return { source, isConstant: false, render }
}

function partsOf(source: string): Part[] {
  const parts: Part[] = []
  let end = 0
  for (let start = source.indexOf('%{'); start >= 0; start = source.indexOf('%{', end)) {
    const isJava = source.startsWith('%{{', start)
    const close = source.indexOf(isJava ? '}}' : '}', start)
    if (close < 0) break
    if (start > end) parts.push(source.slice(end, start))
    end = close + (isJava ? 2 : 1)
    parts.push(partOf(source.slice(start, end), isJava))
  }
  if (end < source.length) parts.push(source.slice(end))
  return parts
}

/** `whole` with its sign and braces. */
function partOf(whole: string, isJava: boolean): Part {
  if (isJava) return timePart(whole, compileJavaFormat(whole.slice(3, -2)))
  const inside = whole.slice(2, -1)
  if (inside === '+%s') return timePart(whole, (ms) => String(Math.floor(ms / 1000)))
  if (inside.startsWith('+')) return timePart(whole, compileJodaFormat(inside.slice(1)))
  return inside === '' ? whole : fieldPart(whole, fieldPath(inside))
}

function fieldPart(whole: string, path: FieldPath): Part {
  return (event) => {
    const value = event.get(path)
    // what is not there stays as it is written
    return value === undefined || value === null ? whole : textOf(value)
  }
}

function timePart(whole: string, format: (ms: number) => string): Part {
  // events of one batch mostly have the same day in their index, but not the same ms
  let lastMs = Number.NaN
  let lastText = ''
  return (event) => {
    const ms = event.timestamp?.ms
    if (ms === undefined) return whole
    if (ms !== lastMs) {
      lastText = format(ms)
      lastMs = ms
    }
    return lastText
  }
}
