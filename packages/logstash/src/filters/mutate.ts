// mutate: its operations run in one fixed order, whatever the order in the file.
import type { LogEvent } from '../event.ts'
import { type FieldPath, fieldPath } from '../field-path.ts'
import type { Filter, FilterDefinition } from '../filter.ts'
import { compilePattern, type Pattern, replaceAll } from '../pattern.ts'
import { type Settings, scalarText } from '../settings.ts'
import type { Template } from '../template.ts'
import { cloneValue, isMap, setKey, textOf, type Value } from '../values.ts'
import { capitalize } from './letters.ts'
import { type Conversion, conversionNames, conversions } from './mutate-convert.ts'

type Operation = (event: LogEvent) => void

export const mutate: FilterDefinition = {
  name: 'mutate',
  compile(settings): Filter {
    const operations = [
      ...coerce(settings),
      ...rename(settings),
      ...update(settings),
      ...replace(settings),
      ...convert(settings),
      ...gsub(settings),
      ...letters(settings, 'uppercase', (text) => text.toUpperCase()),
      ...letters(settings, 'capitalize', capitalize),
      ...letters(settings, 'lowercase', (text) => text.toLowerCase()),
      ...strip(settings),
      ...split(settings),
      ...join(settings),
      ...merge(settings),
      ...copy(settings),
    ]
    const failureTags = [settings.text('tag_on_failure', '_mutate_error')]
    return {
      failureTags,
      run(event) {
        for (const operation of operations) operation(event)
        return true
      },
    }
  },
}

function assignments(settings: Settings, name: string): { path: FieldPath; value: Template }[] {
  return settings
    .textPairs(name)
    .map(([field, text]) => ({ path: settings.fieldOf(field, name), value: settings.template(text, name) }))
}

const coerce = (settings: Settings): Operation[] =>
  assignments(settings, 'coerce').map(({ path, value }) => (event) => {
    if (event.get(path) === null) event.set(path, value.render(event))
  })

const update = (settings: Settings): Operation[] =>
  assignments(settings, 'update').map(({ path, value }) => (event) => {
    if (event.has(path)) event.set(path, value.render(event))
  })

const replace = (settings: Settings): Operation[] =>
  assignments(settings, 'replace').map(
    ({ path, value }) =>
      (event) =>
        event.set(path, value.render(event)),
  )

/** Both names may be made for each event. */
function rename(settings: Settings): Operation[] {
  return settings.textPairs('rename').map(([from, to]) => {
    const [source, target] = [settings.template(from, 'rename'), settings.template(to, 'rename')]
    return (event) => {
      const path = fieldPath(source.isConstant ? from : source.render(event))
      const next = fieldPath(target.isConstant ? to : target.render(event))
      const value = event.remove(path)
      if (value !== undefined) event.set(next, value)
    }
  })
}

function convert(settings: Settings): Operation[] {
  return settings.textPairs('convert').map(([field, type]) => {
    const path = settings.fieldOf(field, 'convert')
    const known = conversionNames.find((name) => name === type)
    if (known === undefined)
      settings.complain(
        `"${type}" is nothing that ${field} can become`,
        `Write one of ${conversionNames.join(', ')}.`,
        'convert',
      )
    const conversion: Conversion = conversions[known ?? 'string']
    return (event) => {
      const value = event.get(path)
      if (value === undefined || value === null || isMap(value)) return
      event.set(
        path,
        Array.isArray(value) ? value.map((item) => (item === null ? item : conversion(item))) : conversion(value),
      )
    }
  })
}

function gsub(settings: Settings): Operation[] {
  const texts = settings.texts('gsub')
  if (texts.length % 3 !== 0)
    settings.complain('gsub takes three texts a field', 'Write gsub => ["field", "expression", "replacement"].', 'gsub')
  const operations: Operation[] = []
  for (let i = 0; i + 2 < texts.length; i += 3)
    operations.push(gsubOne(settings, texts[i] as string, texts[i + 1] as string, texts[i + 2] as string))
  return operations
}

function gsubOne(settings: Settings, field: string, needle: string, replacement: string): Operation {
  const path = settings.fieldOf(field, 'gsub')
  const template = settings.template(replacement, 'gsub')
  const dynamic = needle.includes('%{') ? settings.template(needle, 'gsub') : undefined
  const fixed = dynamic === undefined ? settings.pattern(needle, 'gsub') : undefined
  let last: Pattern | undefined
  const patternFor = (event: LogEvent): Pattern => {
    if (fixed !== undefined || dynamic === undefined) return fixed as Pattern
    const source = dynamic.render(event)
    if (last?.source !== source) last = compilePattern(source)
    return last
  }
  return (event) => {
    const value = event.get(path)
    if (typeof value !== 'string' && !Array.isArray(value)) return
    const pattern = patternFor(event)
    const text = template.render(event)
    const change = (item: Value): Value => (typeof item === 'string' ? replaceAll(pattern, item, text) : item)
    event.set(path, Array.isArray(value) ? value.map(change) : change(value))
  }
}

/** Changes texts and the texts of lists. */
const letters = (settings: Settings, name: string, change: (text: string) => string): Operation[] =>
  settings.fields(name).map((path) => (event) => {
    const value = event.get(path)
    if (typeof value === 'string') event.set(path, change(value))
    else if (Array.isArray(value))
      event.set(
        path,
        value.map((item) => (typeof item === 'string' ? change(item) : item)),
      )
  })

const strip = (settings: Settings): Operation[] => letters(settings, 'strip', (text) => text.trim())

const split = (settings: Settings): Operation[] =>
  settings.textPairs('split').map(([field, separator]) => {
    const path = settings.fieldOf(field, 'split')
    return (event) => {
      const value = event.get(path)
      if (typeof value === 'string') event.set(path, splitText(value, separator))
    }
  })

/** As Ruby splits: empty parts at the end go; a space means any white space. */
export function splitText(text: string, separator: string): string[] {
  const parts = separator === ' ' ? text.trimStart().split(/\s+/) : text.split(separator)
  while (parts.length > 0 && parts[parts.length - 1] === '') parts.pop()
  return parts
}

const join = (settings: Settings): Operation[] =>
  settings.textPairs('join').map(([field, separator]) => {
    const path = settings.fieldOf(field, 'join')
    return (event) => {
      const value = event.get(path)
      if (Array.isArray(value)) event.set(path, value.map(textOf).join(separator))
    }
  })

function merge(settings: Settings): Operation[] {
  return settings.pairs('merge').flatMap(([field, sources]) => {
    const target = settings.fieldOf(field, 'merge')
    const items = sources.kind === 'list' ? sources.items : [sources]
    return items.map((item): Operation => {
      const source = scalarText(item)
      if (source === undefined)
        settings.complain(`what is merged into ${field} is no field`, 'Write its name.', 'merge')
      const path = fieldPath(source ?? '')
      return (event) => mergeField(event, target, path)
    })
  })
}

function mergeField(event: LogEvent, target: FieldPath, source: FieldPath): void {
  const into = event.get(target)
  const added = event.get(source)
  if (isMap(into) || isMap(added)) {
    // a map and something else cannot be one
    if (!isMap(into) || !isMap(added)) return
    for (const key of Object.keys(added)) setKey(into, key, cloneValue(added[key] as Value))
    return
  }
  event.set(target, [...listOf(into), ...listOf(added)])
}

const listOf = (value: Value | undefined): Value[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value.map(cloneValue) : [value]

const copy = (settings: Settings): Operation[] =>
  settings.textPairs('copy').map(([from, to]) => {
    const source = settings.fieldOf(from, 'copy')
    const target = settings.fieldOf(to, 'copy')
    return (event) => {
      const value = event.get(source)
      if (value !== undefined && value !== null) event.set(target, cloneValue(value))
    }
  })
