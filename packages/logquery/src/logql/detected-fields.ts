// Which fields lines have, though no query parsed them: JSON, else logfmt, is tried on each (Loki's `detected_fields`), and how bad a line is
// (`detected_level`).
import { severityOfWord, severityWord } from '@tidewatch/core/log-severity.ts'
import { visitJson } from './json-scan.ts'
import { labelName } from './line-labels.ts'
import { scanLogfmt } from './logfmt-scan.ts'
import type { SourceLine } from './pipeline.ts'
import { parseDurationNs, parseFloatText, parseSize } from './units.ts'

export type FieldType = 'string' | 'int' | 'float' | 'boolean' | 'duration' | 'bytes'

export interface DetectedField {
  /** As a label. */
  readonly name: string
  readonly type: FieldType
  /** Different values, of the first thousand. */
  readonly cardinality: number
  /** What finds it; none for what was sent beside the line. */
  readonly parsers: readonly ('json' | 'logfmt')[]
  /** The names in the JSON, outermost first; undefined where it is none. */
  readonly jsonPath: readonly string[] | undefined
}

const maxFields = 1000
const maxValues = 1000
/** Between names of a path; no JSON of loggers has it in a name. */
const separator = '\u0001'

interface OpenField {
  readonly values: Set<string>
  readonly parsers: Set<'json' | 'logfmt'>
  jsonPath: readonly string[] | undefined
}

/** Collects the fields of the lines that it is shown. */
export class FieldDetector {
  readonly #fields = new Map<string, OpenField>()

  add({ line, metadata }: Pick<SourceLine, 'line' | 'metadata'>): void {
    for (const [name, value] of metadata.entries()) this.#note(name, value)
    if (line.trimStart().startsWith('{')) {
      visitJson(line, {
        leaf: (prefix, name, value) => {
          const path = prefix === '' ? [name] : [...prefix.split(separator), name]
          this.#note(path.map(labelName).join('_'), value, 'json', path)
        },
        nest: (prefix, name) => (prefix === '' ? name : prefix + separator + name),
      })
      return
    }
    scanLogfmt(line, false, (key, value) => {
      if (value !== '') this.#note(labelName(key), value, 'logfmt')
    })
  }

  /** By name. */
  fields(): DetectedField[] {
    return [...this.#fields]
      .map(([name, { values, parsers, jsonPath }]) => ({
        name,
        type: typeOf(values),
        cardinality: values.size,
        parsers: [...parsers],
        jsonPath,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The values of a field, in the order in which they came. */
  values(name: string): readonly string[] {
    return [...(this.#fields.get(name)?.values ?? [])]
  }

  #note(name: string, value: string, parser?: 'json' | 'logfmt', jsonPath?: readonly string[]): void {
    let field = this.#fields.get(name)
    if (field === undefined) {
      if (name === '' || this.#fields.size >= maxFields) return
      field = { values: new Set(), parsers: new Set(), jsonPath: undefined }
      this.#fields.set(name, field)
    }
    if (field.values.size < maxValues) field.values.add(value)
    if (parser !== undefined) field.parsers.add(parser)
    field.jsonPath ??= jsonPath
  }
}

const types: readonly (readonly [FieldType, (value: string) => boolean])[] = [
  ['boolean', (value) => value === 'true' || value === 'false'],
  ['int', (value) => /^[+-]?\d+$/.test(value)],
  ['float', (value) => parseFloatText(value) !== undefined],
  ['duration', (value) => parseDurationNs(value) !== undefined],
  ['bytes', (value) => parseSize(value) !== undefined],
]

/** The narrowest type that all values have. */
function typeOf(values: ReadonlySet<string>): FieldType {
  const fitting = types.find(([, fits]) => [...values].every(fits))
  return fitting?.[0] ?? 'string'
}

const levelNames = new Set(['level', 'lvl', 'severity', 'loglevel', 'log_level', 'severity_text', 'detected_level'])

/** How bad a line is, as it says itself: beside the line, in its fields, else by a word in it. `unknown` where nothing tells. */
export function detectLevel({ line, stream, metadata }: Pick<SourceLine, 'line' | 'stream' | 'metadata'>): string {
  for (const labels of [metadata, stream]) {
    for (const [name, value] of labels.entries()) {
      const level = levelNames.has(name.toLowerCase()) ? levelOfWord(value) : undefined
      if (level !== undefined) return level
    }
  }
  return levelInFields(line) ?? levelInText(line) ?? 'unknown'
}

const levelOfWord = (word: string): string | undefined => severityWord(severityOfWord(word))

function levelInFields(line: string): string | undefined {
  let found: string | undefined
  const note = (name: string, value: string): void => {
    if (found === undefined && levelNames.has(name.toLowerCase())) found = levelOfWord(value)
  }
  if (line.trimStart().startsWith('{')) {
    visitJson(line, { leaf: (_prefix, name, value) => note(name, value), nest: (prefix) => prefix })
  } else if (line.includes('=')) scanLogfmt(line, false, note)
  return found
}

/** Characters of a line in which a word is looked for. */
const maxSought = 500
const levelWord = /\b(trace|debug|info|warn|warning|error|err|critical|fatal|panic)\b/i

function levelInText(line: string): string | undefined {
  const word = levelWord.exec(line.slice(0, maxSought))?.[1]
  return word === undefined ? undefined : levelOfWord(word)
}
