// How much is kept, against what may be, what was dropped, and what is made of it before.
import type { Metrics } from '../self/port.ts'
import type { RollupBuilder } from '../store/rollup-builder.ts'
import { rollupLevels } from '../store/tables/rollups.ts'
import type { Keeping } from './keeping.ts'
import type { Telemetry } from './telemetry.ts'

export function addRetentionMetrics(
  metrics: Metrics,
  { retention, keeping }: Pick<Telemetry, 'retention'> & { readonly keeping: Pick<Keeping, 'limits'> },
): void {
  const gauge = (name: string, help: string) =>
    metrics.gauge({ name: `tidewatch_store_${name}`, help, labels: ['signal'] })
  const bytes = gauge('kept_bytes', 'What the store holds of a signal, compressed, on disk.')
  const limit = gauge('kept_limit_bytes', 'What it may hold; absent where there is no limit.')
  const oldest = gauge('oldest_day_timestamp_seconds', 'Begin of the oldest day that is kept, in Unix seconds.')
  const over = gauge('kept_over_limit', '1 where the newest day alone takes more than the limit.')
  const dropped = metrics.counter({
    name: 'tidewatch_store_dropped_days_total',
    help: 'Days dropped, by why: beyond the age, or beyond the size.',
    labels: ['signal', 'reason'],
  })
  const held = gauge(
    'held_days',
    'Days beyond the limits that could not go yet: what has to be done before has failed.',
  )
  const told = new Map<string, number>()
  const follow = (signal: string, reason: string, now: number): void => {
    const key = `${signal} ${reason}`
    dropped.with(signal, reason).add(Math.max(0, now - (told.get(key) ?? 0)))
    told.set(key, now)
  }
  metrics.beforeRead(() => {
    for (const status of retention.status?.signals ?? []) {
      const { signal } = status
      const { sizeBytes } = keeping.limits(signal)
      bytes.with(signal).set(status.bytes)
      if (sizeBytes !== undefined) limit.with(signal).set(sizeBytes)
      if (status.oldestDayMs !== undefined) oldest.with(signal).set(status.oldestDayMs / 1000)
      over.with(signal).set(status.isOver ? 1 : 0)
      held.with(signal).set(status.heldDays)
      follow(signal, 'age', status.droppedByAge)
      follow(signal, 'size', status.droppedBySize)
    }
  })
}

export function addRollupMetrics(metrics: Metrics, rollups: Pick<RollupBuilder, 'counts' | 'waitingDays'>): void {
  const counter = (name: string, help: string) =>
    metrics.counter({ name: `tidewatch_rollup_${name}`, help, labels: ['level'] })
  const days = counter('days_total', 'Days of samples that were made rollups of, those made again included.')
  const seconds = counter('seconds_total', 'Time that took, pauses included.')
  const failures = counter('failures_total', 'Days that failed, and are tried again.')
  const waiting = metrics
    .gauge({ name: 'tidewatch_rollup_waiting_days', help: 'Days that are over and not all in the rollups yet.' })
    .with()
  const told = new Map(rollupLevels.map(({ name }) => [name, { days: 0, seconds: 0, failures: 0 }]))
  metrics.beforeRead(() => {
    waiting.set(rollups.waitingDays)
    for (const [level, before] of told) {
      const now = rollups.counts(level)
      days.with(level).add(now.days - before.days)
      seconds.with(level).add(now.seconds - before.seconds)
      failures.with(level).add(now.failures - before.failures)
      told.set(level, { ...now })
    }
  })
}
