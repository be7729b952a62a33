import type { OtlpConfig } from '../config/prometheus.ts'
import type { OtlpSettings } from '../ingest/port.ts'

const known = new WeakMap<OtlpConfig, OtlpSettings>()

/** As Prometheus has them where prometheus.yml says nothing. */
const usual: OtlpSettings = {
  escapes: true,
  addsSuffixes: true,
  guardsUnderscore: true,
  keepsUnderscores: true,
  promotes: new Set(),
  ignores: new Set(),
  keepsIdentifying: false,
  makesCustomBuckets: false,
  promotesScope: false,
}

/** `otlp` of prometheus.yml as the receiver takes it; the same object for the same configuration. */
export function otlpSettings(config: OtlpConfig | undefined): OtlpSettings {
  if (config === undefined) return usual
  const made = known.get(config) ?? settingsOf(config)
  known.set(config, made)
  return made
}

function settingsOf(config: OtlpConfig): OtlpSettings {
  const strategy = config.translation_strategy || 'UnderscoreEscapingWithSuffixes'
  return {
    escapes: strategy.startsWith('UnderscoreEscaping'),
    addsSuffixes: strategy.endsWith('WithSuffixes'),
    guardsUnderscore: config.label_name_underscore_sanitization,
    keepsUnderscores: config.label_name_preserve_multiple_underscores,
    promotes: config.promote_all_resource_attributes ? 'all' : new Set(config.promote_resource_attributes),
    ignores: new Set(config.ignore_resource_attributes),
    keepsIdentifying: config.keep_identifying_resource_attributes,
    makesCustomBuckets: config.convert_histograms_to_nhcb,
    promotesScope: config.promote_scope_metadata,
  }
}
