// What of a prometheus.yml runs here, out of values that its forms have checked and filled in. The parts that other folders own come in from app as schemas.
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { durationAdvice } from '@tidewatch/yaml/duration-advice.ts'
import { z } from 'zod'

/** A Prometheus duration, to milliseconds. */
export function duration(): z.ZodType<number> {
  return z.union([z.string(), z.number()]).transform((value, context) => {
    const text = String(value)
    const ms = parseDurationMs(text)
    if (ms === undefined) context.addIssue({ code: 'custom', message: durationAdvice(text) })
    return ms ?? 0
  }) as unknown as z.ZodType<number>
}

const labelMap = z.record(z.string(), z.string())

/** `global`, with Prometheus's defaults. */
export const globalSchema = z.strictObject({
  scrape_interval: duration().default(60_000),
  scrape_timeout: duration().optional(),
  scrape_protocols: z.array(z.string()).optional(),
  evaluation_interval: duration().default(60_000),
  rule_query_offset: duration().default(0),
  external_labels: labelMap.default({}),
  query_log_file: z.string().optional(),
  scrape_failure_log_file: z.string().optional(),
  body_size_limit: z.union([z.string(), z.number()]).optional(),
  sample_limit: z.number().min(0).optional(),
  label_limit: z.number().min(0).optional(),
  label_name_length_limit: z.number().min(0).optional(),
  label_value_length_limit: z.number().min(0).optional(),
  target_limit: z.number().min(0).optional(),
  keep_dropped_targets: z.number().min(0).optional(),
  metric_name_validation_scheme: z.string().optional(),
  metric_name_escaping_scheme: z.string().optional(),
  convert_classic_histograms_to_nhcb: z.boolean().optional(),
  always_scrape_classic_histograms: z.boolean().optional(),
  scrape_native_histograms: z.boolean().optional(),
  extra_scrape_metrics: z.boolean().optional(),
})

export type GlobalConfig = z.infer<typeof globalSchema>

const nameList = z
  .array(z.string())
  .nullish()
  .transform((value): readonly string[] => value ?? [])

/** `otlp`, with Prometheus's defaults; its form has checked what fits together. */
const otlpSchema = z.strictObject({
  translation_strategy: z.string().default(''),
  promote_all_resource_attributes: z.boolean().default(false),
  promote_resource_attributes: nameList,
  ignore_resource_attributes: nameList,
  keep_identifying_resource_attributes: z.boolean().default(false),
  convert_histograms_to_nhcb: z.boolean().default(false),
  promote_scope_metadata: z.boolean().default(false),
  label_name_underscore_sanitization: z.boolean().default(true),
  label_name_preserve_multiple_underscores: z.boolean().default(true),
})

export type OtlpConfig = z.infer<typeof otlpSchema>

/** The whole file around a schema for one scrape configuration. */
export function prometheusSchema<Scrape, RemoteWrites>(
  scrape: z.ZodType<Scrape>,
  remoteWrites: z.ZodType<RemoteWrites>,
) {
  return z.strictObject({
    global: z.preprocess((value) => value ?? {}, globalSchema).default(() => globalSchema.parse({})),
    rule_files: z
      .array(z.string())
      .nullish()
      .transform((value) => value ?? []),
    scrape_config_files: z
      .array(z.string())
      .nullish()
      .transform((value) => value ?? []),
    scrape_configs: z
      .array(scrape)
      .nullish()
      .transform((value) => value ?? []),
    // of these Tidewatch takes the place, or they belong to Prometheus's own storage; `check` tells so
    alerting: z.unknown().optional(),
    storage: z.unknown().optional(),
    tracing: z.unknown().optional(),
    remote_write: remoteWrites,
    remote_read: z.unknown().optional(),
    otlp: otlpSchema.optional(),
    runtime: z.unknown().optional(),
  })
}
