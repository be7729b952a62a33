// Prometheus's query API, at its paths and in its shapes. https://prometheus.io/docs/prometheus/latest/querying/api/
import { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { format } from '@tidewatch/promql/print.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import type { CatalogRequest, MetadataSource, QueryOptions, QueryService, SeriesCatalog } from '../port.ts'
import { badParameter } from '../service.ts'
import { syntaxTree } from '../syntax-tree.ts'
import { Parameters } from './parameters.ts'
import { parseSelector, scope } from './scope.ts'

export interface PrometheusRoutesOptions {
  readonly queries: QueryService
  readonly catalog: SeriesCatalog
  readonly metadata: MetadataSource
  readonly nowMs: () => number
  readonly build: { readonly version: string; readonly nodeVersion: string }
}

/** Without a start the catalog answers for everything that is kept. */
const beginningMs = 0

export function createPrometheusRoutes(options: PrometheusRoutesOptions): Route[] {
  return [
    ...getAndPost('/api/v1/query', 'Evaluate PromQL at one time', (context) => instant(context, options)),
    ...getAndPost('/api/v1/query_range', 'Evaluate PromQL over a range of time', (context) => range(context, options)),
    ...getAndPost('/api/v1/format_query', 'PromQL, laid out', (context) =>
      success(format(parse(new Parameters(context).required('query')))),
    ),
    ...getAndPost('/api/v1/parse_query', 'PromQL as a syntax tree', (context) =>
      success(syntaxTree(parse(new Parameters(context).required('query')))),
    ),
    ...getAndPost('/api/v1/series', 'Series that match', (context) => series(context, options)),
    ...getAndPost('/api/v1/labels', 'Label names', (context) => labelNames(context, options)),
    get('/api/v1/label/:name/values', 'Values of a label', (context) => labelValues(context, options)),
    get('/api/v1/metadata', 'Type, help and unit of metrics', (context) => metadata(context, options)),
    get('/api/v1/status/buildinfo', 'Version', () => success(buildInfo(options))),
  ]
}

type Handle = (context: RequestContext) => Promise<Answer> | Answer

function get(path: string, summary: string, handle: Handle): Route {
  return defineRoute({ method: 'GET', path, permission: 'view', errors: 'prometheus', summary, handle })
}

function getAndPost(path: string, summary: string, handle: Handle): Route[] {
  return [
    get(path, summary, handle),
    defineRoute({ method: 'POST', path, permission: 'view', errors: 'prometheus', summary, bodyKind: 'form', handle }),
  ]
}

const success = (data: unknown, more: object = {}): Answer => ({ body: { status: 'success', data, ...more } })

async function instant(context: RequestContext, { queries, nowMs }: PrometheusRoutesOptions): Promise<Answer> {
  const parameters = new Parameters(context)
  const { json } = await queries.instant({
    ...scope(context, parameters),
    ...limits(parameters),
    query: parameters.required('query'),
    atMs: parameters.timeMs('time', nowMs()),
  })
  return jsonBytes(json)
}

async function range(context: RequestContext, { queries }: PrometheusRoutesOptions): Promise<Answer> {
  const parameters = new Parameters(context)
  const stepMs = parameters.durationMs('step')
  if (stepMs === undefined) throw badParameter('step', 'cannot parse "" to a valid duration')
  const { json } = await queries.range({
    ...scope(context, parameters),
    ...limits(parameters),
    query: parameters.required('query'),
    startMs: parameters.timeMs('start'),
    endMs: parameters.timeMs('end'),
    stepMs,
  })
  return jsonBytes(json)
}

/** `timeout`, `lookback_delta` and `limit` where given. */
function limits(parameters: Parameters): Pick<QueryOptions, 'timeoutMs' | 'lookbackMs' | 'limit'> {
  const timeoutMs = parameters.durationMs('timeout')
  const lookbackMs = parameters.durationMs('lookback_delta')
  const limit = parameters.count('limit')
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(lookbackMs === undefined || lookbackMs <= 0 ? {} : { lookbackMs }),
    ...(limit === undefined ? {} : { limit }),
  }
}

function jsonBytes(json: Uint8Array): Answer {
  return { headers: { 'content-type': 'application/json' }, body: json }
}

function catalogRequest(
  context: RequestContext,
  parameters: Parameters,
  { nowMs }: PrometheusRoutesOptions,
): CatalogRequest {
  const { projects, signal } = scope(context, parameters)
  const startMs = parameters.timeMs('start', beginningMs)
  const endMs = parameters.timeMs('end', nowMs())
  if (endMs < startMs) throw badParameter('end', 'end timestamp must not be before start time')
  const matcherSets: (readonly Matcher[])[] = parameters.all('match[]').map((text) => parseSelector(text))
  return { projects, signal, startMs, endMs, matcherSets }
}

/** Cuts a list to `limit`, saying so as Prometheus does. */
function limited<T>(items: readonly T[], parameters: Parameters): Answer {
  const limit = parameters.count('limit') ?? 0
  if (limit === 0 || items.length <= limit) return success(items)
  return success(items.slice(0, limit), { warnings: ['results truncated due to limit'] })
}

async function series(context: RequestContext, options: PrometheusRoutesOptions): Promise<Answer> {
  const parameters = new Parameters(context)
  if (parameters.all('match[]').length === 0)
    throw new AppError('http.invalid', 'no match[] parameter provided', { where: { key: 'match[]' } })
  const found: readonly Labels[] = await options.catalog.series(catalogRequest(context, parameters, options))
  return limited(
    found.map((labels) => labels.toObject()),
    parameters,
  )
}

async function labelNames(context: RequestContext, options: PrometheusRoutesOptions): Promise<Answer> {
  const parameters = new Parameters(context)
  return limited(await options.catalog.labelNames(catalogRequest(context, parameters, options)), parameters)
}

async function labelValues(context: RequestContext, options: PrometheusRoutesOptions): Promise<Answer> {
  const parameters = new Parameters(context)
  const { name } = context.params as { readonly name: string }
  return limited(
    await options.catalog.labelValues(unescapeLabelName(name), catalogRequest(context, parameters, options)),
    parameters,
  )
}

/** Prometheus's escaping for names that do not fit into a path: `U__http_2e_status` is `http.status`. */
function unescapeLabelName(name: string): string {
  if (!name.startsWith('U__')) return name
  return name
    .slice(3)
    .replace(/__|_([0-9a-fA-F]{1,6})_/g, (whole, hex: string | undefined) =>
      hex === undefined ? '_' : codePoint(hex, whole),
    )
}

function codePoint(hex: string, whole: string): string {
  const code = Number.parseInt(hex, 16)
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole
}

async function metadata(context: RequestContext, options: PrometheusRoutesOptions): Promise<Answer> {
  const parameters = new Parameters(context)
  const { projects, signal } = scope(context, parameters)
  const rows = await options.metadata.families({
    projects,
    signal,
    ...(parameters.get('metric') === undefined ? {} : { family: parameters.required('metric') }),
  })
  const perMetric = parameters.count('limit_per_metric') ?? 0
  const byFamily = new Map<string, object[]>()
  for (const { family, type, help, unit } of rows) {
    const known = byFamily.get(family) ?? []
    if (perMetric === 0 || known.length < perMetric) known.push({ type, help, unit })
    byFamily.set(family, known)
  }
  const limit = parameters.count('limit') ?? 0
  const entries = [...byFamily].slice(0, limit === 0 ? undefined : limit)
  return success(Object.fromEntries(entries))
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
