// The effective configuration as text, letter for letter as Go's YAML writer has it, so that files can be compared.
import { resolve } from 'node:path'
import type { Printed } from './form.ts'

/** A list in brackets goes on in the next line from this column on. */
const flowColumns = 80

export function toYaml(value: Printed): string {
  return `${blockLines(value).join('\n')}\n`
}

function blockLines(value: Printed): string[] {
  if (value.kind === 'map') {
    if (value.entries.length === 0) return ['{}']
    return value.entries.flatMap(([key, item]) => entryLines(scalar(key, false), item))
  }
  if (value.kind === 'list' && !value.flow) {
    if (value.items.length === 0) return ['[]']
    return value.items.flatMap((item) => {
      const [first, ...rest] = blockLines(item)
      return [`- ${first}`, ...rest.map((line) => indented(line))]
    })
  }
  return inline(value, 0)
}

const indented = (line: string): string => (line === '' ? '' : `  ${line}`)

function entryLines(key: string, item: Printed): string[] {
  const isBlock =
    (item.kind === 'map' && item.entries.length > 0) || (item.kind === 'list' && !item.flow && item.items.length > 0)
  if (!isBlock) {
    const [first, ...rest] = inline(item, key.length + 2)
    return [`${key}: ${first}`, ...rest.map(indented)]
  }
  const lines = blockLines(item)
  // the items of a list stand below its key, what is in a mapping two further in
  return [`${key}:`, ...(item.kind === 'list' ? lines : lines.map(indented))]
}

function inline(value: Printed, column: number): string[] {
  switch (value.kind) {
    case 'null':
      return ['null']
    case 'word':
      return [value.text]
    case 'secret':
      return [scalar(value.shown, false)]
    case 'text':
      return value.text.includes('\n') ? literal(value.text) : [scalar(value.text, false)]
    case 'list':
      return flowList(value.items, column)
    case 'map':
      return ['{}']
    default:
      return value satisfies never
  }
}

function flowList(items: readonly Printed[], column: number): string[] {
  const lines = ['[']
  let at = column + 1
  for (const [i, item] of items.entries()) {
    const text = item.kind === 'text' ? scalar(item.text, true) : (inline(item, at)[0] as string)
    const isLong = at > flowColumns
    const before = i === 0 ? '' : isLong ? ',' : ', '
    if (isLong) {
      lines[lines.length - 1] += before
      lines.push(text)
      at = text.length + 2
    } else {
      lines[lines.length - 1] += before + text
      at += before.length + text.length
    }
  }
  lines[lines.length - 1] += ']'
  return lines
}

function literal(text: string): string[] {
  const ending = text.endsWith('\n\n') || text === '\n' ? '+' : text.endsWith('\n') ? '' : '-'
  const hint = /^[ \n]/.test(text) ? '2' : ''
  const body = text.endsWith('\n') ? text.slice(0, -1) : text
  return [`|${hint}${ending}`, ...body.split('\n')]
}

/** Plain where it reads back as the same text, in single quotes where only its letters forbid that, else in double quotes. */
function scalar(text: string, isFlow: boolean): string {
  if (text === '' || isOtherThanText(text)) return JSON.stringify(text)
  if (hasUnprintable(text)) return doubleQuoted(text)
  return canBePlain(text, isFlow) ? text : `'${text.replaceAll("'", "''")}'`
}

/** Read back without quotes it would be a number, a truth value, null or a time to Go's YAML reader. */
function isOtherThanText(text: string): boolean {
  const number = text.replaceAll('_', '')
  return (
    words.has(text) ||
    /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|[1-9]\d*|0)$/.test(number) ||
    /^[-+]?\d*\.?\d+(?:[eE][-+]\d+)?$/.test(number) ||
    /^[-+]?\d+\.(?:[eE][-+]\d+)?$/.test(number) ||
    /^\.\d+(?:[eE][-+]?\d+)?$/.test(text) ||
    /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/.test(text) ||
    /^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt ]\d)/.test(text)
  )
}

const inCases = (word: string): string[] => [word, word[0]?.toUpperCase() + word.slice(1), word.toUpperCase()]
const words: ReadonlySet<string> = new Set([
  ...['y', 'yes', 'true', 'on', 'n', 'no', 'false', 'off', 'null'].flatMap(inCases),
  ...['.nan', '.NaN', '.NAN', '~', '<<'],
  ...['', '+', '-'].flatMap((sign) => ['.inf', '.Inf', '.INF'].map((word) => sign + word)),
])

/** Control characters but tab and line break, and halves of pairs. */
const hasUnprintable = (text: string): boolean => /[\p{Cs}\ufeff]|(?![\n\t])\p{Cc}/u.test(text)

const doubleQuoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[\p{Cc}\ufeff]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`,
  )

function canBePlain(text: string, isFlow: boolean): boolean {
  if (/^(?:---|\.\.\.)/.test(text) || /^[\s#,[\]{}&*!|>'"%@`]/.test(text) || /\s$/.test(text)) return false
  if (/^[-?:](?:\s|$)/.test(text) || /:(?:\s|$)/.test(text) || /\s#/.test(text)) return false
  return !isFlow || !(/^[?:]/.test(text) || /[,?[\]{}:]/.test(text.slice(1)))
}

/** Values with their secrets, as plain data; names of files are relative to `directory` where there is one. */
export function toPlain(value: Printed, directory?: string): unknown {
  switch (value.kind) {
    case 'null':
      return ''
    case 'word':
      return value.value
    case 'secret':
      return value.text
    case 'text':
      return value.isFileName === true && directory !== undefined ? resolve(directory, value.text) : value.text
    case 'list':
      return value.items.map((item) => toPlain(item, directory))
    case 'map':
      return Object.fromEntries(value.entries.map(([key, item]) => [key, toPlain(item, directory)]))
    default:
      return value satisfies never
  }
}
