// Joins what each folder owns of the configuration into one whole.
import { dirname } from 'node:path'
import type { Dependencies } from '../alerting/dependencies.ts'
import type { Restraint } from '../alerting/dispatch/restraint.ts'
import type { RuleGroup } from '../alerting/rules/rule-file.ts'
import { isRuleSet } from '../alerting/rules/rule-set-file.ts'
import {
  type AlertSettings,
  alertsSection,
  dependenciesSection,
  rulesSection,
  valuesSection,
} from '../alerting/rules/rules-config.ts'
import { relabelRulesSchema, scrapeConfigSchema } from '../collect/config.ts'
import { httpKeys } from '../collect/http-config/port.ts'
import { sqlSection } from '../collect/sql/config.ts'
import { alertmanagerSection } from '../config/alertmanager.ts'
import { type ConfigSchemas, loadConfig } from '../config/load.ts'
import type { LoadedConfig, Parsed } from '../config/port.ts'
import { prometheusSchema } from '../config/prometheus.ts'
import { readWrittenYaml } from '../config/yaml.ts'
import { archiveSection } from '../features/log-archive/config.ts'
import { remoteWriteSchema } from '../features/remote-write-out/config.ts'
import { listenersSection, startTimestampsSection } from '../ingest/config.ts'
import { filesSections } from '../ingest/files/config.ts'
import { redactionSection } from '../ingest/logs/config.ts'
import { pipelinesSection } from '../ingest/pipelines/config.ts'
import { elasticsearchSection } from '../ingest/receivers/elasticsearch/config.ts'
import { channelsSection } from '../notify/config.ts'
import { environmentChannels, joined } from '../notify/integrations.ts'
import type { Integration } from '../notify/port.ts'
import { retentionSection } from '../store/config.ts'
import { alertmanagerOf, channelFaults, readAlertmanagerSetup } from './alertmanager-file.ts'
import { onCallFaults, peopleSections } from './people-config.ts'
import { readPipelines } from './pipeline-files.ts'
import { retentionFaults, unusedStorage } from './retention-values.ts'
import { readConfiguredRules, readRulesOfEnvironment, unknownActions } from './rule-files.ts'
import { targetFaults } from './static-targets.ts'

const prometheusFile = prometheusSchema(
  scrapeConfigSchema,
  remoteWriteSchema({ http: httpKeys, relabelRules: relabelRulesSchema }),
).superRefine((file, context) => {
  for (const { path, message } of [...targetFaults(file), ...retentionFaults(file)])
    context.addIssue({ code: 'custom', path: [...path], message })
})

export type PrometheusFile = ReturnType<(typeof prometheusFile)['parse']>

export type Configuration = LoadedConfig<PrometheusFile, readonly RuleGroup[]>

/** What a prometheus.yml may say of things that Tidewatch does itself, or not yet. */
const unusedKeys: Readonly<Record<string, string>> = {
  alerting: 'alerts go by alertmanager.yml, or to the channels in tidewatch.yml.',
  'storage.exemplars': 'Tidewatch keeps exemplars in its own way.',
  'storage.tsdb.out_of_order_time_window': 'samples are taken in any order of time.',
  remote_read: 'samples are not read from another system yet.',
  tracing: 'own traces are not sent yet.',
}

function unusedIn(file: PrometheusFile): string[] {
  const isSet = (value: unknown): boolean =>
    Array.isArray(value) ? value.length > 0 : value != null && value !== false
  const tell = (values: object, keys: Readonly<Record<string, string>>, where: string): string[] =>
    Object.entries(values)
      .filter(([key, value]) => Object.hasOwn(keys, key) && isSet(value))
      .map(([key]) => `prometheus.yml: ${where}${key} is not used: ${keys[key]}`)
  return tell({ ...file, ...unusedStorage(file) }, unusedKeys, '')
}

export interface ReadOptions {
  /** Judges prometheus.yml as a file for Prometheus's agent mode. */
  readonly agent?: boolean
  /** The alertmanager.yml that counts instead of the one that is found. */
  readonly alertmanagerConfig?: string | undefined
  /** Leaves out the rule files that it names. */
  readonly withoutRules?: boolean
  /** Passes over keys of rule files that nobody knows. */
  readonly ignoreUnknownFields?: boolean
}

/** Reads and checks everything a path names; undefined: the defaults. */
export function readConfiguration(
  path: string | undefined,
  env: ConfigSchemas<never, never>['env'],
  options: ReadOptions = {},
): Parsed<Configuration> {
  const read = loadConfig<PrometheusFile, readonly RuleGroup[]>(path, {
    prometheus: prometheusFile,
    readRules: (file, sections) =>
      readConfiguredRules(file, { sections, env, ignoreUnknownFields: options.ignoreUnknownFields === true }),
    ruleGlobs: (sections) => sections.get(rulesSection.key) as readonly string[],
    isOwnRuleFile: (file) => isRuleSet(file, readWrittenYaml),
    readAlertmanager: readAlertmanagerSetup,
    sections: [
      alertmanagerSection,
      rulesSection,
      valuesSection,
      alertsSection,
      dependenciesSection,
      channelsSection,
      ...peopleSections,
      listenersSection,
      elasticsearchSection,
      redactionSection,
      pipelinesSection,
      ...filesSections,
      sqlSection,
      retentionSection,
      archiveSection,
      startTimestampsSection,
    ],
    env,
    ...options,
  })
  if (!read.ok) return read
  const setup = alertmanagerOf(read.value)
  const fromEnvironment = environmentChannels(env)
  const channels = joined(channelsOf(read.value), fromEnvironment.integrations)
  const problems = [
    ...fromEnvironment.problems,
    ...channelFaults(channelsOf(read.value), setup),
    ...onCallFaults(read.value, [...channels, ...(setup?.integrations ?? [])]),
  ]
  const own = options.withoutRules === true ? noRules : readRulesOfEnvironment(env, read.value.sections)
  if (!own.ok) problems.push(...own.problems)
  const pipelines = readPipelines(path, read.value, env)
  problems.push(...pipelines.problems)
  if (problems.length > 0 || !own.ok) return { ok: false, problems }
  const rules = [...read.value.rules, ...own.value]
  const notices = [
    ...read.value.notices,
    ...fromEnvironment.notices,
    ...unusedIn(read.value.prometheus),
    ...unknownActions(rules, channels),
    ...pipelines.notices,
  ]
  const files = [...read.value.files, ...pipelines.files]
  // in place of the settings by which they were read
  const sections = new Map([...read.value.sections, [pipelinesSection.key, pipelines.pipelines]])
  return { ok: true, value: { ...read.value, rules, notices, files, sections } }
}

const noRules: Parsed<Configuration['rules']> = { ok: true, value: [] }

export function channelsOf(configuration: Configuration): readonly Integration[] {
  return configuration.sections.get(channelsSection.key) as readonly Integration[]
}

/** What keeps alerts from telling too much, beside alertmanager.yml. */
export function restraintOf({ sections }: Pick<Configuration, 'sections'>): Restraint {
  const { flapping, pacing } = sections.get(alertsSection.key) as AlertSettings
  return { flapping, pacing, dependencies: sections.get(dependenciesSection.key) as Dependencies }
}

/** What relative paths in prometheus.yml are relative to. */
export function baseDirOf(configuration: Configuration): string {
  const file = configuration.files[0]
  return file === undefined ? process.cwd() : dirname(file.path)
}
