// A file with one filter, from settings as the cases have them. A text cannot hold its own quote, so that those with both kinds are not written.
import { isMap, textOf, type Value, type ValueMap } from '../values.ts'

export function fileOf(filter: string, settings: ValueMap): string {
  const lines = Object.entries(settings).map(([name, value]) => `    ${name} => ${written(value)}`)
  return `filter {\n  ${filter} {\n${lines.join('\n')}\n  }\n}\n`
}

function written(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (isMap(value))
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${quoted(key)} => ${written(item)}`)
      .join(' ')} }`
  if (typeof value === 'string') return quoted(value)
  return textOf(value)
}

function quoted(text: string): string {
  const sign = text.includes('"') ? "'" : '"'
  if (text.includes(sign)) throw new Error(`both quotes in ${text}`)
  return `${sign}${text}${sign}`
}
