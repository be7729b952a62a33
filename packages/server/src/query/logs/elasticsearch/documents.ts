// Documents by their ids.
import type { Answer } from '../../../http/port.ts'
import type { StoredLog } from '../../../store/port.ts'
import { fault } from './fault.ts'
import { filterOf, ofIds } from './filter.ts'
import { indexOf, selectIndices } from './indices.ts'
import { type ElasticRequest, type ElasticScope, isObject, listOf, readJson, textOf } from './request.ts'
import { documentOf, idOf, readSourceFilter, readSourceParameters, type SourceFilter } from './source.ts'

const maxDocuments = 1000

export async function getDocument({ scope, params, query }: ElasticRequest): Promise<Answer> {
  const { index = '', id = '' } = params
  const source = readSourceParameters(query, undefined)
  const line = await find(index, id, scope)
  return line === undefined
    ? { status: 404, body: { _index: index, _id: id, found: false } }
    : { body: found(line, source) }
}

export async function getSource({ scope, params, query }: ElasticRequest): Promise<Answer> {
  const { index = '', id = '' } = params
  const source = readSourceParameters(query, undefined)
  const line = await find(index, id, scope)
  if (line === undefined)
    throw fault('resource_not_found_exception', `Document not found [${index.slice(0, 200)}]/[${id.slice(0, 200)}]`, {
      status: 404,
    })
  return { body: source?.(documentOf(line.record)) ?? {} }
}

/** `{"docs": [{"_index", "_id", "_source"}]}`, or `{"ids": []}` of one index. */
export async function getMany({ scope, params, query, body }: ElasticRequest): Promise<Answer> {
  const json = readJson(body)
  const usual = readSourceParameters(query, undefined)
  const wanted = [
    ...listOf(json.docs ?? []).map((one) => (isObject(one) ? one : { _id: one })),
    ...listOf(json.ids ?? []).map((one) => ({ _id: one })),
  ]
  if (wanted.length === 0) throw fault('action_request_validation_exception', 'no documents to get')
  if (wanted.length > maxDocuments)
    throw fault(
      'illegal_argument_exception',
      `${wanted.length} documents at once; at most ${maxDocuments} are possible`,
    )
  const docs: object[] = []
  for (const one of wanted) {
    const index = textOf(('_index' in one ? one._index : undefined) ?? params.index, 'docs._index')
    const id = textOf(one._id, 'docs._id')
    const source = '_source' in one ? readSourceFilter({ source: one._source }) : usual
    const line = await find(index, id, scope)
    docs.push(line === undefined ? { _index: index, _id: id, found: false } : found(line, source))
  }
  return { body: { docs } }
}

const found = (line: StoredLog, source: SourceFilter | undefined): object => ({
  _index: indexOf(line.record),
  _id: idOf(line),
  ...{ _version: 1, _seq_no: 0, _primary_term: 1, found: true },
  ...(source === undefined ? {} : { _source: source(documentOf(line.record)) }),
})

async function find(index: string, id: string, scope: ElasticScope): Promise<StoredLog | undefined> {
  const filter = filterOf([selectIndices(index, scope).predicate, ofIds([id])], scope)
  if (filter.projects.length === 0) return undefined
  const search = { ...filter, direction: 'backward', limit: 1 } as const
  for await (const { lines } of scope.queries.reader.search(search, { signal: scope.signal }))
    if (lines[0] !== undefined) return lines[0]
  return undefined
}
