import type { LogRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { field, varintField } from '@tidewatch/testkit/write-request.ts'
import { describe, expect, it, vi } from 'vitest'
import type { Answer, Identity, RequestContext } from '../../../http/port.ts'
import { type FakeLogs, fakeLogs } from '../../logs/fakes.ts'
import { loki } from '../loki.ts'

const nowMs = Date.UTC(2026, 5, 1, 12)
const identity: Identity = {
  ...{ kind: 'local', name: 'test', permissions: new Set(), projects: 'all', project: defaultProject },
}

interface Opened extends FakeLogs {
  push(body: unknown, contentType?: string): Promise<Answer>
}

function open(): Opened {
  const logs = fakeLogs({ clock: new FakeClock(nowMs) })
  const [route] = loki.routes({ logs: logs.intake, clock: logs.clock } as unknown as Parameters<typeof loki.routes>[0])
  return {
    ...logs,
    async push(body, contentType = body instanceof Uint8Array ? 'application/x-protobuf' : 'application/json') {
      const context: RequestContext = {
        ...{ id: 'r', params: {}, query: {}, identity, remoteAddress: '10.0.0.7' },
        body: body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
        headers: { 'content-type': contentType },
        signal: new AbortController().signal,
      }
      return (await route?.handle(context)) ?? {}
    },
  }
}

const ns = (ms: number, rest = 0): string => `${BigInt(ms) * 1_000_000n + BigInt(rest)}`

const timestamp = (ms: number, nanos = 0): Uint8Array =>
  field(1, Buffer.concat([varintField(1, Math.floor(ms / 1000)), varintField(2, (ms % 1000) * 1e6 + nanos)]))
const pair = (name: string, value: string): Uint8Array => field(3, Buffer.concat([field(1, name), field(2, value)]))
const entry = (...parts: readonly Uint8Array[]): Uint8Array => field(2, Buffer.concat(parts))
const stream = (labels: string, ...entries: readonly Uint8Array[]): Uint8Array =>
  field(1, Buffer.concat([field(1, labels), ...entries, varintField(3, 12345n)]))

const shown = ({ timeNs, body, service, severity, traceId, resource, attributes }: LogRecord) => ({
  ...{ timeNs: String(timeNs), body, service, severity, traceId },
  ...{ resource: Object.fromEntries(resource), attributes: Object.fromEntries(attributes) },
})

describe('a push', () => {
  const trace = '0af7651916cd43dd8448eb211c80319c'
  const expected = [
    {
      ...{ timeNs: ns(nowMs - 5000, 7), body: 'level=warn slow', service: 'shop', severity: 13, traceId: trace },
      ...{ resource: { app: 'shop', env: 'prod' }, attributes: { pod: 'a-1' } },
    },
    {
      ...{ timeNs: ns(nowMs - 9000), body: 'ä 😀', service: 'shop', severity: 0, traceId: '' },
      ...{ resource: { app: 'shop', env: 'prod' }, attributes: {} },
    },
    {
      ...{ timeNs: ns(nowMs), body: '', service: 'db', severity: 17, traceId: '' },
      ...{ resource: { service_name: 'db', app: 'x', level: 'error' }, attributes: {} },
    },
  ]

  it('in protobuf: labels, times in any order, structured metadata', async () => {
    const { push, lines } = open()
    const body = Buffer.concat([
      stream(
        '{app="shop", env="prod"}',
        entry(timestamp(nowMs - 5000, 7), field(2, 'level=warn slow'), pair('trace_id', trace), pair('pod', 'a-1')),
        entry(timestamp(nowMs - 9000), field(2, 'ä 😀')),
      ),
      stream('{service_name="db", app="x", level="error", none=""}', entry(timestamp(nowMs))),
    ])
    expect(await push(body)).toEqual({ status: 204 })
    expect(lines.map(shown)).toEqual(expected)
  })

  it('in JSON', async () => {
    const { push, lines } = open()
    const streams = [
      {
        stream: { app: 'shop', env: 'prod' },
        values: [
          [ns(nowMs - 5000, 7), 'level=warn slow', { trace_id: trace, pod: 'a-1' }],
          [ns(nowMs - 9000), 'ä 😀'],
        ],
      },
      { stream: { service_name: 'db', app: 'x', level: 'error', none: '' }, values: [[ns(nowMs), '']] },
    ]
    expect(await push({ streams })).toEqual({ status: 204 })
    expect(lines.map(shown)).toEqual(expected)
  })

  it('in the JSON of the first releases', async () => {
    const { push, lines } = open()
    const entries = [{ ts: new Date(nowMs).toISOString(), line: 'a' }]
    expect(await push({ streams: [{ labels: '{app="shop",q="a\\"b"}', entries }] })).toEqual({ status: 204 })
    expect(lines.map(shown)).toMatchObject([{ timeNs: ns(nowMs), body: 'a', resource: { app: 'shop', q: 'a"b' } }])
  })

  it('of nothing is answered like any other', async () => {
    const { push, lines } = open()
    for (const body of [{}, { streams: [] }, new Uint8Array(0)]) expect(await push(body)).toEqual({ status: 204 })
    expect(lines).toEqual([])
  })

  it('is known again by its bytes where all its lines name their times', async () => {
    const { push, spool } = open()
    const append = vi.spyOn(spool, 'append')
    const timed = { streams: [{ stream: { app: 'a' }, values: [[ns(nowMs), 'x']] }] }
    const untimed = { streams: [{ stream: { app: 'a' }, values: [['0', 'x']] }] }
    for (const body of [timed, timed, untimed]) await push(body)
    const [first, second, third] = append.mock.calls.map(([, options]: readonly unknown[]) => options)
    expect(first).toEqual({ bodyHash: expect.stringMatching(/^logs-0-./) })
    expect(second).toEqual(first)
    expect(third).toEqual({})
  })

  it('keeps lines whose clocks are years off, and tells what they claimed', async () => {
    const { push, lines } = open()
    await push({ streams: [{ stream: { app: 'a' }, values: [[ns(Date.UTC(2126, 0)), 'x']] }] })
    await push(stream('{app="a"}', entry(field(1, varintField(1, -5n)), field(2, 'y'))))
    expect(lines.map((line) => line.attributes.get('claimed_time'))).toEqual([
      '2126-01-01T00:00:00.000Z',
      expect.any(String),
    ])
  })
})

describe('the service is', () => {
  it.each([
    [{ service: 'a', app: 'b' }, 'a'],
    [{ job: 'j', container: 'c' }, 'c'],
    [{ job: 'j', host: 'h' }, 'j'],
    [{ host: 'h' }, ''],
  ])('of %j %s', async (labels, service) => {
    const { push, lines } = open()
    await push({ streams: [{ stream: labels, values: [[ns(nowMs), 'x']] }] })
    expect(lines[0]?.service).toBe(service)
  })
})

describe('what is refused says where', () => {
  const good = { stream: { app: 'good' }, values: [[ns(nowMs), 'x']] }

  it('streams with bad labels, and the others are kept', async () => {
    const { push, lines } = open()
    const bad = { stream: { 'a-b': '1' }, values: [[ns(nowMs), 'x']] }
    const answer = await push({ streams: [bad, good, { ...bad, stream: {} }] })
    expect(answer.status).toBe(400)
    expect(answer.body).toContain('2 streams left out')
    expect(answer.body).toContain('invalid label name: "a-b"')
    expect(lines.map(({ service }) => service)).toEqual(['good'])
  })

  it.each([
    ['{app="x"', 'Error parsing labels'],
    ['app', 'Error parsing labels'],
    ['{app=~"x"}', 'labels have "=" only'],
    ['{}', 'at least one label pair is required per stream'],
    ['{a="1", a="2"}', 'duplicate label name'],
    [`{a="${'x'.repeat(1 << 20)}"}`, 'characters'],
    [`{a="${'x'.repeat(3000)}"}`, 'label value too long'],
    [`{${'n'.repeat(2000)}="x"}`, 'label name too long'],
    [`{${Array.from({ length: 100 }, (_, i) => `l${i}="1"`).join(',')}}`, 'has 100 label names; limit 64'],
  ])('labels %.40s', async (labels, message) => {
    const { push, lines } = open()
    await expect(push(stream(labels, entry(timestamp(nowMs), field(2, 'x'))))).rejects.toThrow(message)
    expect(lines).toEqual([])
  })

  it.each([
    ['no JSON', '{"streams":[', 'is not JSON'],
    ['a list', '[]', 'the body: '],
    ['a stream that is none', { streams: [good, 1] }, 'streams[1]: '],
    ['a value that is none', { streams: [{ stream: { a: 'b' }, values: ['x'] }] }, 'streams[0].values[0]: '],
    [
      'a time that is none',
      { streams: [{ stream: { a: 'b' }, values: [['now', 'x']] }] },
      'streams[0].values[0][0]: "now" is no time',
    ],
    ['a line that is none', { streams: [{ stream: { a: 'b' }, values: [['1', 5]] }] }, 'streams[0].values[0][1]: '],
    [
      'metadata that is none',
      { streams: [{ stream: { a: 'b' }, values: [['1', 'x', 5]] }] },
      'streams[0].values[0][2]: ',
    ],
    [
      'a former time that is none',
      { streams: [{ labels: '{a="b"}', entries: [{ ts: 5, line: 'x' }] }] },
      'entries[0].ts',
    ],
  ])('%s', async (_, body, message) => {
    const { push, lines } = open()
    await expect(push(body)).rejects.toThrow(message)
    expect(lines).toEqual([])
  })

  it('other content types', async () => {
    const { push } = open()
    await expect(push('x', 'text/plain')).rejects.toMatchObject({ code: 'http.media_type' })
  })
})
