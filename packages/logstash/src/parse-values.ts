// Plugins, settings and values of a pipeline file.
import type { ArrayNode, HashNode, NumberNode, PluginNode, SettingNode, ValueNode } from './ast.ts'
import type { Scanner } from './scanner.ts'

export function parsePlugin(scanner: Scanner): PluginNode | undefined {
  return scanner.rule(() => {
    const start = scanner.at
    const name = scanner.word() ?? scanner.string()
    if (name === undefined) return undefined
    scanner.skip()
    if (!scanner.take('{')) return undefined
    const settings = parseSettings(scanner)
    if (!scanner.take('}')) return undefined
    return { type: 'plugin', name, place: scanner.place(start), settings }
  })
}

/** Settings with white space between them; a comment alone does not part two. */
function parseSettings(scanner: Scanner): SettingNode[] {
  const settings: SettingNode[] = []
  scanner.skip()
  for (;;) {
    const setting = parseSetting(scanner)
    if (setting === undefined) break
    settings.push(setting)
    if (!scanner.blank()) break
    scanner.skip()
  }
  scanner.skip()
  return settings
}

function parseSetting(scanner: Scanner): SettingNode | undefined {
  return scanner.rule(() => {
    const start = scanner.at
    const name = scanner.word() ?? scanner.string()
    if (name === undefined) return undefined
    scanner.skip()
    if (!scanner.take('=>')) return undefined
    scanner.skip()
    const value = parseValue(scanner)
    return value === undefined ? undefined : { name, place: scanner.place(start), value }
  })
}

function parseValue(scanner: Scanner): ValueNode | undefined {
  const plugin = parsePlugin(scanner)
  if (plugin !== undefined) return plugin
  const start = scanner.at
  const word = scanner.bareword()
  if (word !== undefined) return { type: 'bareword', value: word, place: scanner.place(start) }
  const text = scanner.string()
  if (text !== undefined) return { type: 'string', value: text, place: scanner.place(start) }
  return parseNumber(scanner) ?? parseArray(scanner, parseValue) ?? parseHash(scanner)
}

export function parseNumber(scanner: Scanner): NumberNode | undefined {
  const start = scanner.at
  const text = scanner.number()
  return text === undefined ? undefined : { type: 'number', value: Number(text), text, place: scanner.place(start) }
}

/** An array of what `parseItem` reads. */
export function parseArray<T>(
  scanner: Scanner,
  parseItem: (scanner: Scanner) => T | undefined,
): (Omit<ArrayNode, 'value'> & { readonly value: readonly T[] }) | undefined {
  return scanner.rule(() => {
    const start = scanner.at
    if (!scanner.take('[')) return undefined
    const value: T[] = []
    scanner.skip()
    for (;;) {
      const item = parseItem(scanner)
      if (item === undefined) break
      value.push(item)
      scanner.skip()
      if (!scanner.take(',')) break
      scanner.skip()
      if (scanner.text[scanner.at] === ']') return scanner.miss('a value')
    }
    return scanner.take(']') ? { type: 'array', value, place: scanner.place(start) } : undefined
  })
}

function parseHash(scanner: Scanner): HashNode | undefined {
  return scanner.rule(() => {
    const start = scanner.at
    if (!scanner.take('{')) return undefined
    const value: { key: string; value: ValueNode }[] = []
    for (;;) {
      scanner.skip()
      const entry = parseEntry(scanner)
      if (entry === undefined) break
      value.push(entry)
    }
    return scanner.take('}') ? { type: 'hash', value, place: scanner.place(start) } : undefined
  })
}

function parseEntry(scanner: Scanner): { key: string; value: ValueNode } | undefined {
  return scanner.rule(() => {
    const key = scanner.number() ?? scanner.bareword() ?? scanner.string()
    if (key === undefined) return undefined
    scanner.skip()
    if (!scanner.take('=>')) return undefined
    scanner.skip()
    const value = parseValue(scanner)
    return value === undefined ? undefined : { key, value }
  })
}
