// What runs here, as Prometheus's status API tells it. https://prometheus.io/docs/prometheus/latest/querying/api/#status
import { availableParallelism, hostname } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { formatByteSize } from '@tidewatch/core/byte-size.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { compileLabelRegex } from '@tidewatch/core/regexp.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import type { ServeOptions } from '../config/port.ts'
import type { TsdbStatus } from '../features/cardinality/port.ts'
import { defineRoute, type RequestContext, type Route } from '../http/port.ts'
import type { Metrics } from '../self/port.ts'
import type { DayBlock } from '../store/day-blocks.ts'
import type { RetentionLimits } from '../store/port.ts'
import { flagValues } from './flags.ts'
import type { Keeping } from './keeping.ts'
import { metricFamiliesJson } from './self-metrics.ts'
import type { TidewatchServer } from './server.ts'

export interface StatusRoutesOptions {
  readonly configuration: Pick<TidewatchServer['configuration'], 'lastReload'>
  readonly options: ServeOptions
  readonly keeping: Pick<Keeping, 'limits'>
  readonly cardinality: TsdbStatus
  readonly blocks: (options: { readonly signal: AbortSignal }) => Promise<readonly DayBlock[]>
  readonly metrics: Pick<Metrics, 'render'>
  readonly clock: Clock
}

export function createStatusRoutes(options: StatusRoutesOptions): Route[] {
  const startMs = options.clock.nowMs() - process.uptime() * 1000
  const status = (name: string, summary: string, data: (context: RequestContext) => unknown): Route =>
    defineRoute({
      method: 'GET',
      path: `/api/v1/status/${name}`,
      permission: 'view',
      errors: 'prometheus',
      summary,
      handle: async (context) => ({ body: { status: 'success', data: await data(context) } }),
    })
  return [
    status('runtimeinfo', 'Since when it runs, where, and when the configuration was read', () =>
      runtimeInfo(startMs, options),
    ),
    status('flags', 'What it was started with', () => flagValues(options.options, options.keeping.limits('metrics'))),
    status('tsdb', 'Series, labels and values with the most of them', (context) => tsdb(context, options)),
    status('tsdb/blocks', 'What of the samples is on disk, by days', async ({ signal }) => ({
      blocks: (await options.blocks({ signal })).map(blockJson),
    })),
    status('self_metrics', "The server's own metrics as JSON", ({ query }) =>
      metricFamiliesJson(options.metrics.render(), namePattern(query)),
    ),
    // requests are answered once what the last run left was read
    status('walreplay', 'How far the reading of what the last run left has come', () => ({
      ...{ min: 0, max: 0, current: 0, state: 'done' },
    })),
  ]
}

const maxTsdbLimit = 10_000

function tsdb({ query, identity, signal }: RequestContext, { cardinality }: StatusRoutesOptions): Promise<object> {
  const text = oneOf(query, 'limit') ?? '10'
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > maxTsdbLimit)
    throw new AppError('http.invalid', `limit must be a positive number of at most ${maxTsdbLimit}`, {
      where: { key: 'limit' },
    })
  return cardinality.tsdbStatus(identity.projects, { limit, signal })
}

/** As Prometheus describes a block of its own. */
const blockJson = ({ ulid, minTime, maxTime, series, samples, granules, level }: DayBlock): object => ({
  ...{ ulid, minTime, maxTime },
  stats: { numSamples: samples, numSeries: series, numChunks: granules },
  compaction: { level, sources: [ulid] },
  version: 1,
})

/** `metric_name_pattern`: an expression that a family's whole name matches; all without it. */
function namePattern(query: unknown): (name: string) => boolean {
  const text = oneOf(query, 'metric_name_pattern') ?? ''
  if (text === '') return () => true
  try {
    return compileLabelRegex(text)
  } catch (error) {
    throw new AppError('http.invalid', `metric_name_pattern: ${(error as Error).message}`, {
      where: { key: 'metric_name_pattern' },
    })
  }
}

const oneOf = (query: unknown, key: string): string | undefined =>
  [(query as Readonly<Record<string, string | string[] | undefined>>)[key]].flat()[0]

/** What only a Go program has (goroutines, GOGC) is left out; the limits of threads and memory are Node's. */
function runtimeInfo(startMs: number, { configuration, keeping, clock }: StatusRoutesOptions): object {
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
    storageRetention: retentionText(keeping.limits('metrics')),
  }
}

/** As Prometheus writes it: `30d`, `30d or 10GB`, `10GB`. */
function retentionText({ ageMs, sizeBytes }: RetentionLimits): string {
  const age = ageMs === undefined ? [] : [formatDurationMs(ageMs)]
  return [...age, ...(sizeBytes === undefined ? [] : [formatByteSize(sizeBytes)])].join(' or ')
}

const timeText = (ms: number): string => new Date(ms).toISOString()
