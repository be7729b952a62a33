// scrape_configs as Prometheus has them: prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
import { z } from 'zod'
import { byteSize, countLimit, durationMs, listOf, notYet, plainText, regexText, secretText } from './config-values.ts'
import { defaultRegex, defaultReplacement, type RelabelRule } from './relabel.ts'

const labelNames = z.array(z.string().min(1))

const relabelSchema = z
  .strictObject({
    source_labels: labelNames.nullish().transform((value) => value ?? []),
    separator: plainText.default(';'),
    target_label: plainText.default(''),
    regex: regexText.default(defaultRegex),
    modulus: z.number().int().min(0).default(0),
    replacement: plainText.nullish().transform((value) => value ?? defaultReplacement),
    action: z
      .string()
      .toLowerCase()
      .pipe(
        z.enum([
          'replace',
          'keep',
          'drop',
          'keepequal',
          'dropequal',
          'hashmod',
          'labelmap',
          'labeldrop',
          'labelkeep',
          'lowercase',
          'uppercase',
        ]),
      )
      .default('replace'),
  })
  .superRefine((rule, context) => {
    const complain = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
    const needsTarget = ['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal']
    if (needsTarget.includes(rule.action) && rule.target_label === '') {
      complain('target_label', `missing; the action ${rule.action} writes or compares it`)
    }
    if (rule.action === 'hashmod' && rule.modulus === 0) complain('modulus', 'missing; hashmod divides by it')
    const alone = rule.action === 'labeldrop' || rule.action === 'labelkeep'
    if (alone && (rule.source_labels.length > 0 || rule.target_label !== '' || rule.modulus !== 0)) {
      complain('action', `${rule.action} takes nothing but regex`)
    }
  })
  .transform(
    (rule): RelabelRule => ({
      sourceLabels: rule.source_labels,
      separator: rule.separator,
      targetLabel: rule.target_label,
      regex: rule.regex,
      modulus: BigInt(rule.modulus),
      replacement: rule.replacement,
      action: rule.action,
    }),
  )

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
  files: z.array(
    z
      .string()
      .regex(
        /^[^*]*(?:\*[^/]*)?\.(?:json|yml|yaml)$/i,
        'not a file name. It ends in .json, .yml or .yaml; one * in the last part',
      ),
  ),
  refresh_interval: durationMs.default(300_000),
})

const tlsVersion = z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13'])
const tlsSchema = z.strictObject({
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: secretText.optional(),
  ca_file: z.string().optional(),
  cert_file: z.string().optional(),
  key_file: z.string().optional(),
  server_name: z.string().optional(),
  insecure_skip_verify: z.boolean().default(false),
  min_version: tlsVersion.optional(),
  max_version: tlsVersion.optional(),
})

const basicAuthSchema = z.strictObject({
  username: plainText.optional(),
  username_file: z.string().optional(),
  password: secretText.optional(),
  password_file: z.string().optional(),
})

const authorizationSchema = z.strictObject({
  type: z.string().default('Bearer'),
  credentials: secretText.optional(),
  credentials_file: z.string().optional(),
})

const headerSchema = z.strictObject({
  values: listOf(plainText),
  secrets: listOf(secretText),
  files: listOf(z.string()),
})

/** How a client reaches and convinces a server; shared with what else has Prometheus's http_config. */
const httpKeys = {
  basic_auth: basicAuthSchema.optional(),
  authorization: authorizationSchema.optional(),
  bearer_token: secretText.optional(),
  bearer_token_file: z.string().optional(),
  oauth2: notYet('Use authorization with credentials_file.'),
  follow_redirects: z.boolean().default(true),
  enable_http2: z.boolean().default(true),
  tls_config: tlsSchema.optional(),
  proxy_url: z
    .url({ protocol: /^https?$/ })
    .or(z.literal(''))
    .optional(),
  no_proxy: notYet('Set proxy_url on the jobs that need it alone.'),
  proxy_from_environment: notYet('Write proxy_url.'),
  proxy_connect_header: notYet('Write user and password into proxy_url.'),
  http_headers: z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'not a header name'), headerSchema).optional(),
}

export const scrapeProtocols = [
  'PrometheusProto',
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
] as const
const protocol = z.enum(scrapeProtocols)
export type ScrapeProtocol = z.infer<typeof protocol>

/** Discoveries of Prometheus that Tidewatch has not. */
const missingDiscoveries = Object.fromEntries(
  [
    'azure',
    'consul',
    'digitalocean',
    'dns',
    'docker',
    'dockerswarm',
    'ec2',
    'eureka',
    'gce',
    'hetzner',
    'http',
    'ionos',
    'kubernetes',
    'kuma',
    'lightsail',
    'linode',
    'marathon',
    'nerve',
    'nomad',
    'openstack',
    'ovhcloud',
    'puppetdb',
    'scaleway',
    'serverset',
    'stackit',
    'triton',
    'uyuni',
    'vultr',
  ].map((kind) => [
    `${kind}_sd_configs`,
    notYet('List the targets in static_configs, or let it be written into a file for file_sd_configs.'),
  ]),
)

const scrapeObject = z.strictObject({
  job_name: z.string().min(1),
  scrape_interval: durationMs.optional(),
  scrape_timeout: durationMs.optional(),
  scrape_protocols: z.array(protocol).min(1).optional(),
  fallback_scrape_protocol: protocol.optional(),
  // classic histograms are what we keep of either kind, so these change nothing yet
  scrape_native_histograms: z.boolean().optional(),
  always_scrape_classic_histograms: z.boolean().optional(),
  scrape_classic_histograms: z.boolean().optional(),
  convert_classic_histograms_to_nhcb: z.boolean().optional(),
  native_histogram_bucket_limit: countLimit.optional(),
  native_histogram_min_bucket_factor: z.number().optional(),
  metric_name_validation_scheme: z.enum(['legacy', 'utf8']).optional(),
  metric_name_escaping_scheme: z.string().optional(),
  scrape_failure_log_file: z.string().optional(),
  metrics_path: z.string().default('/metrics'),
  scheme: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['http', 'https']))
    .default('http'),
  params: z.record(z.string(), z.union([z.array(plainText), plainText.transform((value) => [value])])).default({}),
  honor_labels: z.boolean().default(false),
  honor_timestamps: z.boolean().default(true),
  track_timestamps_staleness: z.boolean().default(false),
  enable_compression: z.boolean().default(true),
  extra_scrape_metrics: z.boolean().optional(),
  ...httpKeys,
  static_configs: listOf(targetGroupSchema),
  file_sd_configs: listOf(fileDiscoverySchema),
  ...missingDiscoveries,
  relabel_configs: listOf(relabelSchema),
  metric_relabel_configs: listOf(relabelSchema),
  body_size_limit: byteSize.optional(),
  sample_limit: countLimit.optional(),
  label_limit: countLimit.optional(),
  label_name_length_limit: countLimit.optional(),
  label_value_length_limit: countLimit.optional(),
  target_limit: countLimit.optional(),
  keep_dropped_targets: countLimit.optional(),
})

/** One scrape configuration as it is written, checked; `resolveScrapeJobs` makes a job of it. */
export const scrapeConfigSchema = scrapeObject.superRefine((config, context) => {
  const complain = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
  const ways = ['basic_auth', 'authorization', 'bearer_token', 'bearer_token_file'] as const
  const used = ways.filter((way) => config[way] !== undefined)
  if (used.length > 1) complain([used[1]], `cannot stand beside ${used[0]}: a request has one Authorization header`)
  const { basic_auth: basic, authorization, tls_config: tls } = config
  if (basic?.password !== undefined && basic.password_file !== undefined)
    complain(['basic_auth'], 'has password and password_file; one is right')
  if (authorization?.type.trim().toLowerCase() === 'basic')
    complain(['authorization', 'type'], 'cannot be basic. Use basic_auth')
  if (tls !== undefined && (tls.cert ?? tls.cert_file) !== undefined && (tls.key ?? tls.key_file) === undefined) {
    complain(['tls_config', 'cert_file'], 'has no key beside it. Add key_file')
  }
  if (
    config.scrape_interval !== undefined &&
    config.scrape_timeout !== undefined &&
    config.scrape_timeout > config.scrape_interval
  ) {
    complain(['scrape_timeout'], 'longer than scrape_interval. Make it shorter')
  }
  for (const [i, group] of config.static_configs.entries()) {
    for (const [j, target] of group.targets.entries()) {
      if (target.includes('/'))
        complain(
          ['static_configs', String(i), 'targets', String(j)],
          'not host:port. Put the path into metrics_path and https into scheme',
        )
    }
  }
})

export type ScrapeConfig = z.output<typeof scrapeConfigSchema>
export type HttpConfig = Pick<ScrapeConfig, keyof typeof httpKeys>
export type TargetGroup = z.output<typeof targetGroupSchema>
