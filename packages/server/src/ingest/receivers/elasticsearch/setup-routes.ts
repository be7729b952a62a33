// Templates, policies, pipelines, streams, indices and aliases: what clients and Beats put before they write and look for at every start.
import type { Clock } from '@tidewatch/core/clock.ts'
import { elasticError, elasticRoutes } from '../../../http/elastic/port.ts'
import type { Answer, Identity, RequestContext, Route } from '../../../http/port.ts'
import type { IndexAlias } from '../../../query/port.ts'
import { indexNameFault } from './action.ts'
import type { Names } from './names.ts'
import { isLike, type Setup, type SetupKind, type SetupObject } from './state.ts'

export interface SetupParts {
  readonly setup: Setup
  readonly clock: Clock
  /** Whether any are stored under that name. */
  readonly hasLines: (identity: Identity, index: string, options: { readonly signal: AbortSignal }) => Promise<boolean>
  readonly names: Names
}

interface SetupFamily {
  readonly kind: SetupKind
  readonly path: string
  readonly what: string
  /** The answer to who asks for them. */
  readonly show: (found: readonly SetupObject[]) => unknown
  /** The answer where there is none of that name. */
  readonly missing: (name: string) => Answer
}

const limits = { maxBytes: 4 << 20, maxInflatedBytes: 4 << 20 }
const acknowledged = { body: { acknowledged: true } }
const byName = (found: readonly SetupObject[], body: (one: SetupObject) => unknown): unknown =>
  Object.fromEntries(found.map((one) => [one.name, body(one)]))
const notThere = (reason: string): Answer => elasticError(404, { type: 'resource_not_found_exception', reason })

const families: readonly SetupFamily[] = [
  {
    ...{ kind: 'ilm_policy', path: '/_ilm/policy', what: 'policies of life cycles (kept; retention is ours)' },
    show: (found) =>
      byName(found, ({ body, changedAtMs }) => ({
        version: 1,
        modified_date: new Date(changedAtMs).toISOString(),
        ...objectOf(body),
        in_use_by: { indices: [], data_streams: [], composable_templates: [] },
      })),
    missing: (name) => notThere(`Lifecycle policy not found: ${name}`),
  },
  {
    ...{ kind: 'index_template', path: '/_index_template', what: 'index templates (kept; no line needs one)' },
    show: (found) => ({ index_templates: found.map(({ name, body }) => ({ name, index_template: body })) }),
    missing: (name) => notThere(`index template matching [${name}] not found`),
  },
  {
    ...{ kind: 'component_template', path: '/_component_template', what: 'component templates (kept)' },
    show: (found) => ({ component_templates: found.map(({ name, body }) => ({ name, component_template: body })) }),
    missing: (name) => notThere(`component template matching [${name}] not found`),
  },
  {
    ...{ kind: 'template', path: '/_template', what: 'templates of the old kind (kept)' },
    show: (found) =>
      byName(found, ({ body }) => ({ order: 0, settings: {}, mappings: {}, aliases: {}, ...objectOf(body) })),
    missing: () => ({ status: 404, body: {} }),
  },
  {
    ...{ kind: 'pipeline', path: '/_ingest/pipeline', what: 'ingest pipelines (kept, never run)' },
    show: (found) => byName(found, ({ body }) => body),
    missing: () => ({ status: 404, body: {} }),
  },
  {
    ...{ kind: 'data_stream', path: '/_data_stream', what: 'data streams' },
    show: (found) => ({ data_streams: found.map(({ name }) => dataStream(name)) }),
    missing: (name) => elasticError(404, missingIndex(name)),
  },
]

const missingIndex = (index: string) => ({
  type: 'index_not_found_exception',
  reason: `no such index [${index}]`,
  more: { 'resource.type': 'index_or_alias', 'resource.id': index, index_uuid: '_na_', index },
})

const dataStream = (name: string) => ({
  name,
  timestamp_field: { name: '@timestamp' },
  indices: [{ index_name: name, index_uuid: '_na_' }],
  ...{ generation: 1, status: 'GREEN', template: name, hidden: false, system: false },
  ...{ allow_custom_routing: false, replicated: false },
})

const objectOf = (body: unknown): object => (typeof body === 'object' && body !== null ? body : {})

type Named = RequestContext<{ readonly name?: string; readonly index?: string }>

export function setupRoutes(parts: SetupParts): readonly Route[] {
  return [...families.flatMap((family) => familyRoutes(family, parts)), ...indexRoutes(parts), ...aliasRoutes(parts)]
}

function familyRoutes(
  { kind, path, what, show, missing }: SetupFamily,
  { setup, clock }: SetupParts,
): readonly Route[] {
  const shared = { permission: 'ingest', summary: `Elasticsearch: ${what}` } as const
  const get = async ({ params, identity }: Named): Promise<Answer> => {
    const found = await setup.find(identity.project, kind, patternsOf(params.name))
    const isSought = params.name !== undefined && !params.name.includes('*')
    return found.length === 0 && isSought ? missing(params.name) : { body: show(found) }
  }
  const put = async ({ params: { name = '' }, body, identity }: Named): Promise<Answer> => {
    await setup.put(identity.project, kind, { name, body, changedAtMs: clock.nowMs() })
    return acknowledged
  }
  const remove = async ({ params: { name = '' }, identity }: Named): Promise<Answer> => {
    const removed = await setup.remove(identity.project, kind, patternsOf(name))
    return removed === 0 && !name.includes('*') ? missing(name) : acknowledged
  }
  const one = `${path}/:name`
  return [
    ...elasticRoutes({ ...shared, method: 'GET', path, handle: get }),
    ...elasticRoutes({ ...shared, method: 'GET', path: one, handle: get }),
    ...elasticRoutes({ ...shared, method: 'PUT', path: one, bodyKind: 'json', limits, handle: put }),
    ...elasticRoutes({ ...shared, method: 'POST', path: one, bodyKind: 'json', limits, handle: put }),
    // a stream goes with its lines, which reading's side sees to
    ...(kind === 'data_stream' ? [] : elasticRoutes({ ...shared, method: 'DELETE', path: one, handle: remove })),
  ]
}

function indexRoutes({ setup, names, clock, hasLines }: SetupParts): readonly Route[] {
  const shared = { permission: 'ingest', path: '/:index' } as const
  return [
    ...elasticRoutes({
      ...{ ...shared, method: 'PUT', bodyKind: 'json', limits },
      summary: 'Elasticsearch: an index is set up (lines need none)',
      handle: async ({ params: { index = '' }, body, identity }: Named) => {
        const fault = reserved.has(index) ? 'that path has another meaning here' : indexNameFault(index)
        // a name with a date in it, as Logstash sets up its alias by
        if (fault !== undefined && !/^<.*>$/.test(index))
          return elasticError(400, {
            type: 'invalid_index_name_exception',
            reason: `Invalid index name [${index.slice(0, 300)}], ${fault}`,
          })
        const [there] = await setup.find(identity.project, 'index', [index])
        if (there !== undefined)
          return elasticError(400, {
            type: 'resource_already_exists_exception',
            reason: `index [${index}/_na_] already exists`,
            more: { index_uuid: '_na_', index },
          })
        await setup.put(identity.project, 'index', { name: index, body, changedAtMs: clock.nowMs() })
        const given = objectOf(body)
        for (const [alias, settings] of Object.entries('aliases' in given ? objectOf(given.aliases) : {}))
          await names.addAlias(identity.project, alias, index, { ...objectOf(settings) })
        return { body: { acknowledged: true, shards_acknowledged: true, index } }
      },
    }),
    ...elasticRoutes({
      ...{ ...shared, method: 'HEAD' },
      summary: 'Elasticsearch: whether an index is there',
      handle: async ({ params: { index = '' }, identity, signal }: Named) => {
        for (const kind of ['index', 'data_stream', 'alias'] as const)
          if ((await setup.find(identity.project, kind, patternsOf(index))).length > 0) return { status: 200 }
        return { status: (await hasLines(identity, index, { signal })) ? 200 : 404 }
      },
    }),
  ]
}

/** First parts of paths that belong to others. */
const reserved = new Set(['api', 'assets', 'elastic', 'federate', 'graph', 'health', 'loki', 'metrics', 'ping', 'v1'])

function aliasRoutes({ names }: SetupParts): readonly Route[] {
  const shared = {
    permission: 'ingest',
    summary: 'Elasticsearch: aliases (searches follow them; a line keeps the name it came under)',
  } as const
  const find = async ({ params, identity }: Named): Promise<Answer> => {
    const wanted = patternsOf(params.index)
    const all = await names.aliases([identity.project], patternsOf(params.name))
    const found = all.filter(({ index }) => wanted.some((pattern) => isLike(pattern, index)))
    if (found.length === 0 && params.name !== undefined)
      return { status: 404, body: { error: `alias [${params.name}] missing`, status: 404 } }
    const byIndex = Map.groupBy(found, ({ index }) => index)
    const bodies = [...byIndex].map(([index, aliases]) => [index, { aliases: aliasBodies(aliases) }])
    return { body: Object.fromEntries(bodies) }
  }
  const put = async ({ params: { name = '', index = '' }, body, identity }: Named): Promise<Answer> => {
    const fault = indexNameFault(name)
    if (fault !== undefined)
      return elasticError(400, {
        type: 'invalid_alias_name_exception',
        reason: `Invalid alias name [${name.slice(0, 200)}]: ${fault}`,
      })
    await names.addAlias(identity.project, name, index, { ...objectOf(body) })
    return acknowledged
  }
  const change = async ({ body, identity }: Named): Promise<Answer> => {
    const actions = aliasActions(body)
    if ('refusal' in actions) return elasticError(400, { type: 'illegal_argument_exception', reason: actions.refusal })
    for (const { adds, name, index, settings } of actions.list) {
      if (adds) await names.addAlias(identity.project, name, index, settings)
      else await names.removeAlias(identity.project, [name], [index])
    }
    return acknowledged
  }
  const remove = async ({ params: { name = '', index }, identity }: Named): Promise<Answer> => {
    const removed = await names.removeAlias(identity.project, patternsOf(name), patternsOf(index))
    return removed > 0
      ? acknowledged
      : elasticError(404, { type: 'aliases_not_found_exception', reason: `aliases [${name.slice(0, 200)}] missing` })
  }
  return [
    ...elasticRoutes({ ...shared, method: 'POST', path: '/_aliases', bodyKind: 'json', limits, handle: change }),
    ...elasticRoutes({ ...shared, method: 'GET', path: '/_alias', handle: find }),
    ...elasticRoutes({ ...shared, method: 'GET', path: '/_alias/:name', handle: find }),
    ...elasticRoutes({ ...shared, method: 'HEAD', path: '/_alias/:name', handle: find }),
    ...elasticRoutes({ ...shared, method: 'GET', path: '/:index/_alias', handle: find }),
    ...elasticRoutes({ ...shared, method: 'GET', path: '/:index/_alias/:name', handle: find }),
    ...elasticRoutes({ ...shared, method: 'PUT', path: '/:index/_alias/:name', bodyKind: 'json', limits, handle: put }),
    ...elasticRoutes({ ...shared, method: 'DELETE', path: '/:index/_alias/:name', handle: remove }),
  ]
}

const aliasBodies = (aliases: readonly IndexAlias[]): object =>
  Object.fromEntries(
    aliases.map(({ name, filter, isWriteIndex }) => [
      name,
      {
        ...(filter === undefined ? {} : { filter }),
        ...(isWriteIndex === undefined ? {} : { is_write_index: isWriteIndex }),
      },
    ]),
  )

interface AliasAction {
  readonly adds: boolean
  readonly name: string
  readonly index: string
  readonly settings: Readonly<Record<string, unknown>>
}

const maxActions = 1000

/** All of them, or why none is done. */
function aliasActions(body: unknown): { readonly list: readonly AliasAction[] } | { readonly refusal: string } {
  const given = objectOf(body)
  const list: unknown = 'actions' in given ? given.actions : undefined
  if (!Array.isArray(list) || list.length === 0) return { refusal: 'No action specified' }
  const actions: AliasAction[] = []
  for (const [verb, detail] of list.flatMap((one: unknown) => Object.entries(objectOf(one)))) {
    if (verb !== 'add' && verb !== 'remove')
      return {
        refusal: `[${verb.slice(0, 60)}] is not supported here: only [add] and [remove]. Delete an index by DELETE /INDEX`,
      }
    const {
      alias,
      aliases,
      index,
      indices,
      must_exist: _,
      ...settings
    } = { ...objectOf(detail) } as Readonly<Record<string, unknown>>
    const names = textsOf(aliases ?? alias)
    const targets = textsOf(indices ?? index)
    if (names.length === 0 || targets.length === 0)
      return { refusal: `[${verb}] needs [index] or [indices], and [alias] or [aliases]` }
    for (const name of names)
      for (const target of targets) actions.push({ adds: verb === 'add', name, index: target, settings })
  }
  return actions.length > maxActions ? { refusal: `more than ${maxActions} actions` } : { list: actions }
}

const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string' && one !== '')

/** `a,b-*`; nothing is all. */
function patternsOf(names: string | undefined): readonly string[] {
  return (names ?? '*')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .slice(0, 100)
}
