// Settings of a plugin with their texts as they are meant: escapes read where that is asked for, `${VAR:default}` filled in.
import type { Problem } from '@tidewatch/core/error.ts'
import type { Place, PluginNode, ValueNode } from './ast.ts'

export type ConfigValue =
  | { readonly kind: 'text'; readonly value: string; readonly place: Place }
  | { readonly kind: 'number'; readonly value: number; readonly text: string; readonly place: Place }
  | { readonly kind: 'list'; readonly items: readonly ConfigValue[]; readonly place: Place }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, ConfigValue])[]; readonly place: Place }
  | { readonly kind: 'plugin'; readonly plugin: PluginConfig; readonly place: Place }

export interface PluginConfig {
  readonly name: string
  readonly place: Place
  readonly settings: ReadonlyMap<string, ConfigSetting>
}

export interface ConfigSetting {
  readonly place: Place
  readonly value: ConfigValue
}

export interface ResolveOptions {
  readonly file: string
  /** Logstash's `config.support_escapes`: whether `\n`, `\t`, `\"` … are read in texts. */
  readonly supportEscapes: boolean
  /** What `${VAR}` stands for. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly problems: Problem[]
}

export function resolvePlugin(node: PluginNode, options: ResolveOptions): PluginConfig {
  const settings = new Map<string, ConfigSetting>()
  for (const { name, place, value } of node.settings) {
    const former = settings.get(name)
    const resolved = resolveValue(value, options)
    settings.set(
      name,
      former === undefined ? { place, value: resolved } : { ...former, value: merge(former.value, resolved) },
    )
  }
  return { name: node.name, place: node.place, settings }
}

/** A setting that stands twice: maps and lists grow, of others the last counts. */
function merge(former: ConfigValue, next: ConfigValue): ConfigValue {
  if (former.kind === 'map' && next.kind === 'map') return { ...former, entries: [...former.entries, ...next.entries] }
  if (former.kind === 'list' && next.kind === 'list') return { ...former, items: [...former.items, ...next.items] }
  return next
}

function resolveValue(node: ValueNode, options: ResolveOptions): ConfigValue {
  const { place } = node
  switch (node.type) {
    case 'string':
    case 'bareword':
    case 'regexp':
      return { kind: 'text', value: resolveText(node.value, place, options), place }
    case 'number':
      return { kind: 'number', value: node.value, text: node.text, place }
    case 'array':
      return { kind: 'list', items: node.value.map((item) => resolveValue(item, options)), place }
    case 'hash': {
      const entries = node.value.map(
        ({ key, value }) => [resolveText(key, place, options), resolveValue(value, options)] as const,
      )
      return { kind: 'map', entries, place }
    }
    case 'plugin':
      return { kind: 'plugin', plugin: resolvePlugin(node, options), place }
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  '"': '"',
  "'": "'",
  '/': '/',
}

/** One text of a file, as it is meant. */
export function resolveText(written: string, place: Place, options: ResolveOptions): string {
  const text = options.supportEscapes
    ? written.replace(/\\(.)/gs, (whole, sign: string) => escapes[sign] ?? whole)
    : written
  if (!text.includes('${')) return text
  return text.replace(/\$\{([a-zA-Z_.][a-zA-Z0-9_.]*)(:[^}]*)?\}/g, (_, name: string, initial?: string) => {
    const value = options.environment[name] ?? initial?.slice(1)
    if (value === undefined)
      options.problems.push({
        message: `\${${name}} stands for nothing: the variable is not set and there is no default`,
        where: { file: options.file, ...place },
        fix: `Set ${name} in the environment, or write \${${name}:default}.`,
      })
    return value ?? ''
  })
}
