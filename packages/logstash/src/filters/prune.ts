// prune: fields of the event that are wanted, or not.

import type { LogEvent } from '../event.ts'
import { fieldPath } from '../field-path.ts'
import type { Filter, FilterDefinition } from '../filter.ts'
import { compilePattern, type Pattern } from '../pattern.ts'
import type { Settings } from '../settings.ts'
import { isMap, textOf, type Value } from '../values.ts'

type Test = (event: LogEvent) => Pattern

export const prune: FilterDefinition = {
  name: 'prune',
  compile(settings): Filter {
    const isDynamic = settings.flag('interpolate', false)
    const tests = (name: string, initial: readonly string[] = []): Test[] =>
      settings.texts(name, initial).map((source) => testOf(settings, source, name, isDynamic))
    const valueTests = (name: string): [string, Test][] =>
      settings.textPairs(name).map(([field, source]) => [field, testOf(settings, source, name, isDynamic)])
    const keptNames = tests('whitelist_names')
    const removedNames = tests('blacklist_names', ['%{[^}]+}'])
    const keptValues = valueTests('whitelist_values')
    const removedValues = valueTests('blacklist_values')
    return {
      failureTags: ['_prune_failure'],
      run(event) {
        removeNames(event, (name) => keptNames.length > 0 && !keptNames.some((test) => test(event).test(name)))
        removeNames(event, (name) => removedNames.some((test) => test(event).test(name)))
        for (const [field, test] of keptValues) keepValues(event, field, (text) => test(event).test(text))
        for (const [field, test] of removedValues) keepValues(event, field, (text) => !test(event).test(text))
        return true
      },
    }
  },
}

function testOf(settings: Settings, source: string, name: string, isDynamic: boolean): Test {
  if (isDynamic && source.includes('%{')) {
    const template = settings.template(source, name)
    return (event) => compilePattern(template.render(event))
  }
  // the default's braces are plain signs
  const pattern = settings.pattern(source.replace(/^%\{/, '%\\{').replace(/(?<!\\|\d)\}$/, '\\}'), name)
  return () => pattern
}

/** Time and version always stay. */
function removeNames(event: LogEvent, isRemoved: (name: string) => boolean): void {
  for (const name of Object.keys(event.data))
    if (name !== '@timestamp' && name !== '@version' && isRemoved(name)) event.remove(fieldPath(`[${name}]`))
}

function keepValues(event: LogEvent, field: string, isKept: (text: string) => boolean): void {
  const path = fieldPath(field)
  const value = event.get(path)
  const keeps = (item: Value): boolean => isMap(item) || isKept(textOf(item))
  if (value === undefined) return
  if (Array.isArray(value)) {
    const kept = value.filter(keeps)
    if (kept.length > 0) event.set(path, kept)
    else event.remove(path)
  } else if (!keeps(value)) event.remove(path)
}
