// The rules of naming that `promtool check metrics` holds a page against. https://prometheus.io/docs/practices/naming/
import { compareUtf8 } from '@tidewatch/core/labels.ts'
import { familyTypes, type MetricFamily } from './page-reader.ts'

export interface LintProblem {
  readonly metric: string
  readonly text: string
}

type LintRule = (family: MetricFamily) => readonly string[]

const rules: readonly LintRule[] = [
  help,
  baseUnits,
  totalSuffix,
  reservedNames,
  typeInName,
  colons,
  camelCase,
  abbreviatedUnits,
  repeatedSeries,
]

/** Everything that the rules find, by metric and text. */
export function lintFamilies(families: readonly MetricFamily[]): LintProblem[] {
  const problems = families.flatMap((family) =>
    rules.flatMap((rule) => rule(family).map((text) => ({ metric: family.name, text }))),
  )
  return problems.sort((a, b) => compareUtf8(a.metric, b.metric) || compareUtf8(a.text, b.text))
}

function help({ help: text }: MetricFamily): string[] {
  return text === undefined ? ['no help text'] : []
}

const bases = ['amperes', 'bytes', 'celsius', 'grams', 'joules', 'kelvin', 'meters', 'metres', 'seconds', 'volts']
const baseOf: ReadonlyMap<string, string> = new Map([
  ...bases.map((unit) => [unit, unit] as const),
  ...['minutes', 'hours', 'days', 'weeks'].map((unit) => [unit, 'seconds'] as const),
  ['kelvins', 'kelvin'],
  ...['fahrenheit', 'rankine'].map((unit) => [unit, 'celsius'] as const),
  ...['inches', 'yards', 'miles'].map((unit) => [unit, 'meters'] as const),
  ['bits', 'bytes'],
  ['calories', 'joules'],
  ...['pounds', 'ounces'].map((unit) => [unit, 'grams'] as const),
])
// `mibi` is what Prometheus has
const prefixes = /^(?:pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mibi|giga|gibi|tera|tebi|peta|pebi)/

function baseUnits({ name }: MetricFamily): string[] {
  for (const word of name.split('_')) {
    const base = baseOf.get(word) ?? baseOf.get(word.replace(prefixes, ''))
    if (base !== undefined) return base === word ? [] : [`use base unit "${base}" instead of "${word}"`]
  }
  return []
}

function totalSuffix({ name, type }: MetricFamily): string[] {
  const hasSuffix = name.endsWith('_total')
  if (type === 'counter') return hasSuffix ? [] : ['counter metrics should have "_total" suffix']
  return hasSuffix && type !== 'untyped' ? ['non-counter metrics should not have "_total" suffix'] : []
}

function reservedNames({ name, type, series }: MetricFamily): string[] {
  if (type === 'untyped') return []
  const isHistogram = type === 'histogram'
  const isSummary = type === 'summary'
  const problems: string[] = []
  if (!isHistogram && name.endsWith('_bucket')) problems.push('non-histogram metrics should not have "_bucket" suffix')
  for (const suffix of ['_count', '_sum'])
    if (!isHistogram && !isSummary && name.endsWith(suffix))
      problems.push(`non-histogram and non-summary metrics should not have "${suffix}" suffix`)
  for (const [label] of series.flat()) {
    if (!isHistogram && label === 'le') problems.push('non-histogram metrics should not have "le" label')
    if (!isSummary && label === 'quantile') problems.push('non-summary metrics should not have "quantile" label')
  }
  return problems
}

const hasWord = (name: string, word: string): boolean => name.includes(`_${word}_`) || name.endsWith(`_${word}`)

function typeInName({ name }: MetricFamily): string[] {
  const lower = name.toLowerCase()
  return familyTypes
    .filter((type) => type !== 'untyped' && hasWord(lower, type))
    .map((type) => `metric name should not include type '${type}'`)
}

function colons({ name }: MetricFamily): string[] {
  return name.includes(':') ? ["metric names should not contain ':'"] : []
}

function camelCase({ name }: MetricFamily): string[] {
  return /[a-z][A-Z]/.test(name) ? ["metric names should be written in 'snake_case' not 'camelCase'"] : []
}

const abbreviations = ['s', 'ms', 'us', 'ns', 'sec', 'b', 'kb', 'mb', 'gb', 'tb', 'pb', 'm', 'h', 'd']

function abbreviatedUnits({ name }: MetricFamily): string[] {
  const lower = name.toLowerCase()
  return abbreviations
    .filter((unit) => hasWord(lower, unit))
    .map(() => 'metric names should not contain abbreviated units')
}

function repeatedSeries({ series }: MetricFamily): string[] {
  const distinct = new Set(series.map((labels) => JSON.stringify(labels)))
  return new Array<string>(series.length - distinct.size).fill('metric not unique')
}
