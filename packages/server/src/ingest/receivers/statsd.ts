import { z } from 'zod'
import { durationFrom } from '../../config/port.ts'
import { defineListener } from '../port.ts'
import { listenAddress, networkList } from '../udp.ts'
import { StatsdServer } from './statsd/server.ts'

const bounds = (fallback: readonly number[]) =>
  z
    .array(z.number())
    .max(100)
    .refine((list) => list.every((bound, i) => i === 0 || bound > (list[i - 1] as number)), 'the bounds do not ascend.')
    .default([...fallback])

/** Those of Prometheus's clients, in seconds. */
const timerBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Of any unit: 1, 2.5 and 5 of each power of ten. */
const histogramBuckets = [0.01, 0.1, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 100_000, 1_000_000]

const config = z.strictObject({
  address: listenAddress('127.0.0.1:8125'),
  /** Who may send: there are no keys in StatsD. */
  networks: networkList(),
  flush_interval: durationFrom(1000).default(10_000),
  /** Metrics that nobody sent for so long end. */
  expire: durationFrom(1000).default(3_600_000),
  max_series: z.int().min(1).max(1_000_000).default(50_000),
  timer_buckets: bounds(timerBuckets),
  histogram_buckets: bounds(histogramBuckets),
})

export type StatsdConfig = z.output<typeof config>

/** StatsD over UDP with DogStatsD's tags: counters, gauges, timers, histograms, distributions, sets; names as statsd_exporter makes them. */
export const statsd = defineListener({
  kind: 'statsd',
  title: 'StatsD (UDP)',
  config,
  open: (options, parts) => StatsdServer.open(options, parts),
})
