// Own metrics of parts that count for themselves and know nothing of a registry.

import type { QueryServiceOptions } from '../query/service.ts'
import type { Metrics } from '../self/port.ts'
import type { Telemetry } from './telemetry.ts'

/** Keeps a counter of ours equal to one that a part keeps. */
export function followCounter(metrics: Metrics, name: string, help: string, read: () => number): void {
  const counter = metrics.counter({ name, help }).with()
  let told = 0
  metrics.beforeRead(() => {
    const now = read()
    counter.add(Math.max(0, now - told))
    told = now
  })
}

/** The same of a gauge. */
export function followGauge(metrics: Metrics, name: string, help: string, read: () => number | undefined): void {
  const gauge = metrics.gauge({ name, help }).with()
  metrics.beforeRead(() => {
    const now = read()
    if (now !== undefined) gauge.set(now)
  })
}

/** Samples, spool, store, head and engine. */
export function addTelemetryMetrics(metrics: Metrics, telemetry: Telemetry, nowMs: () => number): void {
  const { acceptor, spool, loader, engine, head } = telemetry
  const counters: [name: string, help: string, read: () => number][] = [
    ['ingest_samples_total', 'Samples acknowledged.', () => acceptor.stats.samples],
    ['ingest_exemplars_total', 'Exemplars stored.', () => acceptor.stats.exemplars],
    [
      'ingest_refused_exemplars_total',
      'Exemplars left out for their times or for more than 128 characters of labels.',
      () => acceptor.stats.refusedExemplars,
    ],
    ['ingest_histograms_total', 'Native histograms acknowledged.', () => acceptor.stats.histograms],
    [
      'ingest_refused_histograms_total',
      'Native histograms refused since they are none: the sender was told which series and why.',
      () => acceptor.stats.refusedHistograms,
    ],
    ['ingest_batches_total', 'Requests and scrapes acknowledged.', () => acceptor.stats.batches],
    [
      'ingest_refused_too_old_total',
      'Samples refused since they are older than the retention.',
      () => acceptor.stats.refusedTooOld,
    ],
    [
      'ingest_refused_ahead_total',
      'Samples refused since they are too far ahead of the clock.',
      () => acceptor.stats.refusedTooFarAhead,
    ],
    ['store_rows_total', 'Rows loaded into the store.', () => loader.stats().rows],
    ['store_retries_total', 'Loads repeated since the store was away.', () => loader.stats().retries],
    ['engine_crashes_total', 'Ends of the engine that nobody asked for.', () => engine?.counters().crashes ?? 0],
    [
      'engine_cpu_seconds_total',
      'CPU time of the running engine, in seconds.',
      () => engine?.counters().cpuSeconds ?? 0,
    ],
  ]
  const gauges: [name: string, help: string, read: () => number | undefined][] = [
    ['head_series', 'Series in memory.', () => head.index.size],
    [
      'head_begin_timestamp_seconds',
      'From when on all samples are in memory, in Unix seconds; absent while none had to leave it.',
      () => (Number.isFinite(head.stats().beginMs) ? head.stats().beginMs / 1000 : undefined),
    ],
    ['head_sample_bytes', 'Memory of recent samples.', () => head.stats().sampleBytes],
    ['spool_bytes', 'Bytes that wait for the store.', () => spool.status().bytes],
    ['spool_segments', 'Segments that wait for the store.', () => spool.status().segments],
    [
      'spool_oldest_age_seconds',
      'Age of the oldest segment that waits for the store.',
      () => ageSeconds(spool.status().oldestAtMs, nowMs()),
    ],
    [
      'spool_set_aside_parts',
      'Parts that the store refused for their content, kept in the folder refused.',
      () => spool.status().setAside,
    ],
    ['engine_resident_memory_bytes', 'Resident memory of the engine in bytes.', () => engine?.counters().residentBytes],
  ]
  for (const [name, help, read] of counters) followCounter(metrics, `tidewatch_${name}`, help, read)
  for (const [name, help, read] of gauges) followGauge(metrics, `tidewatch_${name}`, help, read)
}

const ageSeconds = (sinceMs: number | undefined, nowMs: number): number =>
  sinceMs === undefined ? 0 : Math.max(0, (nowMs - sinceMs) / 1000)

/** What became of queries; returns what the query service tells. */
export function addQueryMetrics(metrics: Metrics): Pick<Required<QueryServiceOptions>, 'onOutcome' | 'onReuse'> {
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
  const reused = metrics.counter({
    name: 'tidewatch_query_reuse_total',
    help: 'Range queries by how much of their answer was kept from an earlier one: all, part, none.',
    labels: ['share'],
  })
  return {
    onOutcome: ({ kind, outcome, seconds: took }) => {
      seconds.with(kind).observe(took)
      ends.with(kind, outcome).add()
    },
    onReuse: (share) => reused.with(share).add(),
  }
}

/** How busy the query workers are: what runs in them, and what waits for its turn. */
export function addQueryLoadMetrics(
  metrics: Metrics,
  load: () => { readonly running: number; readonly waiting: number },
): void {
  followGauge(metrics, 'tidewatch_queries_running', 'Queries in the query workers now.', () => load().running)
  followGauge(metrics, 'tidewatch_queries_waiting', 'Queries that wait for a query worker.', () => load().waiting)
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
