// translate: a value looked up in a dictionary.

import { type FieldPath, fieldPath } from '../field-path.ts'
import { ecsOf, type Filter, type FilterContext, type FilterDefinition } from '../filter.ts'
import { type Pattern, replaceAll } from '../pattern.ts'
import { type Settings, scalarText } from '../settings.ts'
import { isMap, textOf, type Value } from '../values.ts'
import { readDictionary } from './dictionary.ts'

/** Undefined where the text is not in it. */
type Lookup = (text: string) => Value | undefined

export const translate: FilterDefinition = {
  name: 'translate',
  compile(settings, context): Filter {
    const ecs = ecsOf(settings, context)
    const source = settings.field(settings.has('field') ? 'field' : 'source', 'message')
    if (!settings.has('source') && !settings.has('field')) settings.requiredText('source')
    const target = targetOf(settings, source, ecs !== 'disabled')
    const lookup = lookupOf(settings, context)
    const fallbackText = settings.optionalText('fallback')
    const fallback = fallbackText === undefined ? undefined : settings.template(fallbackText, 'fallback')
    // what stands there already stays, unless it is what was looked up
    const overrides = settings.flag('override', target.text === source.text)
    if (settings.has('iterate_on'))
      settings.complain('iterate_on is not followed', 'Split the list first.', 'iterate_on')
    settings.allow('refresh_interval', 'refresh_behaviour', 'yaml_load_strategy', 'yaml_code_point_limit')
    return {
      failureTags: [],
      run(event) {
        const value = event.get(source)
        if (value === undefined || (!overrides && event.has(target))) return false
        const item = Array.isArray(value) ? value[0] : value
        const text = item === undefined || item === null || isMap(item) ? '' : textOf(item)
        const found = lookup(text) ?? fallback?.render(event)
        if (found === undefined) return false
        event.set(target, found)
        return true
      },
    }
  },
}

function targetOf(settings: Settings, source: FieldPath, isEcs: boolean): FieldPath {
  return (
    settings.optionalField(settings.has('destination') ? 'destination' : 'target') ??
    (isEcs ? source : fieldPath('translation'))
  )
}

function lookupOf(settings: Settings, context: FilterContext): Lookup {
  const path = settings.optionalText('dictionary_path')
  const inline = settings.pairs('dictionary').map(([key, value]) => [key, scalarText(value) ?? ''] as const)
  const read = path === undefined ? [] : readDictionary(path, context.files, settings)
  const dictionary = new Map<string, Value>([...inline, ...read])
  const isExact = settings.flag('exact', true)
  if (!settings.flag('regex', false)) return isExact ? (text) => dictionary.get(text) : replaceKeys(dictionary)
  const patterns = [...dictionary].map(([source, value]) => ({
    pattern: settings.pattern(source, 'dictionary'),
    value,
  }))
  return isExact ? (text) => patterns.find(({ pattern }) => pattern.test(text))?.value : replacePatterns(patterns)
}

/** Every key in the text is replaced: longest first, so that no key hides a longer one. */
function replaceKeys(dictionary: ReadonlyMap<string, Value>): Lookup {
  const keys = [...dictionary.keys()].filter((key) => key !== '').sort((a, b) => b.length - a.length)
  return (text) => {
    let result = ''
    let isChanged = false
    for (let at = 0; at < text.length; ) {
      const key = keys.find((candidate) => text.startsWith(candidate, at))
      result += key === undefined ? text[at] : textOf(dictionary.get(key) ?? '')
      at += key?.length ?? 1
      isChanged ||= key !== undefined
    }
    return isChanged ? result : undefined
  }
}

function replacePatterns(patterns: readonly { readonly pattern: Pattern; readonly value: Value }[]): Lookup {
  return (text) => {
    let result = text
    for (const { pattern, value } of patterns) result = replaceAll(pattern, result, textOf(value))
    return result === text ? undefined : result
  }
}
