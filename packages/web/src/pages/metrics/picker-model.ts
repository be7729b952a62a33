// Finding a metric and writing a selector for it. No React here.
import type { MetricMetadata } from '@tidewatch/api/prometheus.ts'

type Entry = MetricMetadata[string][number]
const unknown: Entry = { type: '', help: '', unit: '' }

/** A histogram's own series have its metadata. */
export function metadataOf(name: string, metadata: MetricMetadata): Entry {
  const base = name.replace(/_(?:bucket|sum|count|total)$/, '')
  return metadata[name]?.[0] ?? metadata[base]?.[0] ?? unknown
}

/** Names that hold all words, in themselves or in their description; those that begin with the first word come first. */
export function foundMetrics(names: readonly string[], metadata: MetricMetadata, find: string): string[] {
  const words = find
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const [first = ''] = words
  const found = names.filter((name) => {
    const text = `${name} ${metadataOf(name, metadata).help}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const rank = (name: string): number => (name.startsWith(first) ? 0 : name.includes(first) ? 1 : 2)
  return found.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

/** By label, the values that may be. */
export type Picked = Readonly<Record<string, readonly string[] | undefined>>

export function togglePicked(picked: Picked, label: string, value: string): Picked {
  const known = picked[label] ?? []
  const next = known.includes(value) ? known.filter((one) => one !== value) : [...known, value]
  const { [label]: _, ...rest } = picked
  return next.length === 0 ? rest : { ...rest, [label]: next }
}

const plainName = /^[a-zA-Z_:][\w:]*$/
const plainLabel = /^[a-zA-Z_]\w*$/

/** One value by `=`, several by a regular expression; names that need quotes stand in the braces. */
export function selectorOf(metric: string, picked: Picked): string {
  const matchers = Object.entries(picked).map(([label, values = []]) => {
    const name = plainLabel.test(label) ? label : JSON.stringify(label)
    const [only = ''] = values
    return values.length === 1
      ? `${name}=${JSON.stringify(only)}`
      : `${name}=~${JSON.stringify(values.map(escaped).join('|'))}`
  })
  if (!plainName.test(metric)) return `{${[JSON.stringify(metric), ...matchers].join(', ')}}`
  return matchers.length === 0 ? metric : `${metric}{${matchers.join(', ')}}`
}

const escaped = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
