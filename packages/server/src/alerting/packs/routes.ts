// Ready packs of rules over HTTP: what there is, a trial on the past, and switching on and off.
import { backtest } from '@tidewatch/api/backtest.ts'
import {
  rulePack,
  rulePackBacktest,
  rulePackChange,
  rulePackList,
  rulePackParams,
  type RulePack as ShownPack,
} from '@tidewatch/api/rule-packs.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { selectorsOf } from '@tidewatch/promql/selectors.ts'
import type { YamlReader } from '../../config/port.ts'
import { type AuditLog, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import type { SeriesCatalog } from '../../query/port.ts'
import type { Backtests } from '../backtest/backtests.ts'
import { type PackParameters, packGroups, packText, parametersOf, type RulePack } from './pack.ts'
import { type PackBook, packNamed } from './pack-book.ts'
import { rulePacks } from './registry.ts'

export interface PackRouteParts {
  readonly book: () => PackBook
  readonly backtests: Pick<Backtests, 'begin'>
  readonly catalog: Pick<SeriesCatalog, 'series'>
  readonly readYaml: YamlReader
  readonly audit: AuditLog
  readonly nowMs: () => number
}

const base = '/api/tidewatch/v1/rule-packs'
const common = { errors: 'tidewatch' } as const
const dayMs = 86_400_000

export function createPackRoutes(parts: PackRouteParts): Route[] {
  const { book, backtests, audit } = parts
  return [
    defineRoute({
      ...{ ...common, method: 'GET', path: base, permission: 'view', response: rulePackList },
      summary: 'Ready packs of rules, with what they need and whether it is here',
      handle: async (context) => ({
        body: { packs: await Promise.all(rulePacks.map((pack) => shown(pack, parts, context))) },
      }),
    }),
    defineRoute({
      ...{ ...common, method: 'POST', path: `${base}/:name/backtest`, permission: 'view', response: backtest },
      ...{ params: rulePackParams, bodyKind: 'json', body: rulePackBacktest },
      summary: 'Runs a pack over the past, before it is switched on',
      handle({ params: { name }, body: { days, parameters }, identity }) {
        const rules = packText(packNamed(name), parameters ?? book().parameters(packNamed(name)))
        return { status: 202, body: backtests.begin({ rules, ...(days === undefined ? {} : { days }) }, identity.name) }
      },
    }),
    defineRoute({
      ...{ ...common, method: 'PUT', path: `${base}/:name`, permission: 'edit', response: rulePack },
      ...{ params: rulePackParams, bodyKind: 'json', body: rulePackChange },
      summary: 'Switches a pack on or off; its rules are in force at once',
      async handle({ params: { name }, body, ...context }) {
        const pack = packNamed(name)
        await book().choose(name, body, context.identity.name)
        const action = body.enabled ? 'rule_pack.enable' : 'rule_pack.disable'
        await audit.record({ who: context.identity.name, action, subject: name, detail: body.parameters })
        return { body: await shown(pack, parts, context) }
      },
    }),
  ]
}

type Asker = Pick<RequestContext, 'identity' | 'signal'>

async function shown(pack: RulePack, parts: PackRouteParts, asker: Asker): Promise<ShownPack> {
  const chosen = parts.book().chosen(pack.name)
  const parameters = shownParameters(pack, parts)
  const values = parametersOf(pack, parameters)
  const rules = packGroups(pack, parameters, parts.readYaml)
    .flatMap((group) => group.rules)
    .filter((rule) => rule.kind === 'alerting')
  const names = [...new Set(rules.flatMap(({ expr }) => metricsOf(expr)))]
  const there = new Map(await Promise.all(names.map(async (name) => [name, await exists(name, parts, asker)] as const)))
  return {
    ...{ name: pack.name, title: pack.title, summary: pack.summary, enabled: chosen?.enabled === true },
    ...(chosen === undefined ? {} : { changedAtMs: chosen.changedAtMs, changedBy: chosen.changedBy }),
    parameters: pack.parameters.map((parameter) => ({ ...parameter, value: values[parameter.name] ?? '' })),
    rules: rules.map(({ name, expr, forMs, labels, annotations }) => ({
      ...{ name, severity: labels.severity ?? '', query: expr, forMs, summary: annotations.summary ?? '' },
      metrics: metricsOf(expr).map((one) => ({ name: one, exists: there.get(one) === true })),
    })),
    text: packText(pack, parameters),
  }
}

/** What is not right any more is not in force, and shown with the fallbacks: one pack must not hide the others. */
function shownParameters(pack: RulePack, { book, readYaml }: PackRouteParts): PackParameters {
  const parameters = book().parameters(pack)
  try {
    packGroups(pack, parameters, readYaml)
    return parameters
  } catch {
    // the log has told it
    return {}
  }
}

function metricsOf(query: string): string[] {
  const names = selectorsOf(parse(query)).flatMap((matchers) =>
    matchers.flatMap(({ name, op, value }) => (name === metricNameLabel && op === '=' ? [value] : [])),
  )
  return [...new Set(names)]
}

async function exists(name: string, { catalog, nowMs }: PackRouteParts, { identity, signal }: Asker): Promise<boolean> {
  const endMs = nowMs()
  const found = await catalog.series({
    ...{
      projects: identity.projects,
      matcherSets: [[{ name: metricNameLabel, op: '=', value: name }]],
      limit: 1,
      signal,
    },
    ...{ startMs: endMs - dayMs, endMs },
  })
  return found.length > 0
}
