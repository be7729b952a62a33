// remote_write: prometheus.io/docs/prometheus/latest/configuration/configuration/#remote_write
import { createHash } from 'node:crypto'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'
import type { RemoteSettings } from './port.ts'

const durationMs = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = parseDurationMs(String(value))
  if (ms !== undefined) return ms
  context.addIssue({ code: 'custom', message: 'not a duration. Write one such as 30s' })
  return z.NEVER
})

const queueSchema = z.strictObject({
  capacity: z.number().int().default(10_000),
  max_shards: z.number().int().default(50),
  min_shards: z.number().int().default(1),
  max_samples_per_send: z.number().int().default(2000),
  /** Without effect: a closed segment of the spool is sent whole, its last batch too. */
  batch_send_deadline: durationMs.default(5000),
  min_backoff: durationMs.default(30),
  max_backoff: durationMs.default(5000),
  retry_on_http_429: z.boolean().default(false),
  sample_age_limit: durationMs.default(0),
})

const metadataSchema = z.strictObject({
  send: z.boolean().default(true),
  send_interval: durationMs.default(60_000),
  max_samples_per_send: z.number().int().default(2000),
})

/** Ways to sign requests that are Prometheus's and not ours: a receiver that needs one would refuse everything. */
const missingKeys = ['sigv4', 'azuread', 'google_iam'] as const

const keys = {
  url: z.string().min(1),
  remote_timeout: durationMs.default(30_000),
  headers: z.record(z.string(), z.string()).optional(),
  name: z.string().optional(),
  send_exemplars: z.boolean().default(false),
  send_native_histograms: z.boolean().default(false),
  /** Without effect: names are looked up anew for each connection. */
  round_robin_dns: z.boolean().default(false),
  protobuf_message: z
    .enum(['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'])
    .default('prometheus.WriteRequest'),
  queue_config: queueSchema.prefault({}),
  metadata_config: metadataSchema.prefault({}),
  sigv4: z.unknown().optional(),
  azuread: z.unknown().optional(),
  google_iam: z.unknown().optional(),
}

/** The list, around the schemas of the folders that own clients and relabelling. */
export function remoteWriteSchema<Http extends z.ZodRawShape, Rules>(parts: {
  readonly http: Http
  readonly relabelRules: z.ZodType<Rules>
}) {
  const one = z
    .strictObject({ ...keys, ...parts.http, write_relabel_configs: parts.relabelRules })
    .superRefine((config, context) => {
      const given: Readonly<Record<string, unknown>> = config
      for (const key of missingKeys)
        if (given[key] !== undefined && given[key] !== null)
          context.addIssue({ code: 'custom', path: [key], message: missingWay(key) })
    })
  return z
    .array(one)
    .nullish()
    .transform((value) => value ?? [])
}

function missingWay(key: string): string {
  return `requests cannot be signed by ${key} here. Send through a proxy that signs them, or use basic_auth, authorization or oauth2.`
}

type RemoteConfig = z.output<z.ZodObject<typeof keys>>

/** The settings of checked configurations. `http` and `rules` pick what belongs to other folders. */
export function remoteSettings<Config extends RemoteConfig, Http, Rule>(
  configs: readonly Config[],
  pick: { readonly http: (config: Config) => Http; readonly rules: (config: Config) => readonly Rule[] },
): readonly RemoteSettings<Http, Rule>[] {
  const taken = new Map<string, number>()
  return configs.map((config) => {
    const name = config.name === undefined || config.name === '' ? undefined : config.name
    const hash = createHash('sha256')
      .update(name ?? config.url)
      .digest('hex')
      .slice(0, 12)
    const count = (taken.get(hash) ?? 0) + 1
    taken.set(hash, count)
    const id = count === 1 ? hash : `${hash}-${count}`
    const { queue_config: queue, metadata_config: metadata } = config
    return {
      id,
      name: name ?? id.slice(0, 6) + id.slice(12),
      url: config.url,
      timeoutMs: config.remote_timeout,
      headers: config.headers ?? {},
      relabelRules: pick.rules(config),
      sendExemplars: config.send_exemplars,
      sendHistograms: config.send_native_histograms,
      message: config.protobuf_message === 'prometheus.WriteRequest' ? '1.0' : '2.0',
      queue: {
        capacity: Math.max(1, queue.capacity),
        maxShards: Math.max(1, Math.min(maxShards, queue.max_shards)),
        minShards: Math.max(1, Math.min(maxShards, queue.min_shards)),
        maxSamplesPerSend: Math.max(1, Math.min(maxSamples, queue.max_samples_per_send)),
        minBackoffMs: Math.max(1, queue.min_backoff),
        maxBackoffMs: Math.max(1, queue.max_backoff),
        retryOn429: queue.retry_on_http_429,
        sampleAgeLimitMs: queue.sample_age_limit,
      },
      metadata: {
        send: metadata.send,
        everyMs: Math.max(1000, metadata.send_interval),
        maxPerSend: Math.max(1, metadata.max_samples_per_send),
      },
      http: pick.http(config),
    }
  })
}

/** Bounds of what waits in memory, whatever the file says. */
const maxShards = 200
const maxSamples = 100_000
