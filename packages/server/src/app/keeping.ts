// How long and how much is kept: what tidewatch.yml says, else prometheus.yml (as newer Prometheus takes it), else --retention.
import type { ServeOptions } from '../config/port.ts'
import { retentionSection } from '../store/config.ts'
import type { RetentionLimits, RollupName, Signal } from '../store/port.ts'
import type { Configuration } from './configuration.ts'
import { prometheusRetention } from './retention-values.ts'

/** The limits in force; those of a configuration that is read again count from then on. */
export interface Keeping {
  limits(signal: Signal): RetentionLimits
  /** Rollups that are to be made, and how long each is kept, ms; undefined: for ever. */
  rollups(): ReadonlyMap<RollupName, number | undefined>
  follow(configuration: Configuration): void
}

const dayMs = 86_400_000
/** Of rollups; also of those that were made before and are not wanted any more. */
const rollupAgeMs: Readonly<Record<RollupName, number>> = { '5m': 90 * dayMs, '1h': 365 * dayMs }

export function createKeeping(first: Configuration, options: Pick<ServeOptions, 'retentionMs'>): Keeping {
  let limits = limitsOf(first, options)
  let wanted = wantedRollups(first)
  return {
    limits: (signal) => limits[signal],
    rollups: () => new Map(wanted.map((name) => [name, limits[`rollups_${name}`].ageMs])),
    follow(configuration) {
      limits = limitsOf(configuration, options)
      wanted = wantedRollups(configuration)
    },
  }
}

function limitsOf(
  configuration: Configuration,
  { retentionMs }: Pick<ServeOptions, 'retentionMs'>,
): Readonly<Record<Signal, RetentionLimits>> {
  const { metrics, rollups } = sectionOf(configuration)
  const prometheus = prometheusRetention(configuration.prometheus)
  const ofRollup = (name: RollupName): RetentionLimits =>
    limitsFrom(rollups[name]?.age ?? rollupAgeMs[name], rollups[name]?.size)
  return {
    metrics: limitsFrom(metrics.age ?? prometheus.ageMs ?? retentionMs, metrics.size ?? prometheus.sizeBytes),
    rollups_5m: ofRollup('5m'),
    rollups_1h: ofRollup('1h'),
  }
}

const limitsFrom = (age: number | 'off' | undefined, size: number | 'off' | undefined): RetentionLimits => ({
  ageMs: age === 'off' ? undefined : age,
  sizeBytes: size === 'off' ? undefined : size,
})

function wantedRollups(configuration: Configuration): RollupName[] {
  const { rollups } = sectionOf(configuration)
  return (['5m', '1h'] as const).filter((name) => name in rollups)
}

const sectionOf = (configuration: Configuration) =>
  configuration.sections.get(retentionSection.key) as ReturnType<(typeof retentionSection.schema)['parse']>
