// Joins what each folder owns of the configuration into one whole.
import { dirname } from 'node:path'
import { type RuleGroup, readRuleFile } from '../alerting/rule-file.ts'
import { scrapeConfigSchema } from '../collect/config.ts'
import { checkScrapeConfigs } from '../collect/scrape/job.ts'
import { type ConfigSchemas, loadConfig } from '../config/load.ts'
import type { LoadedConfig, Parsed } from '../config/port.ts'
import { prometheusSchema } from '../config/prometheus.ts'
import { readYaml } from '../config/yaml.ts'
import { channelsSection, type Receiver } from '../notify/config.ts'

const prometheusFile = prometheusSchema(scrapeConfigSchema).superRefine((file, context) => {
  for (const { message, where, fix } of checkScrapeConfigs(file.global, file.scrape_configs)) {
    context.addIssue({
      code: 'custom',
      path: keyPath(where.key ?? ''),
      message: fix === undefined ? message : `${message} ${fix}`,
    })
  }
})

export type PrometheusFile = ReturnType<(typeof prometheusFile)['parse']>

export type Configuration = LoadedConfig<PrometheusFile, readonly RuleGroup[]>

/** `scrape_configs[0].job_name` as a path. */
function keyPath(key: string): (string | number)[] {
  return key
    .split(/[.[\]]+/)
    .flatMap((part): (string | number)[] => (part === '' ? [] : /^\d+$/.test(part) ? [Number(part)] : [part]))
}

/** What a prometheus.yml may say of things that Tidewatch does itself, or not yet. */
const unusedKeys: Readonly<Record<string, string>> = {
  alerting: 'alerts go to the channels in tidewatch.yml.',
  remote_write: 'samples are not sent on to another system yet.',
  remote_read: 'samples are not read from another system yet.',
  scrape_config_files: 'further files of scrape configurations are not read yet.',
  storage: 'Tidewatch keeps samples in its own way; --retention says how long.',
  tracing: 'own traces are not sent yet.',
  otlp: 'OTLP is not received yet.',
}

/** Reads and checks everything a path names; undefined: the defaults. */
export function readConfiguration(
  path: string | undefined,
  env: ConfigSchemas<never, never>['env'],
): Parsed<Configuration> {
  const read = loadConfig<PrometheusFile, readonly RuleGroup[]>(path, {
    prometheus: prometheusFile,
    readRules: (file) => readRuleFile(file, readYaml),
    sections: [channelsSection],
    env,
  })
  if (!read.ok) return read
  const written = read.value.prometheus as Readonly<Record<string, unknown>>
  const unused = Object.entries(unusedKeys).filter(([key]) =>
    Array.isArray(written[key]) ? written[key].length > 0 : written[key] != null,
  )
  return {
    ok: true,
    value: {
      ...read.value,
      notices: [...read.value.notices, ...unused.map(([key, text]) => `prometheus.yml: ${key} is not used: ${text}`)],
    },
  }
}

export function receiversOf(configuration: Configuration): readonly Receiver[] {
  return configuration.sections.get(channelsSection.key) as readonly Receiver[]
}

/** What relative paths in prometheus.yml are relative to. */
export function baseDirOf(configuration: Configuration): string {
  const file = configuration.files[0]
  return file === undefined ? process.cwd() : dirname(file.path)
}
