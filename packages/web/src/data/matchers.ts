// Conditions on labels as silences and filters have them. No React here.
import type { SilenceMatcher } from '@tidewatch/api/alertmanager.ts'

export const matchOps = ['=', '!=', '=~', '!~'] as const
type MatchOp = (typeof matchOps)[number]

export interface Matcher {
  readonly name: string
  readonly op: MatchOp
  readonly value: string
}

export function fromApi({ name, value, isRegex, isEqual }: SilenceMatcher): Matcher {
  return { name, value, op: isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=' }
}

export function toApi({ name, op, value }: Matcher): SilenceMatcher {
  return { name, value, isRegex: op.endsWith('~'), isEqual: op.startsWith('=') }
}

/** `team="db"`; a name that is no plain word stands in quotes. */
export function formatMatcher({ name, op, value }: Matcher): string {
  return `${/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : quoted(name)}${op}${quoted(value)}`
}

export const formatMatchers = (matchers: readonly Matcher[]): string => `{${matchers.map(formatMatcher).join(', ')}}`

const quoted = (text: string): string =>
  `"${text.replace(/[\\"\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`))}"`

type LabelSet = Readonly<Record<string, string>>

/** A text as the part of an RE2 expression that matches it and nothing else. */
const literally = (text: string): string => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')

/** More alternatives than these make a matcher that nobody can read. */
const maxAlternatives = 20

const oneOf = (name: string, values: ReadonlySet<string>): Matcher => ({
  name,
  op: '=~',
  value: [...values].sort().map(literally).join('|'),
})

/** What all of them have in common: labels with one value. Without such a name the names one by one. */
export function commonMatchers(sets: readonly LabelSet[]): Matcher[] {
  const common = [...valuesByName(sets)].flatMap(([name, values]): Matcher[] => {
    const [value = ''] = values
    return values.size === 1 ? [{ name, op: '=', value }] : []
  })
  if (common.some(({ name }) => name === 'alertname')) return common.sort(byName)
  const names = new Set(sets.flatMap(({ alertname }) => (alertname === undefined ? [] : [alertname])))
  if (names.size === 0 || names.size > maxAlternatives) return common.sort(byName)
  return [...common, oneOf('alertname', names)].sort(byName)
}

/** The common ones, and every label by which they differ narrowed to their values. */
export function narrowMatchers(sets: readonly LabelSet[]): Matcher[] {
  const common = commonMatchers(sets)
  const known = new Set(common.map(({ name }) => name))
  const narrower = [...valuesByName(sets)].flatMap(([name, values]) =>
    known.has(name) || values.size > maxAlternatives ? [] : [oneOf(name, values)],
  )
  return [...common, ...narrower].sort(byName)
}

/** Of the labels that all have, their different values. */
function valuesByName(sets: readonly LabelSet[]): Map<string, Set<string>> {
  const [first = {}] = sets
  const found = new Map<string, Set<string>>()
  for (const name of Object.keys(first)) {
    const values = new Set<string>()
    for (const labels of sets) values.add(labels[name] ?? '')
    if (!values.has('')) found.set(name, values)
  }
  return found
}

/** The alert's name first, then as a dictionary has them. */
function byName(a: Matcher, b: Matcher): number {
  return Number(b.name === 'alertname') - Number(a.name === 'alertname') || (a.name < b.name ? -1 : 1)
}
