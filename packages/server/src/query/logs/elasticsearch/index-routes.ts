// What is known of indices: names, aliases, fields and settings; and parts of Elasticsearch that are refused by their names.
import type { Answer } from '../../../http/port.ts'
import { aliasesOf } from './aliases.ts'
import { unsupported } from './fault.ts'
import { checkIndices, listIndices, selectIndices } from './indices.ts'
import { fieldMappings, settingsOf } from './mappings.ts'
import type { ElasticRequest } from './request.ts'
import { shards } from './search.ts'

export async function getIndex(request: ElasticRequest): Promise<Answer> {
  const { scope, params, query } = request
  const found = await listIndices(params.index, scope)
  if (found.length === 0 && !query.flag('ignore_unavailable'))
    await checkIndices(selectIndices(params.index, scope), scope)
  const features = query.list('features') ?? ['aliases', 'mappings', 'settings']
  const mappings =
    features.includes('mappings') && found.some(({ count }) => count > 0)
      ? await fieldMappings(params.index, scope)
      : { properties: {} }
  return {
    body: Object.fromEntries(
      found.map((one) => [
        one.name,
        {
          ...(features.includes('aliases') ? { aliases: aliasesOf(scope.aliases, one.name) } : {}),
          ...(features.includes('mappings') ? { mappings } : {}),
          ...(features.includes('settings') ? settingsOf(one) : {}),
        },
      ]),
    ),
  }
}

/** Lines of all indices lie together: what they take on the disk is known of all alone. */
export async function getStats({ scope, params, query }: ElasticRequest): Promise<Answer> {
  const found = await listIndices(params.index, scope)
  if (found.length === 0 && !query.flag('ignore_unavailable'))
    await checkIndices(selectIndices(params.index, scope), scope)
  const statsOf = (count: number): object => ({ docs: { count, deleted: 0 }, store: { size_in_bytes: 0 } })
  const both = (count: number): object => ({ primaries: statsOf(count), total: statsOf(count) })
  const sum = found.reduce((all, { count }) => all + count, 0)
  return {
    body: {
      _shards: shards,
      _all: both(sum),
      indices: Object.fromEntries(
        found.map(({ name, count }) => [name, { uuid: name, health: 'green', status: 'open', ...both(count) }]),
      ),
    },
  }
}

const refusals: Readonly<Record<string, string>> = {
  _sql: 'Ask by _search: query_string takes Lucene, and aggregations group',
  _query: 'Ask by _search: query_string takes Lucene, and aggregations group',
  _eql: 'Ask by _search',
  _delete_by_query:
    'Lines are taken out by index alone: DELETE /INDEX; the rest goes with its retention (retention.logs in tidewatch.yml)',
  _update_by_query: 'Lines are added and never changed: store them anew under another index',
  _reindex: 'Read by _search with a point in time and write by _bulk, as elasticdump does',
  _rollover: 'Lines need no index that is set up: name the day in the index, or nothing',
  _close: 'Lines go by DELETE /INDEX or with their retention',
  '_cluster/settings': 'Settings stand in tidewatch.yml: elasticsearch.destructive_requires_name',
  _snapshot: 'tidewatch backup keeps the whole; docs/running.md says how',
}

/** A part of Elasticsearch that is not here, with the way out. */
export const refused = (name: keyof typeof refusals) => (): never => {
  throw unsupported(`[${name}]`, refusals[name])
}
