// Elasticsearch's clients as applications use them: the official one, winston's and pino's transports, and what Filebeat asks at its start; with
// sign-in on, and at a port of its own without keys.
import { get } from 'node:http'
import { createRequire } from 'node:module'
import { Client, errors } from '@elastic/elasticsearch'
import { logSearchEvent } from '@tidewatch/api/logs.ts'
import { freePort } from '@tidewatch/testkit/free-port.ts'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import pino from 'pino'
import type pinoElasticsearchModule from 'pino-elasticsearch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import winston from 'winston'
import { ElasticsearchTransport } from 'winston-elasticsearch'
import { runTidewatch, type TempDir, tempDir } from './programs.ts'

/** Its types say that it has a default export; it is the function itself. */
const pinoElasticsearch: typeof pinoElasticsearchModule.default = createRequire(import.meta.url)('pino-elasticsearch')

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer
let key: string
let token: string
let esPort: number

beforeAll(async () => {
  dir = stack.use(tempDir())
  esPort = await freePort()
  dir.write(
    'config/tidewatch.yml',
    `listeners: { elasticsearch: { address: '127.0.0.1:${esPort}', hosts: [elasticsearch] } }\nelasticsearch: { version: 8.19.7 }\n`,
  )
  const dataDir = `${dir.path}/data`
  server = stack.use(await startServer({ auth: true, dataDir, args: ['--config', `${dir.path}/config`] }))
  key = (await runTidewatch(['token', 'key', '--data-dir', dataDir])).out.trim()
  token = (await runTidewatch(['token', 'create', '--scope', 'read', '--data-dir', dataDir])).out.trim()
})
afterAll(() => stack.disposeAsync())

interface Found {
  readonly body: string
  readonly severity: number
  readonly resource: Readonly<Record<string, string>>
  readonly attributes: Readonly<Record<string, unknown>>
}

/** Lines of an index that a reader finds, oldest first. */
async function linesOf(index: string): Promise<readonly Found[]> {
  const query = new URLSearchParams({
    ...{ query: `index:"${index}"`, language: 'lucene', limit: '1000' },
    ...{ fromMs: String(Date.now() - 3_600_000), toMs: String(Date.now() + 3_600_000), direction: 'forward' },
  })
  const answer = await fetch(`${server.url}/api/tidewatch/v1/logs/search?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  const events = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => logSearchEvent.parse(JSON.parse(line)))
  return events.flatMap((event) => ('lines' in event ? event.lines : []))
}

const call = async (
  method: string,
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: object } = {},
) => {
  const answer = await fetch(`http://127.0.0.1:${esPort}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  }
}

describe('@elastic/elasticsearch', () => {
  const clientAt = (path: string, auth: object): Client =>
    new Client({ node: `${server.url}${path}`, auth: auth as never })

  test.each([
    ['the root, with an API key', '', (): object => ({ apiKey: { id: 'any', api_key: key } })],
    ['/elastic, with user and password', '/elastic', (): object => ({ username: 'elastic', password: key })],
    ['the root, with a bearer', '', (): object => ({ bearer: key })],
  ])('greets, pings and takes documents at %s', async (what, path, auth) => {
    const client = clientAt(path, auth())
    expect(await client.ping()).toBe(true)
    expect(await client.info()).toMatchObject({ tagline: 'You Know, for Search', version: { number: '8.19.7' } })
    const index = `official-${what.replace(/\W+/g, '-').toLowerCase()}`
    const now = new Date().toISOString()
    const indexed = await client.index({ index, document: { '@timestamp': now, message: 'by index', level: 'warn' } })
    expect(indexed).toMatchObject({ _index: index, result: 'created' })
    await client.create({ index, id: 'a', document: { '@timestamp': now, message: 'by create' } })
    await expect(client.create({ index, id: 'a', document: { message: 'again' } })).rejects.toMatchObject({
      statusCode: 409,
      meta: { body: { error: { type: 'version_conflict_engine_exception' } } },
    })
    const result = await client.helpers.bulk({
      datasource: Array.from({ length: 1200 }, (_, i) => ({ '@timestamp': now, message: `bulk ${i}`, n: i })),
      onDocument: () => ({ create: { _index: index } }),
      refreshOnCompletion: false,
      flushBytes: 20_000,
    })
    expect(result).toMatchObject({ total: 1200, successful: 1200, failed: 0 })
    const lines = await linesOf(index)
    expect(new Set(lines.map(({ body }) => body)).size).toBe(1000)
    expect(await client.indices.exists({ index })).toBe(true)
    await client.close()
  })

  test('is told which documents of a bulk failed', async () => {
    const client = clientAt('', { bearer: key })
    const dropped: unknown[] = []
    const result = await client.helpers.bulk({
      datasource: [{ message: 'good' }, { message: 'bad' }, { message: 'good too' }],
      onDocument: ({ message }) => ({ index: { _index: message === 'bad' ? 'No-Name' : 'partly' } }),
      onDrop: (document) => dropped.push(document.error?.type),
    })
    expect(result).toMatchObject({ successful: 2, failed: 1 })
    expect(dropped).toEqual(['invalid_index_name_exception'])
    expect(await linesOf('partly')).toHaveLength(2)
    await client.close()
  })

  test('is refused as Elasticsearch refuses: no key, a wrong one, a change of a line, an index that is not ours to delete', async () => {
    const nobody = new Client({ node: server.url })
    const refusal = await nobody.index({ index: 'x', document: { message: 'x' } }).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(errors.ResponseError)
    expect(refusal).toMatchObject({
      statusCode: 401,
      meta: { body: { error: { type: 'security_exception' }, status: 401 } },
    })
    const client = clientAt('', { bearer: key })
    await expect(client.update({ index: 'x', id: '1', doc: {} })).rejects.toMatchObject({ statusCode: 400 })
    await expect(client.indices.delete({ index: 'x' })).rejects.toMatchObject({ statusCode: 403 })
    await nobody.close()
    await client.close()
  })

  test('sets up templates, policies, pipelines, streams and aliases, and finds them again', async () => {
    const client = clientAt('', { bearer: key })
    const name = 'wagob'
    expect(await client.indices.existsIndexTemplate({ name })).toBe(false)
    await client.indices.putIndexTemplate({ name, index_patterns: ['wagob-*'], data_stream: {}, priority: 200 })
    expect(await client.indices.existsIndexTemplate({ name })).toBe(true)
    const { index_templates: templates } = await client.indices.getIndexTemplate({ name: 'wag*' })
    expect(templates).toMatchObject([{ name, index_template: { index_patterns: ['wagob-*'], priority: 200 } }])
    await client.cluster.putComponentTemplate({ name, template: { settings: {} } })
    await client.ilm.putLifecycle({ name, policy: { phases: { delete: { min_age: '30d', actions: { delete: {} } } } } })
    expect(await client.ilm.getLifecycle({ name })).toMatchObject({
      wagob: { policy: { phases: { delete: { min_age: '30d' } } } },
    })
    await client.ingest.putPipeline({ id: name, processors: [{ set: { field: 'a', value: 1 } }] })
    expect(await client.ingest.getPipeline({ id: name })).toMatchObject({ wagob: { processors: [{}] } })
    await client.indices.createDataStream({ name: 'wagob-stream' })
    expect((await client.indices.getDataStream({ name: 'wagob-*' })).data_streams).toMatchObject([
      { name: 'wagob-stream' },
    ])
    await client.indices.create({ index: 'wagob-000001', aliases: { 'wagob-alias': {} } })
    await expect(client.indices.create({ index: 'wagob-000001' })).rejects.toMatchObject({
      meta: { body: { error: { type: 'resource_already_exists_exception' } } },
    })
    expect(await client.indices.existsAlias({ name: 'wagob-alias' })).toBe(true)
    expect(await client.indices.exists({ index: 'wagob-000001' })).toBe(true)
    expect(await client.indices.exists({ index: 'never' })).toBe(false)
    await client.indices.deleteIndexTemplate({ name })
    expect(await client.indices.existsIndexTemplate({ name })).toBe(false)
    expect(await client.cluster.health()).toMatchObject({ status: 'green' })
    expect(await client.license.get()).toMatchObject({ license: { type: 'basic', status: 'active' } })
    await client.close()
  })
})

test('winston-elasticsearch writes to a daily index', async () => {
  const transport = new ElasticsearchTransport({
    ...{ level: 'info', indexPrefix: 'winston-logs', flushInterval: 100 },
    clientOpts: { node: server.url, auth: { username: 'elastic', password: key } },
  })
  const problems: unknown[] = []
  transport.on('error', (error) => problems.push(error))
  const logger = winston.createLogger({ transports: [transport] })
  logger.on('error', (error) => problems.push(error))
  const loggedMs = Date.now()
  logger.error('payment failed', { userId: 'u7', context: 'ContractMonitor' })
  logger.info('started')
  const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '.')
  const lines = await eventually(async () => {
    // around midnight it is the day of the line, which may be over
    const days = new Set([dayOf(loggedMs), dayOf(Date.now())])
    const found = (await Promise.all([...days].map((day) => linesOf(`winston-logs-${day}`)))).flat()
    if (found.length < 2) throw new Error(`${found.length} lines; ${String(problems)}`)
    return found
  })
  expect(lines.map(({ body, severity }) => [body, severity]).sort()).toEqual([
    ['payment failed', 17],
    ['started', 9],
  ])
  await transport.flush()
  logger.close()
  expect(problems).toEqual([])
})

test('pino-elasticsearch writes at the port of its own, without a key', async () => {
  const stream = pinoElasticsearch({
    index: 'pino-logs',
    node: `http://127.0.0.1:${esPort}`,
    flushBytes: 100,
  })
  const problems: unknown[] = []
  stream.on('insertError', (error) => problems.push(error))
  const logger = pino({ level: 'info' }, stream)
  logger.warn({ jobId: 12 }, 'slow job')
  logger.info('done')
  stream.end()
  const lines = await eventually(async () => {
    const found = await linesOf('pino-logs')
    if (found.length < 2) throw new Error(`${found.length} lines; ${JSON.stringify(problems)}`)
    return found
  })
  expect(lines.map(({ body, severity }) => [body, severity])).toEqual([
    ['slow job', 13],
    ['done', 9],
  ])
  expect(problems).toEqual([])
})

// https://www.elastic.co/docs/reference/beats/filebeat/setup: what libbeat asks and sets up, in its order
test("Filebeat's start and its first batch, at the port of its own", async () => {
  const beat = {
    'user-agent': 'Elastic-filebeat/8.19.0 (linux; amd64)',
    accept: 'application/vnd.elasticsearch+json;compatible-with=8',
  }
  const greeting = await call('GET', '/', { headers: beat })
  expect(greeting.body).toMatchObject({ version: { number: '8.19.7', build_flavor: 'default' } })
  expect(greeting.headers.get('x-elastic-product')).toBe('Elasticsearch')
  expect(greeting.headers.get('content-type')).toBe('application/vnd.elasticsearch+json;compatible-with=8')
  expect((await call('HEAD', '/', { headers: beat })).status).toBe(200)
  expect((await call('GET', '/_license', { headers: beat })).body).toMatchObject({ license: { type: 'basic' } })
  expect((await call('GET', '/_xpack', { headers: beat })).body).toMatchObject({ features: { ilm: { enabled: true } } })
  const policy = { policy: { phases: { hot: { actions: { rollover: { max_age: '30d' } } } } } }
  expect((await call('GET', '/_ilm/policy/filebeat', { headers: beat })).status).toBe(404)
  expect((await call('PUT', '/_ilm/policy/filebeat', { headers: beat, body: policy })).status).toBe(200)
  expect((await call('HEAD', '/_index_template/filebeat-8.19.0', { headers: beat })).status).toBe(404)
  const template = {
    index_patterns: ['filebeat-8.19.0'],
    data_stream: {},
    template: { mappings: { dynamic_templates: [] } },
  }
  expect((await call('PUT', '/_index_template/filebeat-8.19.0', { headers: beat, body: template })).status).toBe(200)
  expect((await call('HEAD', '/_data_stream/filebeat-8.19.0', { headers: beat })).status).toBe(404)
  expect((await call('PUT', '/_data_stream/filebeat-8.19.0', { headers: beat })).status).toBe(200)
  expect((await call('GET', '/_ingest/pipeline/filebeat-8.19.0-nginx', { headers: beat })).status).toBe(404)
  const event = (message: string): object => ({
    '@timestamp': new Date().toISOString(),
    message,
    host: { name: 'web1' },
    agent: { type: 'filebeat' },
  })
  const body = ['one', 'two']
    .map((message) => `{"create":{"_index":"filebeat-8.19.0"}}\n${JSON.stringify(event(message))}\n`)
    .join('')
  const path = '/_bulk?filter_path=errors%2Citems.%2A.error%2Citems.%2A.status'
  const type = { 'content-type': 'application/vnd.elasticsearch+x-ndjson; compatible-with=8' }
  const batch = () => call('POST', path, { headers: { ...beat, ...type }, body })
  const stored = { errors: false, items: [{ create: { status: 201 } }, { create: { status: 201 } }] }
  expect((await batch()).body).toEqual(stored)
  // its answer was lost on the way
  expect((await batch()).body).toEqual(stored)
  expect((await linesOf('filebeat-8.19.0')).map(({ body: message }) => message).sort()).toEqual(['one', 'two'])
})

test('an index goes for administrators alone', async () => {
  const admin = (
    await runTidewatch(['token', 'create', '--scope', 'admin', '--data-dir', `${dir.path}/data`])
  ).out.trim()
  const put = await call('POST', '/kept/_doc', {
    body: { message: 'kept' },
    headers: { authorization: `Bearer ${key}` },
  })
  expect(put.status).toBe(201)
  const remove = (secret: string) => call('DELETE', '/kept', { headers: { authorization: `Bearer ${secret}` } })
  for (const secret of [key, token]) {
    expect(await remove(secret)).toMatchObject({ status: 403, body: { error: { type: 'security_exception' } } })
    expect(await linesOf('kept')).toHaveLength(1)
  }
  expect(await remove(admin)).toMatchObject({ status: 200, body: { acknowledged: true } })
  expect(await linesOf('kept')).toEqual([])
})

test('the port of its own knows its further names, and reads nothing without a key', async () => {
  const named = await new Promise<number | undefined>((resolve, reject) => {
    get({ host: '127.0.0.1', port: esPort, path: '/', headers: { host: 'elasticsearch:9200' } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    }).on('error', reject)
  })
  expect(named).toBe(200)
  expect((await call('POST', '/_search', { body: {} })).status).not.toBe(200)
})

test('what is browsed at / is the page; programs are greeted', async () => {
  const page = await fetch(`${server.url}/`, { headers: { accept: 'text/html' } })
  expect(page.headers.get('x-elastic-product')).toBeNull()
  const greeting = await fetch(`${server.url}/`)
  expect(greeting.headers.get('x-elastic-product')).toBe('Elasticsearch')
  const below = await fetch(`${server.url}/elastic/?pretty`)
  expect(await below.text()).toContain('\n  "tagline": "You Know, for Search"')
})
