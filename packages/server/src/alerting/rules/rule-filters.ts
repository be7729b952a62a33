// Which rules a request for them means, and which page of them. https://prometheus.io/docs/prometheus/latest/querying/api/#rules
import { createHash } from 'node:crypto'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { compareUtf8 } from '@tidewatch/core/labels.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import { matchersOf } from '@tidewatch/promql/evaluate/plan-selects.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import type { GroupRunner, RuleStatus } from './group-runner.ts'
import { accepts } from './rule-order.ts'

export interface RuleFilters {
  readonly names: readonly string[]
  readonly groups: readonly string[]
  readonly files: readonly string[]
  readonly kind: 'alerting' | 'recording' | undefined
  /** A rule passes when its labels, as they stand in the file, match any of the sets. Empty: every rule does. */
  readonly matcherSets: readonly (readonly Matcher[])[]
  readonly withAlerts: boolean
  /** Most groups in one answer; 0: all. */
  readonly maxGroups: number
  readonly nextToken: string | undefined
}

export interface FoundRules {
  readonly groups: readonly { readonly runner: GroupRunner; readonly rules: readonly RuleStatus[] }[]
  /** Where the next page begins. */
  readonly nextToken: string | undefined
}

const kinds = { alert: 'alerting', record: 'recording' } as const

/** Throws `http.invalid` for values that mean nothing. */
export function readRuleFilters(query: unknown): RuleFilters {
  const source = (query ?? {}) as Readonly<Record<string, string | readonly string[] | undefined>>
  const all = (name: string): readonly string[] => [source[name] ?? []].flat()
  const first = (name: string): string => all(name)[0] ?? ''
  const type = first('type')
  if (type !== '' && !Object.hasOwn(kinds, type)) throw bad('type', `not supported value ${quoteValue(type)}`)
  const nextToken = first('group_next_token')
  const maxGroups = first('group_limit') === '' ? 0 : Number(first('group_limit'))
  if (first('group_limit') !== '' && !(Number.isSafeInteger(maxGroups) && maxGroups > 0))
    throw bad('group_limit', 'group_limit needs to be a valid number and greater than 0')
  if (nextToken !== '' && maxGroups === 0)
    throw bad('group_next_token', 'group_limit needs to be set before using group_next_token')
  return {
    names: all('rule_name[]'),
    groups: all('rule_group[]'),
    files: all('file[]'),
    kind: type === '' ? undefined : kinds[type as keyof typeof kinds],
    matcherSets: all('match[]').map(readMatchers),
    withAlerts: !isTrue('exclude_alerts', first('exclude_alerts')),
    maxGroups,
    nextToken: nextToken === '' ? undefined : nextToken,
  }
}

function readMatchers(text: string): readonly Matcher[] {
  const expr = parse(text)
  if (expr.kind === 'vector_selector') return matchersOf(expr)
  throw bad('match[]', `${quoteValue(text)} is no series selector`)
}

/** Go's ParseBool. */
function isTrue(name: string, text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['', '0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  throw bad(name, `error converting ${name}: ${quoteValue(text)} is neither true nor false`)
}

const bad = (name: string, message: string): AppError =>
  new AppError('http.invalid', `invalid parameter ${JSON.stringify(name)}: ${message}`, { where: { key: name } })

/** By file and name of the groups; those without a rule that passes are left out. */
export function findRules(runners: readonly GroupRunner[], filters: RuleFilters): FoundRules {
  const { nextToken, maxGroups } = filters
  const sorted = runners.toSorted(
    (a, b) => compareUtf8(a.group.file, b.group.file) || compareUtf8(a.group.name, b.group.name),
  )
  const from = nextToken === undefined ? 0 : sorted.findIndex(({ group }) => tokenOf(group) === nextToken)
  if (from < 0)
    throw bad('group_next_token', `invalid group_next_token ${quoteValue(nextToken)}. were rule groups changed?`)
  const passes = (wanted: readonly string[], value: string): boolean => wanted.length === 0 || wanted.includes(value)
  const found = sorted
    .slice(from)
    .filter(({ group }) => passes(filters.groups, group.name) && passes(filters.files, group.file))
    .map((runner) => ({ runner, rules: runner.status.rules.filter((status) => isWanted(status, filters)) }))
    .filter(({ rules }) => rules.length > 0)
  const next = maxGroups > 0 ? found[maxGroups] : undefined
  return {
    groups: next === undefined ? found : found.slice(0, maxGroups),
    nextToken: next === undefined ? undefined : tokenOf(next.runner.group),
  }
}

function isWanted({ rule }: RuleStatus, { names, kind, matcherSets }: RuleFilters): boolean {
  if (names.length > 0 && !names.includes(rule.name)) return false
  if (kind !== undefined && rule.kind !== kind) return false
  return (
    matcherSets.length === 0 ||
    matcherSets.some((matchers) => matchers.every((matcher) => accepts(matcher, rule.labels[matcher.name] ?? '')))
  )
}

const tokenOf = ({ file, name }: { readonly file: string; readonly name: string }): string =>
  createHash('sha256').update(`${file};${name}`).digest('hex')
