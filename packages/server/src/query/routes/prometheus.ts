// Prometheus's query API, at its paths and in its shapes. https://prometheus.io/docs/prometheus/latest/querying/api/
import { format } from '@tidewatch/promql/print.ts'
import type { Answer, RequestContext, Route } from '../../http/port.ts'
import type { MetadataSource, QueryOptions, QueryService, SeriesCatalog } from '../port.ts'
import { badParameter } from '../service.ts'
import { syntaxTree } from '../syntax-tree.ts'
import { createCatalogRoutes } from './catalog.ts'
import { get, getAndPost, success } from './define.ts'
import { features } from './features.ts'
import { aboutParameter, Parameters } from './parameters.ts'
import { scope } from './scope.ts'

export interface PrometheusRoutesOptions {
  readonly queries: QueryService
  readonly catalog: SeriesCatalog
  readonly metadata: MetadataSource
  readonly nowMs: () => number
  readonly build: { readonly version: string; readonly nodeVersion: string }
  /** Whether configuration files that change are read by themselves. */
  readonly reloads: boolean
  /** Whether counters get a sample of zero where they say that they began. */
  readonly wantsZeroSamples: () => boolean
}

export function createPrometheusRoutes(options: PrometheusRoutesOptions): Route[] {
  return [
    ...getAndPost('/api/v1/query', 'Evaluate PromQL at one time', (context) => instant(context, options)),
    ...getAndPost('/api/v1/query_range', 'Evaluate PromQL over a range of time', (context) => range(context, options)),
    ...getAndPost('/api/v1/format_query', 'PromQL, laid out', (context) =>
      success(format(new Parameters(context).expression())),
    ),
    ...getAndPost('/api/v1/parse_query', 'PromQL as a syntax tree', (context) =>
      success(syntaxTree(new Parameters(context).expression())),
    ),
    ...createCatalogRoutes(options),
    get('/api/v1/status/buildinfo', 'Version', () => success(buildInfo(options))),
    get('/api/v1/features', 'What this server can, by name', () => success(features(options))),
  ]
}

/** The service's errors about the query, as errors of the parameter. */
async function answered(run: Promise<{ readonly json: Uint8Array }>): Promise<Answer> {
  try {
    return jsonBytes((await run).json)
  } catch (error) {
    throw aboutParameter('query', error)
  }
}

async function instant(context: RequestContext, { queries, nowMs }: PrometheusRoutesOptions): Promise<Answer> {
  const parameters = new Parameters(context)
  return answered(
    queries.instant({
      ...scope(context, parameters),
      ...options(parameters),
      query: parameters.text('query'),
      atMs: parameters.timeMs('time', nowMs()),
    }),
  )
}

async function range(context: RequestContext, { queries }: PrometheusRoutesOptions): Promise<Answer> {
  const parameters = new Parameters(context)
  const startMs = parameters.timeMs('start')
  const endMs = parameters.timeMs('end')
  if (endMs < startMs) throw badParameter('end', 'end timestamp must not be before start time')
  const stepMs = parameters.durationMs('step')
  if (stepMs === undefined) throw badParameter('step', 'cannot parse "" to a valid duration')
  const rest = { query: parameters.text('query'), startMs, endMs, stepMs }
  return answered(queries.range({ ...scope(context, parameters), ...options(parameters), ...rest }))
}

/** `timeout`, `lookback_delta`, `limit` and `stats` where given; `nocache=1`, which is VictoriaMetrics's, for an answer that is evaluated whole. */
function options(
  parameters: Parameters,
): Pick<QueryOptions, 'timeoutMs' | 'lookbackMs' | 'limit' | 'stats' | 'isFresh'> {
  const timeoutMs = parameters.durationMs('timeout')
  const lookbackMs = parameters.durationMs('lookback_delta')
  const limit = parameters.limit()
  const stats = parameters.get('stats')
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(lookbackMs === undefined || lookbackMs <= 0 ? {} : { lookbackMs }),
    ...(limit === 0 ? {} : { limit }),
    ...(parameters.get('nocache') === '1' ? { isFresh: true } : {}),
    ...(stats === undefined ? {} : { stats: stats === 'all' ? 'all' : 'basic' }),
  }
}

function jsonBytes(json: Uint8Array): Answer {
  return { headers: { 'content-type': 'application/json' }, body: json }
}

/** Some clients look at the version before they use what newer ones have: it is that of the Prometheus whose behaviour this is. */
const prometheusVersion = '3.5.0'

function buildInfo({ build }: PrometheusRoutesOptions): object {
  return {
    version: prometheusVersion,
    revision: `tidewatch-${build.version}`,
    branch: 'main',
    buildUser: 'tidewatch',
    buildDate: '',
    goVersion: `node ${build.nodeVersion}`,
  }
}
