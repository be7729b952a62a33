// Rule files joined to what of the configuration they need, and the checks in them to the collector that asks databases.
import type { Problem } from '@tidewatch/core/error.ts'
import { Secret } from '@tidewatch/core/secret.ts'
import { recordOnly } from '../alerting/dispatch/routing.ts'
import { readEnvironmentRules } from '../alerting/rules/environment-rules.ts'
import type { RuleGroup } from '../alerting/rules/rule-file.ts'
import { sqlCheckMetric } from '../alerting/rules/rule-kinds/sql.ts'
import { readRules } from '../alerting/rules/rule-source.ts'
import { valuesSection } from '../alerting/rules/rules-config.ts'
import type { WrittenValues } from '../alerting/rules/values/named-values.ts'
import type { SqlGauge } from '../collect/sql/config.ts'
import type { ConfigFile, Parsed } from '../config/port.ts'
import { resolveReferences } from '../config/references.ts'
import { readWrittenYaml } from '../config/yaml.ts'
import type { Integration } from '../notify/port.ts'
import type { Configuration } from './configuration.ts'

export interface RuleFileContext {
  readonly sections: ReadonlyMap<string, unknown>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly ignoreUnknownFields: boolean
}

/** Any rule file, with the databases of its checks resolved. */
export function readConfiguredRules(
  file: ConfigFile,
  { sections, env, ignoreUnknownFields }: RuleFileContext,
): Parsed<readonly RuleGroup[]> {
  const values = sections.get(valuesSection.key) as WrittenValues | undefined
  const read = readRules(file, readWrittenYaml, { ignoreUnknownFields, ...(values === undefined ? {} : { values }) })
  if (!read.ok) return read
  const problems: Problem[] = []
  const groups = read.value.map((group) => ({
    ...group,
    sqlChecks: (group.sqlChecks ?? []).map((check) => {
      const connection = connectionOf(check, { file, env, problems })
      return { ...check, connection }
    }),
  }))
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: groups }
}

/** Thresholds that environment variables say, as one more file. */
export function readRulesOfEnvironment(
  env: RuleFileContext['env'],
  sections: RuleFileContext['sections'],
): Parsed<Configuration['rules']> {
  const values = sections.get(valuesSection.key) as WrittenValues | undefined
  const read = readEnvironmentRules(env, readWrittenYaml, values === undefined ? {} : { values })
  if (read === undefined) return { ok: true, value: [] }
  const { file, groups, problems } = read
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: [{ file, rules: groups }] }
}

interface ConnectionParts {
  readonly file: ConfigFile
  readonly env: RuleFileContext['env']
  readonly problems: Problem[]
}

function connectionOf(
  { name, connection }: { readonly name: string; readonly connection: string },
  { file, env, problems }: ConnectionParts,
): string {
  const resolved = resolveReferences(connection, {
    env,
    directory: file.path.replace(/[^/]*$/, ''),
    fileName: file.name,
  })
  const where = { file: file.name, key: `${name}: sql.connection` }
  problems.push(...resolved.problems.map((problem) => ({ ...problem, where })))
  const url = String(resolved.value)
  const isPostgres = URL.canParse(url) && ['postgres:', 'postgresql:'].includes(new URL(url).protocol)
  if (resolved.problems.length === 0 && !isPostgres) {
    problems.push({
      message: 'not a URL of Postgres.',
      where,
      fix: 'Write ${NAME} for one in the environment, such as postgres://user:password@host/database.',
    })
  }
  return url
}

/** Actions of rules that name no channel: alerts of such a rule go to the other channels it names, or where the routes lead. */
export function unknownActions(rules: Configuration['rules'], channels: readonly Integration[]): string[] {
  const known = new Set(channels.flatMap(({ receiver, channel }) => [receiver, channel.kind]))
  return rules.flatMap(({ file, rules: groups }) => {
    const named = groups
      .flatMap((group) => group.rules)
      .flatMap((rule) => (rule.kind === 'alerting' ? (rule.channels ?? []) : []))
    const unknown = [...new Set(named)].filter((name) => !known.has(name) && !recordOnly.has(name))
    if (unknown.length === 0) return []
    return [
      `${file.name}: actions name ${unknown.join(', ')}, and there is no such channel: those alerts go to the others.`,
    ]
  })
}

/** What the collector asks for the checks of all rule files: a gauge each. */
export function sqlChecksOf({ rules }: Pick<Configuration, 'rules'>): readonly SqlGauge[] {
  const checks = rules.flatMap((file) => file.rules).flatMap((group) => group.sqlChecks ?? [])
  return checks.map(({ name, connection, query, value, labels, intervalMs, timeoutMs }) => ({
    ...{ name, query, value, metric: sqlCheckMetric, connection: new Secret(connection) },
    ...{ labels: [...labels], interval: intervalMs, timeout: timeoutMs, max_rows: 1000 },
    help: 'What a check of a rule file found in its database.',
  }))
}
