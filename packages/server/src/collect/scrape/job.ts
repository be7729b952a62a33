// A scrape configuration with the file's globals worked in: what pool, loop and client go by.
import { createHash } from 'node:crypto'
import { Secret } from '@tidewatch/core/secret.ts'
import type { DnsDiscoveryConfig, HttpDiscoveryConfig, ScrapeConfig, ScrapeProtocol, TargetGroup } from '../config.ts'
import { byteSize } from '../config-values.ts'
import type { HistogramForms } from '../exposition/metric-families.ts'
import { type HttpConfig, httpConfigOf } from '../http-config/port.ts'
import { compileRelabel, type Relabel, type RelabelRule } from '../relabel.ts'

export interface ScrapeJob {
  readonly name: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly metricsPath: string
  readonly scheme: string
  readonly params: Readonly<Record<string, readonly string[]>>
  readonly honorLabels: boolean
  readonly honorTimestamps: boolean
  readonly trackTimestampsStaleness: boolean
  readonly enableCompression: boolean
  readonly extraMetrics: boolean
  readonly protocols: readonly ScrapeProtocol[]
  readonly fallbackProtocol: ScrapeProtocol | undefined
  /** How targets are asked to write names that are not legacy ones; as protocols have it. */
  readonly nameEscaping: string
  /** Names that only quotes make possible are no failure. */
  readonly utf8Names: boolean
  readonly histograms: HistogramOptions
  /** Counters get a sample of zero where they say that they began. */
  readonly zeroSamples: boolean
  readonly http: HttpConfig
  readonly limits: ScrapeLimits
  readonly groups: readonly TargetGroup[]
  readonly discoveries: Discoveries
  readonly relabelRules: readonly RelabelRule[]
  readonly relabel: Relabel
  readonly metricRelabel: Relabel
  /** Relative file names are relative to this. */
  readonly baseDir: string
  /** Equal for jobs whose series come out alike: a change makes known series be read again. */
  readonly seriesKey: string
  /** Equal for jobs whose targets are asked alike. */
  readonly clientKey: string
}

/** What becomes of histograms. */
export interface HistogramOptions {
  /** Which form is taken where a target has both. */
  readonly forms: HistogramForms
  /** Classic ones are made native ones with their own bounds; with `both` they are kept beside. */
  readonly convertClassic: boolean
  readonly keepClassic: boolean
  /** Buckets that a native histogram may have; it is made coarser until it fits. 0: any number. */
  readonly bucketLimit: number
  /** The finest schema, by how much a bucket's bound must at least be above the one before. */
  readonly maxSchema: number
}

/** 0 is no limit. */
export interface ScrapeLimits {
  readonly bodyBytes: number
  readonly samples: number
  readonly labels: number
  readonly labelNameLength: number
  readonly labelValueLength: number
  readonly targets: number
  readonly keptDropped: number
}

/** Where a job's targets come from, beside those that stand in it. */
export interface Discoveries {
  readonly files: readonly FileDiscovery[]
  readonly http: readonly HttpDiscoveryConfig[]
  readonly dns: readonly DnsDiscoveryConfig[]
}

export interface FileDiscovery {
  readonly files: readonly string[]
  readonly refreshMs: number
}

/** What of `global` a scrape configuration falls back to. */
export interface ScrapeGlobals {
  readonly scrape_interval: number
  readonly scrape_timeout?: number | undefined
  readonly scrape_protocols?: readonly string[] | undefined
  readonly body_size_limit?: string | number | undefined
  readonly sample_limit?: number | undefined
  readonly label_limit?: number | undefined
  readonly label_name_length_limit?: number | undefined
  readonly label_value_length_limit?: number | undefined
  readonly target_limit?: number | undefined
  readonly keep_dropped_targets?: number | undefined
  readonly extra_scrape_metrics?: boolean | undefined
  readonly scrape_native_histograms?: boolean | undefined
  readonly always_scrape_classic_histograms?: boolean | undefined
  readonly convert_classic_histograms_to_nhcb?: boolean | undefined
  readonly metric_name_validation_scheme?: string | undefined
  readonly metric_name_escaping_scheme?: string | undefined
  /** No key of prometheus.yml, where a flag says it: `start_timestamps` of tidewatch.yml. */
  readonly zeroSamples?: boolean | undefined
}

/** Prometheus knows no bound of its own; without one an endless body would fill the memory before its time is over. */
export const defaultBodyBytes = 64 << 20
const defaultTimeoutMs = 10_000
const defaultProtocols: readonly ScrapeProtocol[] = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
]

/** The jobs of checked configurations. */
export function resolveScrapeJobs(
  globals: ScrapeGlobals,
  configs: readonly ScrapeConfig[],
  baseDir: string,
): readonly ScrapeJob[] {
  return configs.map((config) => resolveJob(globals, config, baseDir))
}

function resolveJob(globals: ScrapeGlobals, config: ScrapeConfig, baseDir: string): ScrapeJob {
  const intervalMs = config.scrape_interval ?? globals.scrape_interval
  const http = httpConfigOf(config)
  const limits = resolveLimits(globals, config)
  const histograms = resolveHistograms(globals, config)
  return {
    name: config.job_name,
    intervalMs,
    timeoutMs: config.scrape_timeout ?? Math.min(intervalMs, globals.scrape_timeout ?? defaultTimeoutMs),
    metricsPath: config.metrics_path,
    scheme: config.scheme,
    params: config.params,
    honorLabels: config.honor_labels,
    honorTimestamps: config.honor_timestamps,
    trackTimestampsStaleness: config.track_timestamps_staleness,
    enableCompression: config.enable_compression,
    extraMetrics: config.extra_scrape_metrics ?? globals.extra_scrape_metrics ?? false,
    protocols: resolveProtocols(globals, config),
    fallbackProtocol: config.fallback_scrape_protocol,
    ...resolveNames(globals, config),
    histograms,
    zeroSamples: globals.zeroSamples ?? false,
    http,
    limits,
    groups: config.static_configs,
    discoveries: {
      files: config.file_sd_configs.map(({ files, refresh_interval: refreshMs }) => ({ files, refreshMs })),
      http: config.http_sd_configs,
      dns: config.dns_sd_configs,
    },
    relabelRules: config.relabel_configs,
    relabel: compileRelabel(config.relabel_configs),
    metricRelabel: compileRelabel(config.metric_relabel_configs),
    baseDir,
    seriesKey: keyOf([
      config.metric_relabel_configs,
      config.honor_labels,
      limits,
      config.metric_name_validation_scheme,
      histograms.convertClassic,
      histograms.keepClassic,
      globals.zeroSamples,
    ]),
    clientKey: keyOf([http, baseDir, resolveProtocols(globals, config), resolveNames(globals, config)]),
  }
}

function resolveNames(
  globals: ScrapeGlobals,
  config: ScrapeConfig,
): { readonly nameEscaping: string; readonly utf8Names: boolean } {
  const scheme = config.metric_name_validation_scheme ?? globals.metric_name_validation_scheme
  const utf8Names = scheme !== 'legacy'
  const written = config.metric_name_escaping_scheme ?? globals.metric_name_escaping_scheme
  return { utf8Names, nameEscaping: written || (utf8Names ? 'allow-utf-8' : 'underscores') }
}

function resolveHistograms(globals: ScrapeGlobals, config: ScrapeConfig): HistogramOptions {
  const takesNative = config.scrape_native_histograms ?? globals.scrape_native_histograms ?? false
  const keepClassic = config.always_scrape_classic_histograms ?? globals.always_scrape_classic_histograms ?? false
  return {
    forms: takesNative ? (keepClassic ? 'both' : 'native') : 'classic',
    convertClassic: config.convert_classic_histograms_to_nhcb ?? globals.convert_classic_histograms_to_nhcb ?? false,
    keepClassic,
    bucketLimit: config.native_histogram_bucket_limit ?? 0,
    maxSchema: schemaOfFactor(config.native_histogram_min_bucket_factor ?? 0),
  }
}

/** The finest schema whose buckets grow by at least the factor; 8, the finest of all, where none is set. */
function schemaOfFactor(factor: number): number {
  if (factor <= 1) return 8
  return Math.max(-4, Math.min(8, Math.floor(-Math.log2(Math.log2(factor)))))
}

function resolveLimits(globals: ScrapeGlobals, config: ScrapeConfig): ScrapeLimits {
  const bodyBytes = config.body_size_limit ?? byteSize.parse(globals.body_size_limit ?? 0)
  return {
    bodyBytes: bodyBytes === 0 ? defaultBodyBytes : bodyBytes,
    samples: config.sample_limit ?? globals.sample_limit ?? 0,
    labels: config.label_limit ?? globals.label_limit ?? 0,
    labelNameLength: config.label_name_length_limit ?? globals.label_name_length_limit ?? 0,
    labelValueLength: config.label_value_length_limit ?? globals.label_value_length_limit ?? 0,
    targets: config.target_limit ?? globals.target_limit ?? 0,
    keptDropped: config.keep_dropped_targets ?? globals.keep_dropped_targets ?? 0,
  }
}

/** Clients tell when counters began by protobuf first of all, so that comes first, unless other protocols than the usual ones are listed. */
function resolveProtocols(globals: ScrapeGlobals, config: ScrapeConfig): readonly ScrapeProtocol[] {
  const written = config.scrape_protocols ?? globalProtocols(globals) ?? defaultProtocols
  const isUsual = written.length === defaultProtocols.length && written.every((one, i) => one === defaultProtocols[i])
  return globals.zeroSamples === true && isUsual ? ['PrometheusProto', ...written] : written
}

function globalProtocols(globals: ScrapeGlobals): readonly ScrapeProtocol[] | undefined {
  const known = globals.scrape_protocols?.filter((name): name is ScrapeProtocol => protocolNames.has(name))
  return known === undefined || known.length === 0 ? undefined : known
}

const protocolNames: ReadonlySet<string> = new Set(['PrometheusProto', ...defaultProtocols])

/** A digest, so that secrets tell keys apart and stand in none. */
export function keyOf(value: unknown): string {
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key, item) {
    const raw = this[key]
    if (raw instanceof Secret) return raw.reveal()
    return typeof item === 'bigint' ? String(item) : item
  })
  return createHash('sha256').update(text).digest('hex')
}
