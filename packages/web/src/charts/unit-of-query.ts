// Guesses a query's unit from the names that Prometheus's conventions give metrics: `_seconds`, `_bytes`, `_ratio`, `_total`.
import type { Unit } from '../ui/units.ts'

const perSecond = /\b(?:i?rate|deriv)\s*\(/
const counting =
  /^\s*(?:count|count_values|group)\b|\b(?:changes|resets|count_over_time|absent|absent_over_time|timestamp)\s*\(/
const comparison = /(?<!=|!|<|>)(?:==|!=|<=|>=|<|>)(?!=|~)\s*bool\b/

/** The unit that a query's values most probably have; `number` where nothing tells. */
export function unitOfQuery(query: string): Unit {
  const code = withoutTexts(query)
  if (counting.test(code) || comparison.test(code)) return 'number'
  // a quotient of two metrics has lost its unit; most are shares
  const metrics = metricNames(code)
  if (divides(code, metrics)) return 'number'
  const [name] = metrics
  if (name === undefined) return /\btime\s*\(\s*\)/.test(code) ? 'seconds' : 'number'
  const base = unitOfMetric(name)
  if (/\btime\s*\(\s*\)\s*-/.test(code)) return 'seconds'
  if (!perSecond.test(code) || /\bhistogram_quantile\s*\(/.test(code)) return base
  return base === 'bytes' ? 'bytes/s' : base === 'seconds' ? (name.includes('cpu') ? 'ratio' : 'number') : '/s'
}

/** The unit of the buckets' bounds: what was measured, however often it was. */
export function unitOfBuckets(query: string): Unit {
  const [name] = metricNames(withoutTexts(query))
  return name === undefined ? 'number' : unitOfMetric(name)
}

/** The unit that a metric's name says. */
function unitOfMetric(name: string): Unit {
  const base = name.replace(/_(?:bucket|sum|total|max|min|created)$/, '')
  if (/_count$/.test(name)) return 'number'
  if (/_(?:bytes|bytes_total)$|_bytes_/.test(base) || base.endsWith('_bytes')) return 'bytes'
  if (/_seconds$/.test(base) || /_duration_seconds_/.test(base)) return 'seconds'
  if (/_ratio$/.test(base)) return 'ratio'
  return 'number'
}

const withoutTexts = (query: string): string =>
  query.replace(/#.*$/gm, '').replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g, '""')

/** Names before a brace, a bracket or the end that are neither functions, keywords nor labels. */
function metricNames(code: string): string[] {
  const withoutLabels = code
    .replace(/\{[^}]*\}/g, '{}')
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '')
    .replace(/\[[^\]]*\]/g, '')
  const names = withoutLabels.matchAll(/(?<![\w.:])([a-zA-Z_:][\w:]*)(?!\s*\(|\w)/g)
  return [...names]
    .map((match) => match[1] ?? '')
    .filter((name) => !keywords.has(name.toLowerCase()) && !/^\d/.test(name))
}

const keywords = new Set([
  'and',
  'or',
  'unless',
  'bool',
  'offset',
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'inf',
  'nan',
  'atan2',
  'sum',
  'avg',
  'min',
  'max',
  'count',
  'topk',
  'bottomk',
  'quantile',
  'stddev',
  'stdvar',
  'group',
  'start',
  'end',
])

function divides(code: string, metrics: readonly string[]): boolean {
  return code.includes('/') && metrics.length > 1
}
