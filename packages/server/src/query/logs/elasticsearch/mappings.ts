// Which fields there are and of which types, as those of the newest lines have them.
import { logFieldNames } from '@tidewatch/core/log-fields.ts'
import { compileWildcard, parseWildcard } from '@tidewatch/logquery/wildcard.ts'
import type { Answer } from '../../../http/port.ts'
import type { LogFieldSummary } from '../../../store/port.ts'
import { aliasesLike } from './aliases.ts'
import { filterOf, readQuery } from './filter.ts'
import { checkIndices, type IndexSummary, listIndices, selectIndices } from './indices.ts'
import { type ElasticRequest, type ElasticScope, listOf, readJson, textOf } from './request.ts'
import { idField } from './source.ts'

type ElasticType = 'text' | 'keyword' | 'double' | 'boolean' | 'date' | 'object'

interface TypedField {
  readonly name: string
  readonly types: readonly ElasticType[]
}

const typeOf: Readonly<Record<LogFieldSummary['types'][number], ElasticType>> = {
  ...{ text: 'text', number: 'double', boolean: 'boolean', json: 'object' },
}
const columnNames = new Map(Object.entries(logFieldNames).map(([column, names]) => [column, names[0] as string]))
/** Kept beside what they say in another column. */
const hidden = new Set(['severityText', idField, 'index'])

async function fieldsOf(
  index: string | undefined,
  scope: ElasticScope,
  query?: unknown,
): Promise<readonly TypedField[]> {
  const { queries, signal, nowMs } = scope
  const filter = filterOf([selectIndices(index, scope).predicate, readQuery(query, nowMs, 'index_filter')], scope)
  const summaries = filter.projects.length === 0 ? [] : await queries.reader.fields(filter, { signal })
  const types = new Map<string, Set<ElasticType>>()
  if (summaries.length > 0) types.set('@timestamp', new Set(['date']))
  for (const { name, place, types: own } of summaries) {
    if (hidden.has(name)) continue
    const said = place === 'column' ? (columnNames.get(name) ?? name) : name
    const known = types.get(said) ?? new Set()
    types.set(said, known)
    // a level is a word, and so is all that has a column
    for (const type of place === 'column' ? (['text'] as const) : own.map((one) => typeOf[one])) known.add(type)
  }
  return [...types].map(([name, found]) => ({ name, types: [...found] })).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The type that holds all values. */
const widest = ({ types }: TypedField): ElasticType => (types.length === 1 ? (types[0] ?? 'text') : 'text')

const mappingOf = (field: TypedField): object => {
  const type = widest(field)
  return type === 'text' ? { type, fields: { keyword: { type: 'keyword', ignore_above: 8191 } } } : { type }
}

type Properties = Record<string, { properties?: Properties } & object>

function propertiesOf(fields: readonly TypedField[]): Properties {
  const root: Properties = Object.create(null)
  for (const field of fields) {
    const parts = field.name.split('.')
    let at = root
    let rest = field.name
    // an object that is a value too keeps what is below it under its whole name
    while (parts.length > 1) {
      const head = parts[0] as string
      const there = at[head]
      if (head === '' || parts.includes('') || (there !== undefined && there.properties === undefined)) break
      const object = there ?? { properties: Object.create(null) as Properties }
      at[head] = object
      at = object.properties as Properties
      parts.shift()
      rest = parts.join('.')
    }
    at[rest] = { ...at[rest], ...mappingOf(field) }
  }
  return root
}

async function indicesOf({ scope, params, query }: ElasticRequest): Promise<readonly IndexSummary[]> {
  const found = await listIndices(params.index, scope)
  if (found.length === 0 && !query.flag('ignore_unavailable'))
    await checkIndices(selectIndices(params.index, scope), scope)
  return found
}

export const fieldMappings = async (index: string | undefined, scope: ElasticScope): Promise<object> => ({
  properties: propertiesOf(await fieldsOf(index, scope)),
})

export async function getMapping(request: ElasticRequest): Promise<Answer> {
  const indices = await indicesOf(request)
  const mappings = indices.length === 0 ? {} : await fieldMappings(request.params.index, request.scope)
  return { body: Object.fromEntries(indices.map(({ name }) => [name, { mappings }])) }
}

const anyOfPatterns = (patterns: readonly string[]): ((name: string) => boolean) => {
  const tests = patterns.map((pattern) => compileWildcard(parseWildcard(pattern)))
  return (name) => tests.some((test) => test(name))
}

export async function getFieldMapping(request: ElasticRequest): Promise<Answer> {
  const indices = await indicesOf(request)
  const isWanted = anyOfPatterns((request.params.fields ?? '*').split(','))
  const fields = (await fieldsOf(request.params.index, request.scope)).filter(({ name }) => isWanted(name))
  const mappings = Object.fromEntries(
    fields.map((field) => [
      field.name,
      { full_name: field.name, mapping: { [field.name.split('.').at(-1) ?? field.name]: mappingOf(field) } },
    ]),
  )
  return { body: Object.fromEntries(indices.map(({ name }) => [name, { mappings }])) }
}

export async function fieldCaps(request: ElasticRequest): Promise<Answer> {
  const body = readJson(request.body)
  const asked = request.query.list('fields') ?? listOf(body.fields ?? '*').map((one) => textOf(one, 'fields'))
  const isWanted = anyOfPatterns(asked)
  const indices = await indicesOf(request)
  const all = await fieldsOf(request.params.index, request.scope, body.index_filter)
  const caps = all.flatMap(({ name, types }) => {
    const whole: [string, object][] = [[name, Object.fromEntries(types.map((type) => [type, capOf(type)]))]]
    return types.includes('text')
      ? [...whole, [`${name}.keyword`, { keyword: capOf('keyword') }] as [string, object]]
      : whole
  })
  return {
    body: {
      indices: indices.map(({ name }) => name),
      fields: Object.fromEntries([...caps, ...metadata].filter(([name]) => isWanted(name))),
    },
  }
}

/** Texts are grouped here by their whole values, which Elasticsearch does by `.keyword` alone. */
const capOf = (type: string): object => ({
  type,
  metadata_field: false,
  searchable: true,
  aggregatable: type !== 'object',
})

const metadata: readonly (readonly [string, object])[] = ['_id', '_index', '_source'].map((name) => [
  name,
  { [name]: { type: name, metadata_field: true, searchable: name !== '_source', aggregatable: name === '_index' } },
])

export async function getSettings(request: ElasticRequest): Promise<Answer> {
  const indices = await indicesOf(request)
  return { body: Object.fromEntries(indices.map((one) => [one.name, settingsOf(one)])) }
}

export const settingsOf = ({ name, oldestMs }: IndexSummary): object => ({
  settings: {
    index: {
      ...{ provided_name: name, uuid: name, number_of_shards: '1', number_of_replicas: '0' },
      creation_date: String(Math.floor(oldestMs)),
      max_result_window: '10000',
    },
  },
})

export async function resolveIndex({ scope, params }: ElasticRequest): Promise<Answer> {
  const indices = await listIndices(params.name, scope)
  const aliases = (params.name ?? '').split(',').flatMap((name) => aliasesLike(scope.aliases, name))
  return {
    body: {
      indices: indices.map(({ name }) => ({ name, attributes: ['open'] })),
      aliases: [...new Set(aliases.map(({ name }) => name))].map((name) => ({
        name,
        indices: aliases.filter((alias) => alias.name === name).map(({ index }) => index),
      })),
      data_streams: [],
    },
  }
}
