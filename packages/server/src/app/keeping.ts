// How long and how much is kept: what tidewatch.yml says, else prometheus.yml (as newer Prometheus takes it) or, for logs, the page, else --retention.
import type { ServeOptions } from '../config/port.ts'
import type { LogKeeping } from '../ingest/port.ts'
import { type LogClass, retentionSection, type WrittenLogRetention } from '../store/config.ts'
import type { RetentionLimits, RollupName, Signal } from '../store/port.ts'
import type { Configuration } from './configuration.ts'
import { logKeeping } from './log-keeping.ts'
import { prometheusRetention } from './retention-values.ts'

/** The limits in force; those of a configuration that is read again count from then on. */
export interface Keeping {
  limits(signal: Signal): RetentionLimits
  /** Rollups that are to be made, and how long each is kept, ms; undefined: for ever. */
  rollups(): ReadonlyMap<RollupName, number | undefined>
  /** Of lines of logs; the same object until a configuration is read again. */
  logs(): LogKeeping
  /** By which lines are kept, in their order. */
  logClasses(): readonly LogClass[]
  /** What of logs would be in force with other settings of the page. */
  logsWith(own: WrittenLogRetention): LogLimits
  /** What tidewatch.yml says of logs, which goes before the page. */
  readonly writtenLogs: WrittenLogRetention
  follow(configuration: Configuration): void
  /** Settings of the page count from then on. */
  settle(own: WrittenLogRetention): void
}

export interface LogLimits {
  readonly limits: RetentionLimits
  readonly classes: readonly LogClass[]
}

const dayMs = 86_400_000
/** Of rollups; also of those that were made before and are not wanted any more. */
const rollupAgeMs: Readonly<Record<RollupName, number>> = { '5m': 90 * dayMs, '1h': 365 * dayMs }

export function createKeeping(first: Configuration, options: Pick<ServeOptions, 'retentionMs'>): Keeping {
  let configuration = first
  let own: WrittenLogRetention = {}
  const logsWith = (settings: WrittenLogRetention): LogLimits => {
    const { logs: written } = sectionOf(configuration)
    return {
      limits: limitsFrom(written.age ?? settings.age ?? options.retentionMs, written.size ?? settings.size),
      classes: written.classes ?? settings.classes ?? [],
    }
  }
  const inForce = () => {
    const { limits: ofLogs, classes } = logsWith(own)
    return {
      ...{ limits: { ...limitsOf(configuration, options), logs: ofLogs }, classes },
      ...{ logs: logKeeping(classes, () => ofLogs), rollups: wantedRollups(configuration) },
    }
  }
  let now = inForce()
  return {
    limits: (signal) => now.limits[signal],
    logs: () => now.logs,
    logClasses: () => now.classes,
    rollups: () => new Map(now.rollups.map((name) => [name, now.limits[`rollups_${name}`].ageMs])),
    logsWith,
    get writtenLogs() {
      return sectionOf(configuration).logs
    },
    follow(changed) {
      configuration = changed
      now = inForce()
    },
    settle(settings) {
      own = settings
      now = inForce()
    },
  }
}

function limitsOf(
  configuration: Configuration,
  { retentionMs }: Pick<ServeOptions, 'retentionMs'>,
): Readonly<Record<Exclude<Signal, 'logs'>, RetentionLimits>> {
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
