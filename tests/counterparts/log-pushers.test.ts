// Clients that push logs over HTTP, as applications use them: pino-loki, winston-loki, the OpenTelemetry exporters, AWS's SDK, GELF by hand.
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogStreamsCommand,
  InvalidParameterException,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  paginateDescribeLogGroups,
  paginateDescribeLogStreams,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs'
import { context, TraceFlags, trace } from '@opentelemetry/api'
import { SeverityNumber } from '@opentelemetry/api-logs'
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtoExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { freePort } from '@tidewatch/testkit/free-port.ts'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { field, snappyBlock, varintField } from '@tidewatch/testkit/write-request.ts'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import winston from 'winston'
import LokiTransport from 'winston-loki'
import { runTidewatch, type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer
let key: string
let token: string
let lokiPort: number

interface Stream {
  readonly stream: Readonly<Record<string, string>>
  readonly values: readonly (readonly [time: string, line: string])[]
}

/** Lines of a LogQL query, the newest first, each with its labels. */
async function ask(query: string): Promise<readonly { readonly labels: Stream['stream']; readonly line: string }[]> {
  const url = `${server.url}/loki/api/v1/query_range?limit=100&query=${encodeURIComponent(query)}`
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  const { data } = JSON.parse(text) as { readonly data: { readonly result: readonly Stream[] } }
  return data.result.flatMap(({ stream, values }) => values.map(([, line]) => ({ labels: stream, line })))
}

const arrives = (query: string, expected: readonly unknown[]) =>
  eventually(async () => {
    const lines = await ask(query)
    expect(lines).toHaveLength(expected.length)
    expect(lines).toEqual(expect.arrayContaining(expected.map((one) => expect.objectContaining(one as object))))
  })

beforeAll(async () => {
  dir = stack.use(tempDir())
  lokiPort = await freePort()
  dir.write('tidewatch.yml', `listeners: { loki: { address: '127.0.0.1:${lokiPort}' } }\n`)
  const dataDir = `${dir.path}/data`
  server = stack.use(await startServer({ auth: true, dataDir, args: ['--config', `${dir.path}/tidewatch.yml`] }))
  key = (await runTidewatch(['token', 'key', '--data-dir', dataDir])).out.trim()
  token = (await runTidewatch(['token', 'create', '--scope', 'read', '--data-dir', dataDir])).out.trim()
})
afterAll(() => stack.disposeAsync())

test('pino-loki, with a key', async () => {
  const transport = pino.transport({
    target: 'pino-loki',
    options: {
      host: server.url,
      headers: { authorization: `Bearer ${key}` },
      labels: { app: 'pino-app' },
      batching: false,
    },
  })
  const logger = pino({ level: 'debug' }, transport)
  logger.info({ trace_id: '0af7651916cd43dd8448eb211c80319c', order: 17 }, 'order placed')
  logger.error('it failed')
  await new Promise<void>((resolve) => logger.flush(() => resolve()))
  await arrives('{app="pino-app"} | json | msg="order placed"', [
    {
      labels: expect.objectContaining({ service_name: 'pino-app', order: '17' }),
      line: expect.stringContaining('"msg":"order placed"'),
    },
  ])
  await arrives('{app="pino-app"} | detected_level="error"', [{ line: expect.stringContaining('it failed') }])
  await arrives('{app="pino-app"} | trace_id="0af7651916cd43dd8448eb211c80319c"', [
    { line: expect.stringContaining('order placed') },
  ])
  transport.end()
})

test.each([true, false])("winston-loki to Loki's port, without a key, json %s", async (json) => {
  const app = `winston-${json ? 'json' : 'protobuf'}`
  const transport = new LokiTransport({
    ...{ host: `http://127.0.0.1:${lokiPort}`, json, labels: { app }, batching: true, interval: 1 },
    ...{ replaceTimestamp: false, onConnectionError: (error: unknown) => expect.unreachable(String(error)) },
  })
  const logger = winston.createLogger({ level: 'debug', transports: [transport] })
  logger.warn('careful ä', { labels: { part: 'cart' } })
  logger.info('fine')
  await arrives(`{app="${app}"}`, [
    { labels: expect.objectContaining({ level: 'warn', part: 'cart' }), line: expect.stringContaining('careful ä') },
    { labels: expect.objectContaining({ level: 'info' }), line: expect.stringContaining('fine') },
  ])
  logger.close()
})

test('a push as Promtail and Alloy send it: protobuf in a block of snappy', async () => {
  const seconds = Math.floor(Date.now() / 1000)
  const entry = (line: string, nanos: number, ...pairs: readonly Uint8Array[]): Uint8Array =>
    field(
      2,
      Buffer.concat([
        field(1, Buffer.concat([varintField(1, seconds), varintField(2, nanos)])),
        field(2, line),
        ...pairs,
      ]),
    )
  const metadata = field(3, Buffer.concat([field(1, 'pod'), field(2, 'shop-7')]))
  const labels = '{filename="/var/log/shop.log", job="promtail-shop"}'
  const body = snappyBlock(field(1, Buffer.concat([field(1, labels), entry('second', 2, metadata), entry('first', 1)])))
  for (const path of ['/loki/api/v1/push', '/api/prom/push']) {
    const headers = {
      'content-type': 'application/x-protobuf',
      authorization: `Bearer ${key}`,
      'x-scope-orgid': 'team-a',
    }
    const response = await fetch(server.url + path, { method: 'POST', headers, body })
    expect(response.status).toBe(204)
  }
  // the second one was a repeat
  await arrives('{job="promtail-shop"}', [
    { line: 'second', labels: expect.objectContaining({ pod: 'shop-7', service_name: 'promtail-shop' }) },
    { line: 'first' },
  ])
  const refused = await fetch(`${server.url}/loki/api/v1/push`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })
  expect(refused.status).toBe(401)
})

test.each([
  ['json', JsonExporter],
  ['protobuf', ProtoExporter],
] as const)("OpenTelemetry's log exporter, %s", async (format, Exporter) => {
  const service = `otel-${format}`
  const exporter = new Exporter({ url: `${server.url}/v1/logs`, headers: { authorization: `Bearer ${key}` } })
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'deployment.environment.name': 'test' }),
    processors: [new BatchLogRecordProcessor({ exporter })],
  })
  const logger = provider.getLogger('shop', '1.2')
  const spanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED }
  logger.emit({
    ...{
      severityNumber: SeverityNumber.ERROR,
      severityText: 'ERROR',
      body: 'it broke',
      attributes: { 'cart.items': 3 },
    },
    context: trace.setSpanContext(context.active(), spanContext),
  })
  logger.emit({ body: { msg: 'structured', n: 1 }, eventName: 'cart.opened' })
  await provider.forceFlush()
  await arrives(`{service_name="${service}"}`, [
    {
      line: 'it broke',
      labels: expect.objectContaining({
        ...{ cart_items: '3', trace_id: 'a'.repeat(32), detected_level: 'error', otel_scope_name: 'shop' },
        deployment_environment_name: 'test',
      }),
    },
    {
      line: '{"msg":"structured","n":1}',
      labels: expect.objectContaining({ body_msg: 'structured', event_name: 'cart.opened' }),
    },
  ])
  await provider.shutdown()
})

test("AWS's SDK: what the CloudWatch agent does before it sends, events, refusals", async () => {
  const client = new CloudWatchLogsClient({
    ...{ endpoint: `${server.url}/?key=${key}`, region: 'eu-central-1' },
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'unused' },
  })
  client.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request as { headers: Record<string, string> }
      request.headers.authorization = `Bearer ${key}`
      return await next(args)
    },
    { step: 'finalizeRequest', priority: 'low' },
  )
  const named = { logGroupName: '/ecs/aws-shop', logStreamName: 'task/1' }
  await client.send(new CreateLogGroupCommand({ logGroupName: named.logGroupName }))
  await client.send(new PutRetentionPolicyCommand({ logGroupName: named.logGroupName, retentionInDays: 14 }))
  await client.send(new CreateLogStreamCommand(named))
  for (const logGroupName of ['/ecs/a', '/ecs/b']) await client.send(new CreateLogGroupCommand({ logGroupName }))
  const groups: unknown[] = []
  for await (const page of paginateDescribeLogGroups({ client, pageSize: 2 }, { logGroupNamePrefix: '/ecs' }))
    groups.push(page.logGroups?.map(({ logGroupName }) => logGroupName))
  expect(groups).toEqual([['/ecs/a', '/ecs/aws-shop'], ['/ecs/b']])
  const streams: unknown[] = []
  for await (const page of paginateDescribeLogStreams({ client }, { logGroupName: named.logGroupName }))
    streams.push(...(page.logStreams ?? []))
  expect(streams).toMatchObject([{ logStreamName: 'task/1' }])
  await expect(client.send(new DescribeLogStreamsCommand({ logGroupName: 'none' }))).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  )
  const nowMs = Date.now()
  const logEvents = [
    { timestamp: 1, message: 'ancient' },
    { timestamp: nowMs, message: '{"level":"error","msg":"from aws"}' },
  ]
  const put = await client.send(new PutLogEventsCommand({ ...named, logEvents }))
  expect(put.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 })
  await arrives('{log_group="/ecs/aws-shop"}', [
    {
      line: '{"level":"error","msg":"from aws"}',
      labels: expect.objectContaining({ service_name: 'aws-shop', detected_level: 'error' }),
    },
  ])
  await expect(client.send(new PutLogEventsCommand({ ...named, logEvents: [] }))).rejects.toBeInstanceOf(
    InvalidParameterException,
  )
  client.destroy()
})

test('GELF by HTTP, and shippers that post lines of JSON', async () => {
  const headers = { authorization: `Bearer ${key}` }
  const gelf = { version: '1.1', host: 'web-1', short_message: 'by gelf', level: 3, facility: 'gelf-shop', _order: 17 }
  const answer = await fetch(`${server.url}/gelf`, { method: 'POST', headers, body: JSON.stringify(gelf) })
  expect(answer.status).toBe(202)
  await arrives('{service_name="gelf-shop"}', [
    { line: 'by gelf', labels: expect.objectContaining({ order: '17', detected_level: 'error' }) },
  ])
  const bad = await fetch(`${server.url}/gelf`, { method: 'POST', headers, body: '{"host":"x"}' })
  expect(bad.status).toBe(400)
  // Fluent Bit: output http, format json_lines; Vector: sink http, encoding ndjson
  const lines = [
    '{"log":"from fluent bit","service":"ndjson-shop"}',
    '{"message":"from vector","service":"ndjson-shop"}',
  ]
  const posted = await fetch(`${server.url}/api/tidewatch/v1/logs`, {
    ...{ method: 'POST', body: `${lines.join('\n')}\n` },
    headers: { ...headers, 'content-type': 'application/x-ndjson' },
  })
  expect(await posted.json()).toEqual({ accepted: 2 })
  await arrives('{service_name="ndjson-shop"} |= "vector"', [{ line: 'from vector' }])
})
