// What there is: series, label names, label values, and the metadata of metrics.
// https://prometheus.io/docs/prometheus/latest/querying/api/#querying-metadata
import { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Answer, RequestContext, Route } from '../../http/port.ts'
import type { CatalogRequest, MetadataSource, SeriesCatalog } from '../port.ts'
import { get, getAndPost, success } from './define.ts'
import { Parameters } from './parameters.ts'
import { parseSelector, scope } from './scope.ts'

export interface CatalogRoutesOptions {
  readonly catalog: SeriesCatalog
  readonly metadata: MetadataSource
  readonly nowMs: () => number
}

/** Without a start the catalog answers for everything that is kept. */
const beginningMs = 0

export function createCatalogRoutes(options: CatalogRoutesOptions): Route[] {
  return [
    ...getAndPost('/api/v1/series', 'Series that match', (context) => series(context, options)),
    ...getAndPost('/api/v1/labels', 'Label names', (context) => labelNames(context, options)),
    get('/api/v1/label/:name/values', 'Values of a label', (context) => labelValues(context, options)),
    get('/api/v1/metadata', 'Type, help and unit of metrics', (context) => metadata(context, options)),
  ]
}

function catalogRequest(
  context: RequestContext,
  parameters: Parameters,
  { nowMs }: CatalogRoutesOptions,
): CatalogRequest & { readonly limit: number } {
  const { projects, signal } = scope(context, parameters)
  const limit = parameters.limit()
  const startMs = parameters.timeMs('start', beginningMs)
  const endMs = parameters.timeMs('end', nowMs())
  const matcherSets = parameters.all('match[]').map((text) => parseSelector(text))
  return { projects, signal, startMs, endMs, matcherSets, limit }
}

/** One more than is shown, so that what was cut is known. */
async function limited<T>(
  request: CatalogRequest & { readonly limit: number },
  find: (request: CatalogRequest) => Promise<readonly T[]>,
): Promise<Answer> {
  const { limit } = request
  // as in Prometheus: nothing lies between an end and a later start
  if (request.endMs < request.startMs) return success([])
  const items = await find({ ...request, limit: limit === 0 ? 0 : limit + 1 })
  if (limit === 0 || items.length <= limit) return success(items)
  return success(items.slice(0, limit), { warnings: ['results truncated due to limit'] })
}

async function series(context: RequestContext, options: CatalogRoutesOptions): Promise<Answer> {
  const parameters = new Parameters(context)
  if (parameters.all('match[]').length === 0)
    throw new AppError('http.invalid', 'no match[] parameter provided', { where: { key: 'match[]' } })
  return limited(catalogRequest(context, parameters, options), async (request) => {
    const found: readonly Labels[] = await options.catalog.series(request)
    return found.map((labels) => labels.toObject())
  })
}

async function labelNames(context: RequestContext, options: CatalogRoutesOptions): Promise<Answer> {
  const request = catalogRequest(context, new Parameters(context), options)
  return limited(request, (whole) => options.catalog.labelNames(whole))
}

async function labelValues(context: RequestContext, options: CatalogRoutesOptions): Promise<Answer> {
  const name = unescapeLabelName((context.params as { readonly name: string }).name)
  // any other text is a name since Prometheus 3
  if (name === '' || !name.isWellFormed())
    throw new AppError('http.invalid', `invalid label name: ${JSON.stringify(name)}`, { where: { key: 'name' } })
  const request = catalogRequest(context, new Parameters(context), options)
  return limited(request, (whole) => options.catalog.labelValues(name, whole))
}

/** Prometheus's escaping for names that do not fit into a path: `U__http_2e_status` is `http.status`. What is no such text stays as it is. */
function unescapeLabelName(name: string): string {
  if (!/^U__(?:[^_]|__|_[0-9a-fA-F]{1,6}_)*$/s.test(name)) return name
  let isText = true
  const plain = name.slice(3).replace(/_([0-9a-fA-F]*)_/g, (_whole, hex: string) => {
    if (hex === '') return '_'
    const code = Number.parseInt(hex, 16)
    const isCharacter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    isText &&= isCharacter
    return isCharacter ? String.fromCodePoint(code) : ''
  })
  return isText ? plain : name
}

async function metadata(context: RequestContext, options: CatalogRoutesOptions): Promise<Answer> {
  const parameters = new Parameters(context)
  const { projects, signal } = scope(context, parameters)
  const limit = numberOf(parameters, 'limit')
  const perMetric = numberOf(parameters, 'limit_per_metric')
  const family = parameters.get('metric')
  const rows = await options.metadata.families({ projects, signal, ...(family === undefined ? {} : { family }) })
  const byFamily = new Map<string, object[]>()
  for (const { family: name, type, help, unit } of rows) {
    const known = byFamily.get(name) ?? []
    if (perMetric <= 0 || known.length < perMetric) known.push({ type, help, unit })
    byFamily.set(name, known)
  }
  // none at all with 0, all with less: as in Prometheus
  return success(Object.fromEntries([...byFamily].slice(0, limit < 0 ? undefined : limit)))
}

function numberOf(parameters: Parameters, name: string): number {
  const text = parameters.get(name) ?? '-1'
  if (/^[-+]?\d{1,9}$/.test(text)) return Number(text)
  throw new AppError('http.invalid', `${name} must be a number`, { where: { key: name } })
}
