// How long and how much is kept: what tidewatch.yml says, else prometheus.yml (as newer Prometheus takes it), else --retention.
import type { ServeOptions } from '../config/port.ts'
import { retentionSection } from '../store/config.ts'
import type { RetentionLimits, Signal } from '../store/port.ts'
import type { Configuration } from './configuration.ts'
import { prometheusRetention } from './retention-values.ts'

/** The limits in force; those of a configuration that is read again count from then on. */
export interface Keeping {
  limits(signal: Signal): RetentionLimits
  follow(configuration: Configuration): void
}

export function createKeeping(first: Configuration, options: Pick<ServeOptions, 'retentionMs'>): Keeping {
  let limits = limitsOf(first, options)
  return {
    limits: (signal) => limits[signal],
    follow(configuration) {
      limits = limitsOf(configuration, options)
    },
  }
}

function limitsOf(
  configuration: Configuration,
  { retentionMs }: Pick<ServeOptions, 'retentionMs'>,
): Readonly<Record<Signal, RetentionLimits>> {
  const { metrics } = configuration.sections.get(retentionSection.key) as ReturnType<
    (typeof retentionSection.schema)['parse']
  >
  const prometheus = prometheusRetention(configuration.prometheus)
  const age = metrics.age ?? prometheus.ageMs ?? retentionMs
  const size = metrics.size ?? prometheus.sizeBytes
  return { metrics: { ageMs: age === 'off' ? undefined : age, sizeBytes: size === 'off' ? undefined : size } }
}
