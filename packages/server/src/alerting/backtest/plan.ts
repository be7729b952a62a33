// From what somebody asks for to what is run: rules, span, and what is in force of routes and silences.

import type { BacktestRequest } from '@tidewatch/api/backtest.ts'
import { AppError, formatProblem, quoteValue } from '@tidewatch/core/error.ts'
import { isTimeZone } from '@tidewatch/core/time-zone.ts'
import type { YamlReader } from '../../config/port.ts'
import type { RuleGroup } from '../rules/rule-file.ts'
import type { RuleSetOptions } from '../rules/rule-set-file.ts'
import { readRules } from '../rules/rule-source.ts'
import type { BacktestPlan } from './backtest.ts'
import { usualNight } from './pages.ts'

/** What is in force now. */
export type InForce = Omit<BacktestPlan, 'groups' | 'startMs' | 'endMs' | 'night'> & {
  readonly groups: readonly RuleGroup[]
  readonly ruleSet: RuleSetOptions
}

const dayMs = 86_400_000
const usualDays = 30

/** Throws `rules.invalid` for a rule file that is not right, `http.invalid` for a span that is none. */
export function planFor(
  request: BacktestRequest,
  parts: { readonly inForce: InForce; readonly nowMs: number; readonly readYaml: YamlReader },
): BacktestPlan {
  const { ruleSet, ...inForce } = parts.inForce
  const all = request.rules === undefined ? inForce.groups : readText(request.rules, parts.readYaml, ruleSet)
  const { only } = request
  const groups = only === undefined ? all : all.map((group) => filtered(group, only))
  if (groups.every(({ rules }) => rules.every(({ kind }) => kind !== 'alerting')))
    throw new AppError('http.invalid', 'there is no alerting rule to try.', {
      where: { key: request.only === undefined ? 'rules' : 'only' },
      fix: 'Give a rule file with at least one "alert:", or leave "only" out.',
    })
  const night = request.night ?? usualNight
  if (!isTimeZone(night.timeZone))
    throw new AppError('http.invalid', `${quoteValue(night.timeZone)} is no time zone.`, {
      where: { key: 'night.timeZone' },
      fix: 'Write one such as Europe/Berlin.',
    })
  return { ...inForce, groups, night, ...spanOf(request, parts.nowMs) }
}

function readText(text: string, readYaml: YamlReader, options: RuleSetOptions): readonly RuleGroup[] {
  const read = readRules({ name: 'rules', path: 'rules', text }, readYaml, options)
  if (read.ok) return read.value
  const [first] = read.problems
  throw new AppError('rules.invalid', read.problems.map(formatProblem).join('\n'), {
    ...(first?.where === undefined ? {} : { where: first.where }),
  })
}

const filtered = (group: RuleGroup, names: readonly string[]): RuleGroup => ({
  ...group,
  rules: group.rules.filter((rule) => rule.kind === 'recording' || names.includes(rule.name)),
})

function spanOf({ days, startMs, endMs }: BacktestRequest, nowMs: number): { startMs: number; endMs: number } {
  if (startMs === undefined) return { startMs: nowMs - (days ?? usualDays) * dayMs, endMs: nowMs }
  const untilMs = Math.min(endMs ?? nowMs, nowMs)
  if (startMs < untilMs) return { startMs, endMs: untilMs }
  throw new AppError('http.invalid', 'the span ends before it begins.', {
    where: { key: 'startMs' },
    fix: 'Give days, or a startMs before endMs, both in the past.',
  })
}
