// Own metrics of parts that count for themselves and know nothing of a registry.

import type { QueryOutcome } from '../query/service.ts'
import type { Metrics } from '../self/port.ts'
import type { Telemetry } from './telemetry.ts'

/** Keeps a counter of ours equal to one that a part keeps. */
function followCounter(metrics: Metrics, name: string, help: string, read: () => number): void {
  const counter = metrics.counter({ name, help }).with()
  let told = 0
  metrics.beforeRead(() => {
    const now = read()
    counter.add(Math.max(0, now - told))
    told = now
  })
}

function followGauge(metrics: Metrics, name: string, help: string, read: () => number | undefined): void {
  const gauge = metrics.gauge({ name, help }).with()
  metrics.beforeRead(() => {
    const now = read()
    if (now !== undefined) gauge.set(now)
  })
}

export function addTelemetryMetrics(
  metrics: Metrics,
  { acceptor, spool, loader, engine, head }: Telemetry,
  nowMs: () => number,
): void {
  followCounter(metrics, 'tidewatch_ingest_samples_total', 'Samples acknowledged.', () => acceptor.stats.samples)
  followCounter(
    metrics,
    'tidewatch_ingest_batches_total',
    'Requests and scrapes acknowledged.',
    () => acceptor.stats.batches,
  )
  followCounter(
    metrics,
    'tidewatch_ingest_refused_too_old_total',
    'Samples refused since they are older than the retention.',
    () => acceptor.stats.refusedTooOld,
  )
  followCounter(
    metrics,
    'tidewatch_ingest_refused_ahead_total',
    'Samples refused since they are too far ahead of the clock.',
    () => acceptor.stats.refusedTooFarAhead,
  )
  followGauge(metrics, 'tidewatch_head_series', 'Series in memory.', () => head.index.size)
  followGauge(metrics, 'tidewatch_spool_bytes', 'Bytes that wait for the store.', () => spool.status().bytes)
  followGauge(metrics, 'tidewatch_spool_segments', 'Segments that wait for the store.', () => spool.status().segments)
  followGauge(
    metrics,
    'tidewatch_spool_oldest_age_seconds',
    'Age of the oldest segment that waits for the store.',
    () => {
      const { oldestAtMs } = spool.status()
      return oldestAtMs === undefined ? 0 : Math.max(0, (nowMs() - oldestAtMs) / 1000)
    },
  )
  followGauge(
    metrics,
    'tidewatch_spool_set_aside_parts',
    'Parts that the store refused for their content, kept in the folder refused.',
    () => spool.status().setAside,
  )
  followCounter(metrics, 'tidewatch_store_rows_total', 'Rows loaded into the store.', () => loader.stats().rows)
  followCounter(
    metrics,
    'tidewatch_store_retries_total',
    'Loads repeated since the store was away.',
    () => loader.stats().retries,
  )
  if (engine === undefined) return
  followCounter(
    metrics,
    'tidewatch_engine_crashes_total',
    'Ends of the engine that nobody asked for.',
    () => engine.counters().crashes,
  )
  followGauge(
    metrics,
    'tidewatch_engine_resident_memory_bytes',
    'Resident memory of the engine in bytes.',
    () => engine.counters().residentBytes,
  )
  followCounter(
    metrics,
    'tidewatch_engine_cpu_seconds_total',
    'CPU time of the running engine, in seconds.',
    () => engine.counters().cpuSeconds ?? 0,
  )
}

/** What became of queries; returns what the query service tells. */
export function addQueryMetrics(metrics: Metrics): (outcome: QueryOutcome) => void {
  const buckets = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60]
  const seconds = metrics.histogram({
    name: 'tidewatch_query_duration_seconds',
    help: 'Time from a query to its answer, waiting included.',
    labels: ['kind'],
    buckets,
  })
  const ends = metrics.counter({
    name: 'tidewatch_queries_total',
    help: 'Queries by kind and outcome.',
    labels: ['kind', 'outcome'],
  })
  return ({ kind, outcome, seconds: took }) => {
    seconds.with(kind).observe(took)
    ends.with(kind, outcome).add()
  }
}

/** Prometheus's names for them, ours before. */
export function addConfigMetrics(
  metrics: Metrics,
  holder: { readonly lastReload: { readonly atMs: number; readonly result: { readonly ok: boolean } } },
): void {
  let successAtMs = holder.lastReload.atMs
  followGauge(
    metrics,
    'tidewatch_config_last_reload_successful',
    'Whether the last reading of the configuration went well.',
    () => (holder.lastReload.result.ok ? 1 : 0),
  )
  followGauge(
    metrics,
    'tidewatch_config_last_reload_success_timestamp_seconds',
    'When the configuration was last read well, in Unix seconds.',
    () => {
      if (holder.lastReload.result.ok) successAtMs = holder.lastReload.atMs
      return successAtMs / 1000
    },
  )
}
