// kv: keys and values out of a text such as `a=1 b="two words"`.
import type { LogEvent } from '../event.ts'
import { fieldPath } from '../field-path.ts'
import { ecsOf, type Filter, type FilterDefinition } from '../filter.ts'
import { type Settings, scalarText } from '../settings.ts'
import type { Template } from '../template.ts'
import { getKey, isEqual, setKey, type Value, type ValueMap } from '../values.ts'
import { compileKvScanner, type KvScanner } from './kv-scan.ts'
import { capitalize } from './letters.ts'

/** Pairs within values within values. */
const maxRecursion = 10

interface Kv {
  readonly scanner: KvScanner
  readonly key: (text: string) => string
  readonly value: (text: string) => string
  readonly include: readonly Template[]
  readonly exclude: readonly Template[]
  readonly prefix: Template
  readonly isRecursive: boolean
  readonly keepsDuplicates: boolean
  readonly keepsEmpty: boolean
}

export const kv: FilterDefinition = {
  name: 'kv',
  compile(settings, context): Filter {
    const source = settings.field('source', 'message')
    const target = settings.optionalField('target')
    const defaults = settings.pairs('default_keys').map(([key, value]) => [key, scalarText(value) ?? ''] as const)
    const options = optionsOf(settings)
    const failureTags = settings.texts('tag_on_failure', ['_kv_filter_error'])
    settings.allow('tag_on_timeout', 'timeout_millis')
    ecsOf(settings, context)
    return {
      failureTags,
      run(event) {
        const value = event.get(source)
        const found: ValueMap = {}
        const texts = Array.isArray(value) ? value : [value]
        for (const text of texts) if (typeof text === 'string') readPairs(text, event, found, options, 0)
        for (const [key, text] of defaults) if (!Object.hasOwn(found, key)) setKey(found, key, text)
        const keys = Object.keys(found)
        if (keys.length === 0) return false
        if (target !== undefined) event.set(target, found)
        else for (const key of keys) event.set(fieldPath(key), found[key] as Value)
        return true
      },
    }
  },
}

function optionsOf(settings: Settings): Kv {
  const templates = (name: string): Template[] => settings.texts(name).map((text) => settings.template(text, name))
  return {
    scanner: compileKvScanner(settings),
    key: changes(settings, 'key'),
    value: changes(settings, 'value'),
    include: templates('include_keys'),
    exclude: templates('exclude_keys'),
    prefix: settings.template(settings.text('prefix', ''), 'prefix'),
    isRecursive: settings.flag('recursive', false),
    keepsDuplicates: settings.flag('allow_duplicate_values', true),
    keepsEmpty: settings.flag('allow_empty_values', false),
  }
}

/** trim, remove_char and transform of keys or values, in this order. */
function changes(settings: Settings, what: 'key' | 'value'): (text: string) => string {
  const trim = settings.optionalText(`trim_${what}`)
  const remove = settings.optionalText(`remove_char_${what}`)
  const transform = settings.optionalChoice(`transform_${what}`, ['lowercase', 'uppercase', 'capitalize'])
  const isTrimmed = trim === undefined ? undefined : letterTest(settings, trim, `trim_${what}`)
  const isRemoved = remove === undefined ? undefined : letterTest(settings, remove, `remove_char_${what}`)
  return (text) => {
    const trimmed = isTrimmed === undefined ? text : trimLetters(text, isTrimmed)
    const kept = isRemoved === undefined ? trimmed : [...trimmed].filter((letter) => !isRemoved(letter)).join('')
    if (transform === 'lowercase') return kept.toLowerCase()
    if (transform === 'uppercase') return kept.toUpperCase()
    return transform === 'capitalize' ? capitalize(kept) : kept
  }
}

/** Letters as they stand in a class of a regular expression. */
function letterTest(settings: Settings, letters: string, name: string): (letter: string) => boolean {
  const pattern = settings.pattern(`[${letters}]`, name)
  return (letter) => pattern.test(letter)
}

function trimLetters(text: string, isTrimmed: (letter: string) => boolean): string {
  let start = 0
  let end = text.length
  while (start < end && isTrimmed(text[start] as string)) start++
  while (end > start && isTrimmed(text[end - 1] as string)) end--
  return text.slice(start, end)
}

function readPairs(text: string, event: LogEvent, found: ValueMap, options: Kv, depth: number): void {
  const include = options.include.map((key) => key.render(event))
  const exclude = options.exclude.map((key) => key.render(event))
  const prefix = options.prefix.render(event)
  options.scanner(text, (rawKey, rawValue) => {
    if (rawValue === '' && !options.keepsEmpty) return
    const name = options.key(rawKey)
    if ((include.length > 0 && !include.includes(name)) || exclude.includes(name)) return
    const key = prefix + name
    const changed = options.value(rawValue)
    const inner: ValueMap = {}
    if (options.isRecursive && depth < maxRecursion) readPairs(changed, event, inner, options, depth + 1)
    const value: Value = Object.keys(inner).length > 0 ? inner : changed
    addValue(found, key, value, options.keepsDuplicates)
  })
}

function addValue(found: ValueMap, key: string, value: Value, keepsDuplicates: boolean): void {
  const former = getKey(found, key)
  if (former === undefined) setKey(found, key, value)
  else {
    const list = Array.isArray(former) ? former : [former]
    if (keepsDuplicates || !list.some((item) => isEqual(item, value))) list.push(value)
    if (list.length > 1) setKey(found, key, list)
  }
}
