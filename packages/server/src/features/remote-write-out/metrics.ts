// Own metrics under the names that dashboards and alerts for Prometheus's remote write ask for.
import type { Metrics } from '../../self/port.ts'
import type { DropReason, RecordKind, RemoteCounters } from './counters.ts'
import type { RemoteWriteStatus } from './remote-writes.ts'

const labels = ['remote_name', 'url']
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300]
const kinds: readonly RecordKind[] = ['samples', 'histograms', 'exemplars', 'metadata']
const reasons: readonly (readonly [DropReason, string])[] = [
  ['relabelled', 'dropped_series'],
  ['too_old', 'too_old'],
  ['behind', 'receiver_behind'],
  ['unknown_series', 'unintentionally_dropped_series'],
  ['exemplar_alone', 'exemplar_without_sample'],
]

export function addRemoteWriteMetrics(metrics: Metrics, status: () => readonly RemoteWriteStatus[]): void {
  const update = [...counterUpdates(metrics), ...gaugeUpdates(metrics)]
  const seconds = metrics.histogram({
    name: 'prometheus_remote_storage_sent_batch_duration_seconds',
    help: 'How long requests to the receiver took, failed ones too.',
    labels,
    buckets,
  })
  metrics.beforeRead(() => {
    for (const remote of status()) {
      for (const one of update) one(remote)
      const cell = seconds.with(...labelsOf(remote))
      for (const value of remote.counters.requestSeconds.splice(0)) cell.observe(value)
    }
  })
}

type Update = (remote: RemoteWriteStatus) => void

const labelsOf = ({ settings }: RemoteWriteStatus): [string, string] => [settings.name, shownUrl(settings.url)]

function counterUpdates(metrics: Metrics): Update[] {
  const prefix = 'prometheus_remote_storage'
  const dropped = metrics.counter({
    name: `${prefix}_samples_dropped_total`,
    help: 'Records that were read and not sent, by reason.',
    labels: [...labels, 'reason'],
  })
  const updates: Update[] = [
    counter(metrics, `${prefix}_bytes_total`, 'Bytes sent, compressed.', ({ sentBytes }) => sentBytes),
    ...kinds.flatMap((kind) => [
      counter(
        metrics,
        `${prefix}_${kind}_total`,
        `Of ${kind}, those that the receiver took.`,
        ({ sent }) => sent[kind],
      ),
      counter(
        metrics,
        `${prefix}_${kind}_failed_total`,
        `Of ${kind}, those that it refused.`,
        ({ failed }) => failed[kind],
      ),
      counter(
        metrics,
        `${prefix}_${kind}_retried_total`,
        `Of ${kind}, those sent again.`,
        ({ retried }) => retried[kind],
      ),
    ]),
  ]
  for (const [reason, shown] of reasons) {
    updates.push(
      following(
        (remote) => dropped.with(...labelsOf(remote), shown),
        ({ dropped: counts }) => counts[reason],
      ),
    )
  }
  return updates
}

function counter(metrics: Metrics, name: string, help: string, read: (counters: RemoteCounters) => number): Update {
  const family = metrics.counter({ name, help, labels })
  return following((remote) => family.with(...labelsOf(remote)), read)
}

/** Adds what has come since the last time. */
function following(
  cellOf: (remote: RemoteWriteStatus) => { add(amount: number): void },
  read: (counters: RemoteCounters) => number,
): Update {
  const told = new WeakMap<RemoteCounters, number>()
  return (remote) => {
    const now = read(remote.counters)
    cellOf(remote).add(now - (told.get(remote.counters) ?? 0))
    told.set(remote.counters, now)
  }
}

function gaugeUpdates(metrics: Metrics): Update[] {
  const gauges: [name: string, help: string, read: (remote: RemoteWriteStatus) => number][] = [
    ['samples_pending', 'Records in memory that are not answered for.', ({ counters }) => counters.pending],
    ['shards', 'Requests that are sent side by side.', ({ counters }) => counters.shards],
    ['shards_max', 'The most there may be.', ({ settings }) => settings.queue.maxShards],
    ['shards_min', 'The least there may be.', ({ settings }) => settings.queue.minShards],
    ['shard_capacity', 'Records that wait in a shard at most.', ({ settings }) => settings.queue.capacity],
    ['max_samples_per_send', 'Records of a request at most.', ({ settings }) => settings.queue.maxSamplesPerSend],
    [
      'queue_highest_timestamp_seconds',
      'Time of the newest sample that was read to be sent, in Unix seconds.',
      ({ counters }) => counters.highestReadMs / 1000,
    ],
    [
      'queue_highest_sent_timestamp_seconds',
      'Time of the newest sample that the receiver took, in Unix seconds.',
      ({ counters }) => counters.highestSentMs / 1000,
    ],
  ]
  return gauges.map(([name, help, read]) => {
    const family = metrics.gauge({ name: `prometheus_remote_storage_${name}`, help, labels })
    return (remote) => family.with(...labelsOf(remote)).set(read(remote))
  })
}

/** Without user, password and parameters. */
function shownUrl(text: string): string {
  const url = URL.parse(text)
  return url === null ? '' : `${url.origin}${url.pathname}`
}
