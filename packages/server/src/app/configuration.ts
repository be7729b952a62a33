// Joins what each folder owns of the configuration into one whole.
import { dirname } from 'node:path'
import { type RuleGroup, readRuleFile } from '../alerting/rule-file.ts'
import { scrapeConfigSchema } from '../collect/config.ts'
import { type ConfigSchemas, loadConfig } from '../config/load.ts'
import type { LoadedConfig, Parsed } from '../config/port.ts'
import { prometheusSchema } from '../config/prometheus.ts'
import { readWrittenYaml } from '../config/yaml.ts'
import { channelsSection, type Receiver } from '../notify/config.ts'
import { targetFaults } from './static-targets.ts'

const prometheusFile = prometheusSchema(scrapeConfigSchema).superRefine((file, context) => {
  for (const { path, message } of targetFaults(file)) context.addIssue({ code: 'custom', path: [...path], message })
})

export type PrometheusFile = ReturnType<(typeof prometheusFile)['parse']>

export type Configuration = LoadedConfig<PrometheusFile, readonly RuleGroup[]>

/** What a prometheus.yml may say of things that Tidewatch does itself, or not yet. */
const unusedKeys: Readonly<Record<string, string>> = {
  alerting: 'alerts go to the channels in tidewatch.yml.',
  remote_write: 'samples are not sent on to another system yet.',
  remote_read: 'samples are not read from another system yet.',
  storage: 'Tidewatch keeps samples in its own way; --retention says how long.',
  tracing: 'own traces are not sent yet.',
  otlp: 'OTLP is not received yet.',
}

function unusedIn(file: PrometheusFile): string[] {
  const isSet = (value: unknown): boolean =>
    Array.isArray(value) ? value.length > 0 : value != null && value !== false
  const tell = (values: object, keys: Readonly<Record<string, string>>, where: string): string[] =>
    Object.entries(values)
      .filter(([key, value]) => Object.hasOwn(keys, key) && isSet(value))
      .map(([key]) => `prometheus.yml: ${where}${key} is not used: ${keys[key]}`)
  return [...tell(file, unusedKeys, '')]
}

/** Reads and checks everything a path names; undefined: the defaults. */
export function readConfiguration(
  path: string | undefined,
  env: ConfigSchemas<never, never>['env'],
  options: { readonly agent?: boolean } = {},
): Parsed<Configuration> {
  const read = loadConfig<PrometheusFile, readonly RuleGroup[]>(path, {
    prometheus: prometheusFile,
    readRules: (file) => readRuleFile(file, readWrittenYaml),
    sections: [channelsSection],
    env,
    ...options,
  })
  if (!read.ok) return read
  return { ok: true, value: { ...read.value, notices: [...read.value.notices, ...unusedIn(read.value.prometheus)] } }
}

export function receiversOf(configuration: Configuration): readonly Receiver[] {
  return configuration.sections.get(channelsSection.key) as readonly Receiver[]
}

/** What relative paths in prometheus.yml are relative to. */
export function baseDirOf(configuration: Configuration): string {
  const file = configuration.files[0]
  return file === undefined ? process.cwd() : dirname(file.path)
}
