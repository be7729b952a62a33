// Our own view of rules: of which kind each is and how it was written, all kinds there are, severities with their targets, and a file checked before
// it is saved.
import { formatProblem } from '@tidewatch/core/error.ts'
import { severities } from '@tidewatch/core/severity.ts'
import { z } from 'zod'
import type { YamlReader } from '../../config/port.ts'
import { defineRoute, type Route } from '../../http/port.ts'
import type { ResponseTargets } from '../port.ts'
import type { GroupRunner, RuleStatus } from './group-runner.ts'
import type { Rule, RuleGroup } from './rule-file.ts'
import { ruleKinds } from './rule-kinds/registry.ts'
import { readRules } from './rule-source.ts'
import type { WrittenValues } from './values/named-values.ts'

export interface RuleRouteParts {
  readonly groups: () => readonly GroupRunner[]
  readonly values: () => WrittenValues
  readonly response: () => ResponseTargets
  readonly readYaml: YamlReader
}

const maxBytes = 1 << 20
const common = { errors: 'tidewatch', permission: 'view' } as const
const checkBody = z.strictObject({ text: z.string().max(maxBytes) })

export function createRuleRoutes({ groups, values, response, readYaml }: RuleRouteParts): readonly Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/api/tidewatch/v1/rules',
      summary: 'All rules: kind, how each is written, the query that it is.',
      handle: () => ({
        body: { rules: groups().flatMap(({ group, status }) => status.rules.map((rule) => shownStatus(group, rule))) },
      }),
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/api/tidewatch/v1/rule-kinds',
      summary: 'The kinds of rules beside Prometheus rules, with an example each.',
      handle: () => ({
        body: { kinds: ruleKinds.map(({ kind, title, summary, example }) => ({ kind, title, summary, example })) },
      }),
    }),
    defineRoute<unknown, unknown, z.output<typeof checkBody>>({
      ...common,
      method: 'POST',
      path: '/api/tidewatch/v1/rules/check',
      summary: 'Reads the text of a rule file as it would be read from disk: its rules, or what is wrong with it.',
      body: checkBody,
      limits: { maxBytes: 2 * maxBytes, maxInflatedBytes: 2 * maxBytes },
      handle({ body: { text } }) {
        const read = readRules({ name: 'rules.yml', path: 'rules.yml', text }, readYaml, { values: values() })
        if (read.ok)
          return {
            body: { rules: read.value.flatMap((group) => group.rules.map((rule) => shown(group, rule))), problems: [] },
          }
        const problems = read.problems.map((problem) => ({ ...problem.where, message: formatProblem(problem) }))
        return { body: { rules: [], problems } }
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/api/tidewatch/v1/severities',
      summary: 'The scale of severities, the worst first, with how soon somebody is to answer.',
      handle: () => ({ body: { severities: severities.map((severity) => ({ severity, ...response()[severity] })) } }),
    }),
  ]
}

function shown(group: RuleGroup, rule: Rule): object {
  const base = {
    name: rule.name,
    group: group.name,
    file: group.file,
    type: rule.kind,
    query: rule.expr,
    labels: rule.labels,
  }
  if (rule.kind === 'recording') return { ...base, kind: 'record' }
  const { origin, annotations, forMs, keepFiringForMs, channels, pacing, data = [] } = rule
  return {
    ...base,
    kind: origin?.kind ?? 'prometheus',
    ...(origin === undefined ? {} : { written: origin.written }),
    ...{ annotations, forMs, keepFiringForMs, data },
    ...(channels === undefined ? {} : { channels }),
    ...(pacing === undefined ? {} : { pacing }),
  }
}

function shownStatus(group: RuleGroup, { rule, alerts, health, lastError, lastEvaluationMs }: RuleStatus): object {
  const states = [...alerts.values()].map(({ state }) => state)
  const state = states.includes('firing') ? 'firing' : states.includes('pending') ? 'pending' : 'inactive'
  return {
    ...shown(group, rule),
    state,
    alerts: alerts.size,
    health,
    lastError,
    lastEvaluationMs: lastEvaluationMs ?? null,
  }
}
