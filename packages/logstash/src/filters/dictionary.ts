// Dictionaries in files: YAML, JSON or CSV of two columns, told by the ending.
import { parse } from 'yaml'
import type { PipelineFiles } from '../filter.ts'
import { parseJson } from '../json.ts'
import type { Settings } from '../settings.ts'
import { isMap, type Value } from '../values.ts'

export function readDictionary(path: string, files: PipelineFiles, settings: Settings): [string, Value][] {
  const text = files.text(path)
  if (text === undefined) {
    settings.complain(`${path} is not there`, 'Name a file that can be read.', 'dictionary_path')
    return []
  }
  if (path.endsWith('.csv')) return text.split(/\r?\n/).flatMap((line) => csvEntry(line))
  const value = path.endsWith('.json') ? parseJson(text)?.value : yamlValue(text)
  if (value !== undefined && isMap(value)) return Object.entries(value)
  settings.complain(`${path} holds no map of texts`, 'Write one "key": "value" a line.', 'dictionary_path')
  return []
}

function yamlValue(text: string): Value | undefined {
  try {
    return parse(text, { maxAliasCount: 0 })
  } catch {
    // told by the caller, with what the file should be
    return undefined
  }
}

/** `a,b` or `"a","b ""quoted"""`. */
function csvEntry(line: string): [string, Value][] {
  const match = /^(?:"((?:[^"]|"")*)"|([^,]*)),(?:"((?:[^"]|"")*)"|(.*))$/.exec(line)
  if (match === null) return []
  const [, quotedKey, key, quotedValue, value] = match
  return [[(quotedKey ?? key ?? '').replaceAll('""', '"'), (quotedValue ?? value ?? '').replaceAll('""', '"')]]
}
