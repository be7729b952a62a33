// Bodies of the real OpenTelemetry log exporter, edge cases of the conformance kit and the protocol's own example, through the receiver.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { findConformanceKit } from '@tidewatch/testkit/promqltest/kit.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Answer, RequestContext } from '../../../http/port.ts'
import { fakeLogs } from '../../logs/fakes.ts'
import { otlpLogRoutes } from './logs.ts'

const kit = findConformanceKit('otlp')
const dir = kit ?? ''
const isLeftOut = kit === undefined && process.env.CI === undefined
const isWhole = existsSync(join(dir, 'index.json'))
const readJson = (file: string): unknown => JSON.parse(readFileSync(join(dir, file), 'utf8'))

const nowMs = Date.UTC(2026, 10, 21, 12)

async function post(body: Uint8Array, contentType: string): Promise<{ answer: Answer; lines: readonly LogRecord[] }> {
  const { intake, clock, lines } = fakeLogs({ clock: new FakeClock(nowMs) })
  const [route] = otlpLogRoutes({ logs: intake, clock })
  const context: RequestContext = {
    ...{ id: 'r', params: {}, query: {}, body, remoteAddress: '127.0.0.1', headers: { 'content-type': contentType } },
    identity: { kind: 'local', name: 'test', permissions: new Set(), projects: 'all', project: defaultProject },
    signal: new AbortController().signal,
  }
  return { answer: (await route?.handle(context)) ?? {}, lines }
}

const bodies = isWhole
  ? z
      .array(
        z.object({
          signal: z.string(),
          bodies: z.array(z.object({ file: z.string(), headers: z.record(z.string(), z.string()) })),
        }),
      )
      .parse(readJson('index.json'))
      .filter(({ signal }) => signal === 'logs')
      .flatMap(({ bodies: all }) => all)
  : []
const edges = isWhole
  ? z
      .array(z.object({ name: z.string(), path: z.string(), body: z.string().optional(), status: z.number() }))
      .parse(readJson('edge.json'))
      .filter(({ path }) => path === '/v1/logs')
  : []

/** What the exporter sent, told by hand from the kit's description. */
const sent: readonly (Partial<LogRecord> & { readonly ms: number; readonly said?: Record<string, unknown> })[] = [
  {
    ...{ ms: 500, severity: 9, severityText: 'INFO', body: 'order placed' },
    said: { 'order.id': 17, total: 19.99, items: ['a', 'b'], 'nested.a.b': 1, flag: true },
  },
  {
    ...{
      ms: 1500,
      severity: 5,
      severityText: 'debug',
      body: '{"msg":"structured","n":1,"deep":{"x":[1,"two",null,true]}}',
    },
    said: { 'body.msg': 'structured', 'body.n': 1, 'body.deep.x': [1, 'two', true] },
  },
  { ms: 2500, severity: 13, severityText: 'warn', body: '["a",1,false]' },
  { ms: 3500, severity: 4, body: '42.5' },
  { ms: 4500, severity: 0, body: '', user: 'u-1', said: { 'event.name': 'user.signed_in' } },
  {
    ...{ ms: 5500, severity: 10, body: 'inside a span', said: { flags: 1 } },
    ...{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' },
  },
  {
    ...{ ms: 6500, severity: 21, severityText: 'FATAL', body: 'crash\nsecond line' },
    said: {
      'exception.type': 'TypeError',
      'exception.message': 'x is null',
      'exception.stacktrace': 'TypeError: x is null\n    at f (/app/a.js:1:2)',
    },
  },
]
const expected = sent.map(({ ms, severityText = '', user = '', traceId = '', spanId = '', said, ...rest }) => ({
  timeNs: BigInt(1735689600000 + ms) * 1_000_000n,
  ...{ severityText, user, traceId, spanId, ...rest },
  attributes: { ...said, 'otel.scope.name': 'shop-log', 'otel.scope.version': '1.0.0' },
  ...{ service: 'shop-api', release: '1.4.2', environment: 'staging' },
  resource: {
    'service.name': 'shop-api',
    'service.version': '1.4.2',
    'service.namespace': 'shop',
    'deployment.environment.name': 'staging',
    'service.instance.id': 'a1',
    'process.pid': '4242',
    'test.list': '["a","b"]',
    'test.double': '0.5',
    'test.bool': 'true',
  },
}))

const shown = ({ resource, attributes, ...rest }: LogRecord) => ({
  ...rest,
  resource: Object.fromEntries(resource),
  attributes: Object.fromEntries(attributes),
})

describe.skipIf(isLeftOut)('bodies of the OpenTelemetry log exporter', () => {
  beforeAll(() => {
    if (kit === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
    expect(bodies).toHaveLength(4)
    expect(edges).toHaveLength(6)
  })

  it.each(bodies)('$file', async ({ file, headers }) => {
    const raw = readFileSync(join(dir, file))
    const type = headers['content-type'] ?? ''
    const { answer, lines } = await post(headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw, type)
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': type } })
    expect(answer.body).toEqual(type === 'application/json' ? { partialSuccess: {} } : new Uint8Array(0))
    expect(lines.map(shown)).toMatchObject(expected)
  })

  it("the protocol's own example", async () => {
    const { lines } = await post(readFileSync(join(dir, 'examples/logs.json')), 'application/json')
    expect(lines.map(shown)).toMatchObject([
      {
        ...{ timeNs: 1544712660300000000n, severity: 10, severityText: 'Information', body: 'Example log record' },
        ...{ traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', service: 'my.service' },
        attributes: {
          'string.attribute': 'some string',
          'boolean.attribute': true,
          'int.attribute': 10,
          'double.attribute': 637.704,
          'array.attribute': ['many', 'values'],
          'map.attribute.some.map.key': 'some value',
          'otel.scope.my.scope.attribute': 'some scope attribute',
        },
      },
    ])
  })
})

describe.skipIf(isLeftOut)("the kit's edge cases", () => {
  const edge = async (name: string): Promise<LogRecord | undefined> => {
    const found = edges.find((one) => one.name === name)
    const { answer, lines } = await post(Buffer.from(found?.body ?? ''), 'application/json')
    expect(answer.status).toBe(found?.status)
    return lines[0]
  }

  it('empty list', async () => expect(await edge('empty list')).toBeUndefined())
  it('log without time', async () =>
    expect(await edge('log without time')).toMatchObject({ timeNs: 1544712660300000000n }))
  it('log without any time', async () =>
    expect(await edge('log without any time')).toMatchObject({ timeNs: BigInt(nowMs) * 1_000_000n }))
  it('severity number without text', async () =>
    expect(await edge('severity number without text')).toMatchObject({ severity: 17, severityText: '' }))
  it('severity text without number', async () =>
    expect(await edge('severity text without number')).toMatchObject({ severity: 13, severityText: 'Warning' }))
  it('log with zero ids', async () =>
    expect(await edge('log with zero ids')).toMatchObject({ traceId: '', spanId: '', timeNs: 1n, body: 'x' }))
})
