// What clients ask before they write, where the answer is always the same: who is there, which licence, is the cluster well.
import { createHash } from 'node:crypto'
import { elasticRoutes } from '../../../http/elastic/port.ts'
import type { RequestContext, Route } from '../../../http/port.ts'

/** As the configuration in force has them. */
export interface ElasticsearchSettings {
  /** The version of Elasticsearch that we say we are. */
  readonly version: string
  /** Elasticsearch's `action.destructive_requires_name`: an index goes by its whole name alone. */
  readonly destructive_requires_name: boolean
}

const clusterName = 'tidewatch'
const clusterUuid = createHash('sha1').update(clusterName).digest('base64url').slice(0, 22)
const nodeId = createHash('sha1').update('node').digest('base64url').slice(0, 22)
const builtAt = '2026-01-01T00:00:00.000000000Z'

type Answerer = (context: RequestContext) => unknown

export function questionRoutes(settings: () => ElasticsearchSettings): readonly Route[] {
  const answers: readonly (readonly [path: string, what: string, answer: Answerer])[] = [
    ['/', 'who is there: the greeting', () => greeting(settings())],
    ['/_license', 'the licence', () => ({ license })],
    ['/_xpack', 'features and licence', () => xpack],
    ['/_xpack/usage', 'use of features', () => ({})],
    ['/_cluster/health', 'health', health],
    ['/_cluster/health/:index', 'health', health],
    ['/_cluster/settings', 'settings', () => clusterSettings(settings())],
    ['/_ilm/status', 'whether life cycles run', () => ({ operation_mode: 'STOPPED' })],
    ['/_nodes', 'the nodes', (context) => nodes(settings(), context)],
    ['/_nodes/:what', 'the nodes', (context) => nodes(settings(), context)],
    ['/_nodes/:which/:what', 'the nodes', (context) => nodes(settings(), context)],
  ]
  return answers.flatMap(([path, what, answer]) =>
    elasticRoutes({
      method: 'GET',
      path,
      permission: 'public',
      summary: `Elasticsearch: ${what}`,
      handle: (context) => ({ body: answer(context) }),
    }),
  )
}

/** Clients of version 7 look for its last line and `build_flavor`, later ones for the header. */
function greeting({ version }: ElasticsearchSettings) {
  const major = Number(version.split('.')[0])
  return {
    name: clusterName,
    cluster_name: clusterName,
    cluster_uuid: clusterUuid,
    version: {
      number: version,
      build_flavor: 'default',
      build_type: 'tar',
      build_hash: createHash('sha1').update(version).digest('hex'),
      build_date: builtAt,
      build_snapshot: false,
      lucene_version: major >= 9 ? '10.0.0' : '9.12.0',
      minimum_wire_compatibility_version: major >= 9 ? '8.19.0' : '7.17.0',
      minimum_index_compatibility_version: major >= 9 ? '8.0.0' : '7.0.0',
    },
    tagline: 'You Know, for Search',
  }
}

const clusterSettings = ({ destructive_requires_name }: ElasticsearchSettings) => ({
  persistent: { action: { destructive_requires_name: String(destructive_requires_name) } },
  transient: {},
})

const license = {
  status: 'active',
  uid: '00000000-0000-4000-8000-000000000000',
  type: 'basic',
  issue_date: builtAt,
  issue_date_in_millis: Date.parse(builtAt),
  max_nodes: 1000,
  max_resource_units: null,
  issued_to: clusterName,
  issuer: clusterName,
  start_date_in_millis: -1,
}

const none = { available: false, enabled: false }
const xpack = {
  build: { hash: '', date: builtAt },
  license: { uid: license.uid, type: 'basic', mode: 'basic', status: 'active' },
  features: {
    data_streams: { available: true, enabled: true },
    // Beats load their policies where it is there, and write to data streams either way
    ilm: { available: true, enabled: true },
    ...{ graph: none, ml: none, monitoring: none, rollup: none, security: none, watcher: none },
  },
  tagline: 'You know, for X',
}

function health() {
  return {
    cluster_name: clusterName,
    status: 'green',
    timed_out: false,
    number_of_nodes: 1,
    number_of_data_nodes: 1,
    active_primary_shards: 1,
    active_shards: 1,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: 0,
    unassigned_primary_shards: 0,
    delayed_unassigned_shards: 0,
    number_of_pending_tasks: 0,
    number_of_in_flight_fetch: 0,
    task_max_waiting_in_queue_millis: 0,
    active_shards_percent_as_number: 100,
  }
}

/** One node, where the caller found it: clients that look for others find none. */
function nodes({ version }: ElasticsearchSettings, { headers }: RequestContext) {
  const address = typeof headers.host === 'string' ? headers.host : 'localhost:9200'
  const node = {
    name: clusterName,
    transport_address: address,
    host: address,
    ip: address,
    version,
    build_flavor: 'default',
    build_type: 'tar',
    roles: ['data', 'ingest', 'master'],
    http: { bound_address: [address], publish_address: address, max_content_length_in_bytes: 64 << 20 },
    plugins: [],
    modules: [],
  }
  return {
    _nodes: { total: 1, successful: 1, failed: 0 },
    cluster_name: clusterName,
    nodes: { [nodeId]: node },
  }
}
