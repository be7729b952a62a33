// `global` and `scrape_configs`.

import { type Form, field, list, optional, record, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import { checkHttp, httpFields } from '@tidewatch/yaml/http-client.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import {
  byteSize,
  count,
  duration,
  fileName,
  float,
  labelNameFault,
  labelValue,
  text,
  truth,
} from '@tidewatch/yaml/scalars.ts'
import { discoveryFields, missingDiscoveries, targetWithPath } from './discovery.ts'
import { relabelRules } from './relabel.ts'

export const defaultProtocols = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
]
/** By reference: what stands in a configuration that says nothing of protocols. */
const unsetProtocols = [...defaultProtocols]
const protocols: readonly string[] = ['PrometheusProto', ...defaultProtocols]

/** Limits of a scrape, in `global` and in a job: 0 is what is not set. */
const limits = {
  body_size_limit: field(byteSize),
  sample_limit: field(count),
  target_limit: field(count),
  label_limit: field(count),
  label_name_length_limit: field(count),
  label_value_length_limit: field(count),
}
const limitKeys = [...(Object.keys(limits) as (keyof typeof limits)[]), 'keep_dropped_targets'] as const

const protocolList: Form<string[] | undefined> = list(text)

const defaultIntervalMs = 60_000
const defaultTimeoutMs = 10_000

const globalFields = {
  scrape_interval: field(duration),
  scrape_timeout: field(duration),
  scrape_protocols: field(protocolList),
  evaluation_interval: field(duration),
  rule_query_offset: field(duration),
  query_log_file: field(text),
  scrape_failure_log_file: field(fileName),
  external_labels: field(record(labelValue, (name) => labelNameFault(name))),
  ...limits,
  keep_dropped_targets: field(count),
  metric_name_validation_scheme: field(text),
  metric_name_escaping_scheme: field(text),
  scrape_native_histograms: field(optional(truth)),
  convert_classic_histograms_to_nhcb: field(truth),
  always_scrape_classic_histograms: field(truth),
  extra_scrape_metrics: field(truth),
}

export type GlobalValues = Values<typeof globalFields>

export const globalForm = new StructForm(globalFields, {
  check(config, complain) {
    if (config.scrape_interval === 0) config.scrape_interval = defaultIntervalMs
    if (config.scrape_timeout > config.scrape_interval)
      complain('scrape_timeout', 'longer than scrape_interval.', 'Make it shorter.')
    fillGlobal(config)
    const fault = protocolsFault(config.scrape_protocols ?? defaultProtocols)
    if (fault !== undefined) complain('scrape_protocols', fault)
  },
})

function fillGlobal(config: GlobalValues): void {
  if (config.scrape_timeout === 0) config.scrape_timeout = Math.min(defaultTimeoutMs, config.scrape_interval)
  if (config.evaluation_interval === 0) config.evaluation_interval = defaultIntervalMs
  config.scrape_protocols ??= unsetProtocols
}

/** What holds where no `global` is written. */
export function defaultGlobal(): GlobalValues {
  const config = globalForm.zero()
  config.scrape_interval = defaultIntervalMs
  fillGlobal(config)
  config.metric_name_validation_scheme = 'utf8'
  config.metric_name_escaping_scheme = 'allow-utf-8'
  return config
}

const scrapeFields = {
  job_name: field(text, { always: true }),
  honor_labels: field(truth),
  honor_timestamps: field(truth, { always: true, initial: () => true }),
  track_timestamps_staleness: field(truth, { always: true }),
  params: field(record(list(text))),
  scrape_interval: field(duration),
  scrape_timeout: field(duration),
  scrape_protocols: field(protocolList),
  fallback_scrape_protocol: field(text),
  scrape_native_histograms: field(optional(truth)),
  always_scrape_classic_histograms: field(optional(truth)),
  convert_classic_histograms_to_nhcb: field(optional(truth)),
  scrape_failure_log_file: field(fileName),
  metrics_path: field(text, { initial: () => '/metrics' }),
  scheme: field(text, { initial: () => 'http' }),
  enable_compression: field(truth, { always: true, initial: () => true }),
  ...limits,
  native_histogram_bucket_limit: field(count),
  native_histogram_min_bucket_factor: field(float),
  keep_dropped_targets: field(count),
  metric_name_validation_scheme: field(text),
  metric_name_escaping_scheme: field(text),
  extra_scrape_metrics: field(optional(truth)),
  ...httpFields,
  relabel_configs: field(relabelRules),
  metric_relabel_configs: field(relabelRules),
  ...discoveryFields,
}

export type ScrapeValues = Values<typeof scrapeFields>

/** `passesOver`: discoveries that Tidewatch has not are noted in place of refused. */
const createScrapeForm = (passesOver: boolean) =>
  new StructForm(scrapeFields, {
    refused: missingDiscoveries,
    passesOver,
    check(config, complain) {
      if (config.job_name === '') complain('job_name', 'missing or empty.', 'Give each job a name of its own.')
      checkHttp(config, complain)
      const target = targetWithPath(config)
      if (target !== undefined)
        complain(
          'static_configs',
          `${JSON.stringify(target)} is not host:port.`,
          'Put the path into metrics_path and https into scheme.',
        )
    },
  })

const emptyJob = { nullItem: 'this scrape configuration is empty.' }
export const scrapeForm = createScrapeForm(false)
export const scrapeConfigs = list(scrapeForm, emptyJob)

/** A further file, named in scrape_config_files: often another team's, so one job of it that cannot run stops nothing. */
export const scrapeFileForm = new StructForm({ scrape_configs: field(list(createScrapeForm(true), emptyJob)) })

/** Works `global` into a job, and checks what depends on both. */
export function completeScrape(config: ScrapeValues, globals: GlobalValues, complain: Complain): void {
  if (config.scrape_interval === 0) config.scrape_interval = globals.scrape_interval
  if (config.scrape_timeout > config.scrape_interval)
    complain(
      'scrape_timeout',
      'longer than the scrape interval of this job.',
      'Make it shorter, or the interval longer.',
    )
  if (config.scrape_timeout === 0) config.scrape_timeout = Math.min(globals.scrape_timeout, config.scrape_interval)
  for (const key of limitKeys) if (config[key] === 0) config[key] = globals[key]
  if (config.scrape_failure_log_file === '') config.scrape_failure_log_file = globals.scrape_failure_log_file
  config.scrape_native_histograms ??= globals.scrape_native_histograms
  const inherited = globals.scrape_protocols ?? unsetProtocols
  // native histograms come by protobuf alone
  config.scrape_protocols ??=
    inherited === unsetProtocols && config.scrape_native_histograms === true ? [...protocols] : inherited
  const fault = protocolsFault(config.scrape_protocols)
  if (fault !== undefined) complain('scrape_protocols', fault)
  if (config.fallback_scrape_protocol !== '' && !protocols.includes(config.fallback_scrape_protocol))
    complain('fallback_scrape_protocol', unknownProtocol(config.fallback_scrape_protocol))
  completeNames(config, globals, complain)
  config.convert_classic_histograms_to_nhcb ??= globals.convert_classic_histograms_to_nhcb
  config.always_scrape_classic_histograms ??= globals.always_scrape_classic_histograms
  if (globals.extra_scrape_metrics) config.extra_scrape_metrics ??= true
}

const schemes = ['legacy', 'utf8']
const escapings = ['allow-utf-8', 'underscores', 'dots', 'values']
const fallbackEscaping = (scheme: string): string => (scheme === 'legacy' ? 'underscores' : 'allow-utf-8')

/** How names are checked, and how they are asked for. */
function completeNames(config: ScrapeValues, globals: GlobalValues, complain: Complain): void {
  const globalScheme = globals.metric_name_validation_scheme || 'utf8'
  if (!schemes.includes(globalScheme))
    complain(
      'metric_name_validation_scheme',
      `that of global is ${JSON.stringify(globalScheme)}. Allowed: ${schemes.join(', ')}.`,
    )
  const isInherited = config.metric_name_validation_scheme === ''
  if (isInherited) config.metric_name_validation_scheme = globalScheme
  else if (!schemes.includes(config.metric_name_validation_scheme))
    complain('metric_name_validation_scheme', `this is no way to check names. Allowed: ${schemes.join(', ')}.`)
  const globalEscaping = globals.metric_name_escaping_scheme || fallbackEscaping(globalScheme)
  if (!escapings.includes(globalEscaping))
    complain(
      'metric_name_escaping_scheme',
      `that of global is ${JSON.stringify(globalEscaping)}. Allowed: ${escapings.join(', ')}.`,
    )
  if (config.metric_name_escaping_scheme === '')
    config.metric_name_escaping_scheme = isInherited
      ? globalEscaping
      : fallbackEscaping(config.metric_name_validation_scheme)
  if (!escapings.includes(config.metric_name_escaping_scheme))
    complain('metric_name_escaping_scheme', `this is no way to escape names. Allowed: ${escapings.join(', ')}.`)
  else if (config.metric_name_escaping_scheme === 'allow-utf-8' && config.metric_name_validation_scheme !== 'utf8')
    complain(
      'metric_name_escaping_scheme',
      'allow-utf-8 asks for names that the validation scheme legacy refuses.',
      'Write underscores, dots or values, or the validation scheme utf8.',
    )
}

const unknownProtocol = (name: string): string =>
  `${JSON.stringify(name)} is no scrape protocol. Allowed: ${protocols.join(', ')}.`

function protocolsFault(names: readonly string[]): string | undefined {
  if (names.length === 0) return 'this list is empty.'
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name.toLowerCase())) return `${JSON.stringify(name)} stands here twice.`
    if (!protocols.includes(name)) return unknownProtocol(name)
    seen.add(name.toLowerCase())
  }
  return undefined
}
