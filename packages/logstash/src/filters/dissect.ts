// dissect: a text cut at fixed signs, without expressions. `%{name}`, `%{+name/2}` appends, `%{?name}` is a name for `%{&name}`, `%{}` is skipped, `->`
// takes a sign that repeats as one.
import type { LogEvent } from '../event.ts'
import { type FieldPath, fieldPath } from '../field-path.ts'
import type { Filter, FilterDefinition } from '../filter.ts'
import type { Settings } from '../settings.ts'
import { floatOf, isMap, textOf, type Value } from '../values.ts'

interface Cut {
  readonly kind: 'field' | 'append' | 'named' | 'indirect' | 'skip'
  readonly name: string
  readonly order: number
  /** Whether the sign behind it may repeat. */
  readonly isPadded: boolean
  /** What stands before it; what is appended is joined by it. */
  readonly before: string
  /** What ends it; '' for the last. */
  readonly after: string
}

interface Dissection {
  readonly source: FieldPath
  readonly prefix: string
  readonly cuts: readonly Cut[]
}

export const dissect: FilterDefinition = {
  name: 'dissect',
  compile(settings): Filter {
    const dissections = settings
      .textPairs('mapping')
      .map(([field, text]) => dissectionOf(settings.fieldOf(field, 'mapping'), text, settings))
    const conversions = settings.textPairs('convert_datatype').map(([field, type]) => {
      if (type !== 'int' && type !== 'float')
        settings.complain(`"${type}" is nothing that ${field} can become`, 'Write int or float.', 'convert_datatype')
      return { field, path: settings.fieldOf(field, 'convert_datatype'), type }
    })
    const failureTags = settings.texts('tag_on_failure', ['_dissectfailure'])
    return {
      failureTags,
      run(event) {
        let isDone = dissections.length === 0
        for (const dissection of dissections) {
          const value = event.get(dissection.source)
          if (value === undefined || value === null) continue
          isDone = (!isMap(value) && !Array.isArray(value) && runOne(textOf(value), dissection, event)) || isDone
          if (!isDone) for (const tag of failureTags) event.tag(tag)
        }
        for (const { field, path, type } of conversions) convert(event, field, path, type)
        return isDone
      },
    }
  },
}

function dissectionOf(source: FieldPath, mapping: string, settings: Settings): Dissection {
  const found = [...mapping.matchAll(/%\{([^}]*)\}/g)]
  const [first] = found
  if (first === undefined)
    settings.complain(`"${mapping}" has no field in it`, 'Write %{name} where a field stands.', 'mapping')
  const cuts = found.map((match, i) => {
    const next = found[i + 1]
    const end = match.index + match[0].length
    const former = found[i - 1]
    const before = mapping.slice(former === undefined ? 0 : former.index + former[0].length, match.index)
    const after = mapping.slice(end, next?.index)
    if (after === '' && next !== undefined)
      settings.complain(`nothing parts ${match[0]} from ${next[0]}`, 'Put a sign between the two.', 'mapping')
    return cutOf(match[1] ?? '', before, after)
  })
  return { source, prefix: mapping.slice(0, first?.index), cuts }
}

function cutOf(text: string, before: string, after: string): Cut {
  const isPadded = text.endsWith('->')
  const body = isPadded ? text.slice(0, -2) : text
  const kinds = { '+': 'append', '?': 'named', '&': 'indirect' } as const
  const sign = body[0]
  const kind = sign === '+' || sign === '?' || sign === '&' ? kinds[sign] : body === '' ? 'skip' : 'field'
  const rest = kind === 'field' || kind === 'skip' ? body : body.slice(1)
  const ordered = kind === 'append' ? /^(.*)\/(\d+)$/.exec(rest) : null
  const name = ordered?.[1] ?? rest
  return { kind: name === '' ? 'skip' : kind, name, order: Number(ordered?.[2] ?? 0), isPadded, before, after }
}

/** Whether the text is built so; the event is changed only then. */
function runOne(text: string, { prefix, cuts }: Dissection, event: LogEvent): boolean {
  if (text === '' || !text.startsWith(prefix)) return false
  const values: string[] = []
  let at = prefix.length
  for (const { after, isPadded } of cuts) {
    if (after === '') {
      values.push(text.slice(at))
      at = text.length
      continue
    }
    const end = text.indexOf(after, at)
    if (end < 0) return false
    values.push(text.slice(at, end))
    at = end + after.length
    if (isPadded) while (text.startsWith(after, at)) at += after.length
  }
  store(cuts, values, event)
  return true
}

function store(cuts: readonly Cut[], values: readonly string[], event: LogEvent): void {
  const found = new Map<string, string>()
  const fields = new Map<string, string>()
  for (const [i, { kind, name }] of cuts.entries()) {
    const value = values[i] as string
    if (kind === 'field' || kind === 'named') found.set(name, value)
    if (kind === 'field') fields.set(name, value)
  }
  const ordered = cuts
    .map((cut, i) => ({ cut, value: values[i] as string }))
    .filter(({ cut }) => cut.kind === 'append')
    .sort((a, b) => a.cut.order - b.cut.order)
  for (const { cut, value } of ordered) {
    const former = fields.get(cut.name)
    fields.set(cut.name, former === undefined ? value : former + joinerOf(cut, cuts) + value)
  }
  for (const [i, { kind, name }] of cuts.entries()) {
    const key = kind === 'indirect' ? found.get(name) : undefined
    if (key !== undefined && key !== '') fields.set(key, values[i] as string)
  }
  for (const [name, value] of fields) event.set(fieldPath(name), value)
}

/** What stands before the part; before the first of all stands the prefix, which joins nothing. */
const joinerOf = (cut: Cut, cuts: readonly Cut[]): string => (cut === cuts[0] ? cut.after : cut.before)

function convert(event: LogEvent, field: string, path: FieldPath, type: string): void {
  const value = event.get(path)
  if (value === undefined || value === null) {
    event.tag(`_dataconversion${value === undefined ? 'missing' : 'nullvalue'}_${field}_${type}`)
    return
  }
  const number = isMap(value) || Array.isArray(value) ? undefined : numberFrom(textOf(value), type)
  if (number === undefined) event.tag(`_dataconversionuncoercible_${field}_${type}`)
  else event.set(path, number)
}

function numberFrom(text: string, type: string): Value | undefined {
  const match = /^\s*([+-]?\d+)(\.\d+)?([eE][+-]?\d{1,3})?\s*$/.exec(text)
  if (match === null) return undefined
  if (type === 'float') return floatOf(Number(text))
  if (match[3] !== undefined) return Math.trunc(Number(text))
  const whole = Number(match[1])
  return Number.isSafeInteger(whole) ? whole : BigInt(match[1] as string)
}
