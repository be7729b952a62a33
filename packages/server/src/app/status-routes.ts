// What runs here, as Prometheus's status API tells it. https://prometheus.io/docs/prometheus/latest/querying/api/#status
import { availableParallelism, hostname } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import type { Clock } from '@tidewatch/core/clock.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { defineRoute, type Route } from '../http/port.ts'
import type { TidewatchServer } from './server.ts'

export interface StatusRoutesOptions {
  readonly configuration: Pick<TidewatchServer['configuration'], 'lastReload'>
  /** Undefined: everything is kept. */
  readonly retentionMs: number | undefined
  readonly clock: Clock
}

export function createStatusRoutes(options: StatusRoutesOptions): Route[] {
  const startMs = options.clock.nowMs() - process.uptime() * 1000
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/status/runtimeinfo',
      permission: 'view',
      errors: 'prometheus',
      summary: 'Since when it runs, where, and when the configuration was read',
      handle: () => ({ body: { status: 'success', data: runtimeInfo(startMs, options) } }),
    }),
  ]
}

/** What only a Go program has (goroutines, GOGC) is left out; the limits of threads and memory are Node's. */
function runtimeInfo(startMs: number, { configuration, retentionMs, clock }: StatusRoutesOptions): object {
  const { atMs, result } = configuration.lastReload
  return {
    startTime: timeText(startMs),
    CWD: process.cwd(),
    hostname: hostname(),
    serverTime: timeText(clock.nowMs()),
    reloadConfigSuccess: result.ok,
    lastConfigTime: timeText(atMs),
    GOMAXPROCS: availableParallelism(),
    GOMEMLIMIT: getHeapStatistics().heap_size_limit,
    storageRetention: retentionMs === undefined ? '' : formatDurationMs(retentionMs),
  }
}

const timeText = (ms: number): string => new Date(ms).toISOString()
