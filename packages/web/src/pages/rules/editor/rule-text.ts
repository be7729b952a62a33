// A rule as the text of a file: what the editor begins with. No React here.
import type { CheckedRule, RuleKindInfo } from '@tidewatch/api/rules.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { exampleRules } from '../../../data/snippets.ts'

export const starterText = exampleRules('new')

/** A whole file with one rule of a kind. */
export const textOfKind = ({ example }: Pick<RuleKindInfo, 'example'>): string =>
  `rules:\n${example.replace(/^/gm, '  ')}\n`

/** A whole file with one rule that is in force. */
export function textOfRule(rule: CheckedRule): string {
  if (rule.written !== undefined) return `rules:\n${yamlList([rule.written], 1)}`
  const { name, group, kind, query, forMs = 0, keepFiringForMs = 0, labels, annotations = {} } = rule
  const written = {
    [kind === 'record' ? 'record' : 'alert']: name,
    expr: query,
    ...(forMs > 0 ? { for: formatDurationMs(forMs) } : {}),
    ...(keepFiringForMs > 0 ? { keep_firing_for: formatDurationMs(keepFiringForMs) } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  }
  return `groups:\n  - name: ${scalar(group)}\n    rules:\n${yamlList([written], 3)}`
}

function yamlList(items: readonly unknown[], depth: number): string {
  const indent = '  '.repeat(depth)
  return items
    .map((item) => {
      if (!isMapping(item)) return `${indent}- ${scalar(item)}\n`
      // the first key stands behind the dash
      return yamlMapping(item, depth + 1).replace(/^ +/, `${indent}- `)
    })
    .join('')
}

function yamlMapping(mapping: Readonly<Record<string, unknown>>, depth: number): string {
  const indent = '  '.repeat(depth)
  return Object.entries(mapping)
    .map(([key, value]) => {
      const head = `${indent}${scalar(key)}:`
      if (Array.isArray(value) && value.some(isMapping)) return `${head}\n${yamlList(value, depth + 1)}`
      if (Array.isArray(value)) return `${head} [${value.map(scalar).join(', ')}]\n`
      if (isMapping(value))
        return Object.keys(value).length === 0 ? `${head} {}\n` : `${head}\n${yamlMapping(value, depth + 1)}`
      if (typeof value === 'string' && value.includes('\n')) return `${head} ${block(value, depth + 1)}`
      return `${head} ${scalar(value)}\n`
    })
    .join('')
}

/** A text of several lines as it is; one whose lines begin with spaces would be read otherwise and is quoted. */
function block(text: string, depth: number): string {
  if (!/^\S/.test(text) || /[\t\r]| $/m.test(text) || text.endsWith('\n\n')) return `${JSON.stringify(text)}\n`
  const indent = '  '.repeat(depth)
  const lines = text.replace(/\n$/, '').split('\n')
  return `|${text.endsWith('\n') ? '' : '-'}\n${lines.map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n')}\n`
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What every reader of YAML takes for this very text. JSON's texts are texts of YAML too. */
function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'null'
  const isPlain =
    /^[A-Za-z_][\w ./()<>=+*-]*$/.test(value) &&
    !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value) &&
    !/\s$/.test(value)
  if (isPlain || /^\d+(?:ms|[smhdwy])$/.test(value)) return value
  return value.includes("'") || /[\n\r\t\\]/.test(value) ? JSON.stringify(value) : `'${value}'`
}
