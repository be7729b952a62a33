// scrape_configs as Prometheus has them: prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
import { relabelActions } from '@tidewatch/core/relabel-actions.ts'
import { z } from 'zod'
import { byteSize, countLimit, durationMs, listOf, plainText, regexText } from './config-values.ts'
import { httpKeys } from './http-config/port.ts'
import { defaultRegex, defaultReplacement, type RelabelRule } from './relabel.ts'

const labelNames = z.array(z.string().min(1))

const relabelSchema = z
  .strictObject({
    source_labels: labelNames.nullish().transform((value) => value ?? []),
    separator: plainText.default(';'),
    target_label: plainText.default(''),
    regex: regexText.default(defaultRegex),
    modulus: z.bigint().default(0n),
    replacement: plainText.nullish().transform((value) => value ?? defaultReplacement),
    action: z.string().toLowerCase().pipe(z.enum(relabelActions)).default('replace'),
  })
  .transform(
    (rule): RelabelRule => ({
      sourceLabels: rule.source_labels,
      separator: rule.separator,
      targetLabel: rule.target_label,
      regex: rule.regex,
      modulus: rule.modulus,
      replacement: rule.replacement,
      action: rule.action,
    }),
  )

export const relabelRulesSchema = listOf(relabelSchema)

const targetLabels = z.record(z.string().min(1), plainText)

/** One group of targets: in static_configs, and in the files of file_sd_configs. */
export const targetGroupSchema = z.strictObject({
  targets: z
    .array(plainText)
    .nullish()
    .transform((value) => value ?? []),
  labels: targetLabels.nullish().transform((value) => value ?? {}),
})

const fileDiscoverySchema = z.strictObject({
  files: z.array(z.string()),
  refresh_interval: durationMs.default(300_000),
})

const httpDiscoverySchema = z.strictObject({
  url: z.string().min(1),
  refresh_interval: durationMs.default(60_000),
  ...httpKeys,
})

const dnsDiscoverySchema = z.strictObject({
  names: z.array(z.string()),
  refresh_interval: durationMs.default(30_000),
  type: z
    .string()
    .toUpperCase()
    .pipe(z.enum(['SRV', 'A', 'AAAA', 'MX', 'NS']))
    .default('SRV'),
  port: z.number().int().min(0).default(0),
})

export const scrapeProtocols = [
  'PrometheusProto',
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
] as const
const protocol = z.enum(scrapeProtocols)
export type ScrapeProtocol = z.infer<typeof protocol>

/** One scrape configuration, checked and filled in by its form; `resolveScrapeJobs` makes a job of it. */
export const scrapeConfigSchema = z.strictObject({
  job_name: z.string().min(1),
  scrape_interval: durationMs.optional(),
  scrape_timeout: durationMs.optional(),
  scrape_protocols: z.array(protocol).min(1).optional(),
  fallback_scrape_protocol: protocol.optional(),
  scrape_native_histograms: z.boolean().optional(),
  always_scrape_classic_histograms: z.boolean().optional(),
  scrape_classic_histograms: z.boolean().optional(),
  convert_classic_histograms_to_nhcb: z.boolean().optional(),
  native_histogram_bucket_limit: countLimit.optional(),
  native_histogram_min_bucket_factor: z.number().optional(),
  metric_name_validation_scheme: z.string().optional(),
  metric_name_escaping_scheme: z.string().optional(),
  scrape_failure_log_file: z.string().optional(),
  metrics_path: z.string().default('/metrics'),
  scheme: z.string().default('http'),
  params: z.record(z.string(), z.union([z.array(plainText), plainText.transform((value) => [value])])).default({}),
  honor_labels: z.boolean().default(false),
  honor_timestamps: z.boolean().default(true),
  track_timestamps_staleness: z.boolean().default(false),
  enable_compression: z.boolean().default(true),
  extra_scrape_metrics: z.boolean().optional(),
  ...httpKeys,
  static_configs: listOf(targetGroupSchema),
  file_sd_configs: listOf(fileDiscoverySchema),
  http_sd_configs: listOf(httpDiscoverySchema),
  dns_sd_configs: listOf(dnsDiscoverySchema),
  relabel_configs: relabelRulesSchema,
  metric_relabel_configs: relabelRulesSchema,
  body_size_limit: byteSize.optional(),
  sample_limit: countLimit.optional(),
  label_limit: countLimit.optional(),
  label_name_length_limit: countLimit.optional(),
  label_value_length_limit: countLimit.optional(),
  target_limit: countLimit.optional(),
  keep_dropped_targets: countLimit.optional(),
})

export type ScrapeConfig = z.output<typeof scrapeConfigSchema>
export type HttpDiscoveryConfig = z.output<typeof httpDiscoverySchema>
export type DnsDiscoveryConfig = z.output<typeof dnsDiscoverySchema>
export type TargetGroup = z.output<typeof targetGroupSchema>
