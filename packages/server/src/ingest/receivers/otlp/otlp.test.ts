// What the kit does not have: deltas over time, ends, starts that change, settings, scopes, and what is refused.
import { AppError } from '@tidewatch/core/error.ts'
import { describe, expect, it } from 'vitest'
import { openReceiver, usualSettings } from './testing/receiver.ts'

type Json = Readonly<Record<string, unknown>>
const startMs = Date.UTC(2026, 10, 21, 11)
const ns = (ms: number): string => `${ms}000000`
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })

function body(metric: Json, { resource = [] as readonly unknown[], scope = {} as Json } = {}): Buffer {
  const scopeMetrics = [{ scope, metrics: [metric] }]
  return Buffer.from(JSON.stringify({ resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics }] }))
}
const json = 'application/json'
const sum = (dataPoints: readonly Json[], aggregationTemporality = 1) => ({
  name: 'm',
  sum: { aggregationTemporality, isMonotonic: true, dataPoints },
})
const point = (atMs: number, asDouble: number, fromMs = atMs - 1000): Json => ({
  ...{ startTimeUnixNano: ns(fromMs), timeUnixNano: ns(atMs), asDouble },
})

describe('JSON', () => {
  it('with the names of fields as the .proto file has them, numbers as text or number, ids as they are', async () => {
    const snake = `{"resource_metrics":[{"resource":{"attributes":[{"key":"service.name","value":{"string_value":"s_x"}}]},
      "scope_metrics":[{"schema_url":"","metrics":[
        {"name":"in_use","sum":{"aggregation_temporality":2,"is_monotonic":true,"data_points":[
          {"start_time_unix_nano":${startMs}000000,"time_unix_nano":"${ns(startMs)}","as_int":"7","attributes":
            [{"key":"http_method","value":{"kvlist_value":{"values":[{"key":"an_int","value":{"int_value":5}}]}}}],
           "exemplars":[{"time_unix_nano":"${ns(startMs)}","as_int":3,"trace_id":"0102030405060708090A0B0C0D0E0F10",
             "span_id":"0102030405060708","filtered_attributes":[]}]}]}},
        {"name":"sizes","exponential_histogram":{"aggregation_temporality":"AGGREGATION_TEMPORALITY_CUMULATIVE","data_points":[
          {"time_unix_nano":"${ns(startMs)}","count":"3","sum":4,"scale":0,"zero_count":1,
           "positive":{"offset":0,"bucket_counts":["2"]}}]}}]}]}]}`
    const names = (one: Awaited<ReturnType<typeof sent>>) => ({
      ...{ samples: one.samples, exemplars: one.exemplars, histograms: one.histograms },
    })
    const camel = snake.replace(/"([a-z]+(?:_[a-z]+)+)":/g, (_, name: string) => {
      return `"${name.replace(/_([a-z])/g, (__, letter: string) => letter.toUpperCase())}":`
    })
    const found = names(await sent(snake))
    expect(found).toEqual(names(await sent(camel)))
    expect(found.samples.find(({ value }) => value === 7)).toBeDefined()
    expect(found.histograms).toHaveLength(1)
    expect(JSON.stringify(found.samples)).toContain('http_method')
    expect(JSON.stringify(found.samples)).toContain('an_int')
  })

  it('as deep as nobody reads is passed over', async () => {
    const deep = `${'{"a_b":'.repeat(5000)}1${'}'.repeat(5000)}`
    const receiver = openReceiver()
    const bytes = Buffer.from(`{"resource_metrics":[],"__proto__":{"x_y":1},"not_known":${deep}}`)
    expect((await receiver.post(bytes, json)).body).toEqual({ partialSuccess: {} })
  })
})

async function sent(bodyText: string) {
  const receiver = openReceiver()
  expect((await receiver.post(Buffer.from(bodyText), json)).body).toEqual({ partialSuccess: {} })
  return receiver.stored()
}

describe('deltas', () => {
  it('are added up from zero on; a repeated one and a late one count once', async () => {
    const receiver = openReceiver()
    for (const one of [point(startMs, 5), point(startMs + 1000, 2), point(startMs + 1000, 2), point(startMs + 500, 9)])
      expect((await receiver.post(body(sum([one])), json)).body).toEqual({ partialSuccess: {} })
    const { samples } = receiver.stored()
    expect(samples.map(({ timeMs, value }) => [timeMs - startMs, value])).toEqual([
      [-999, 0],
      [0, 5],
      [1000, 7],
    ])
    expect(receiver.leftOut.get('repeated_delta')).toBe(2)
  })

  it('that could not be stored count when they are sent again', async () => {
    const receiver = openReceiver()
    await receiver.post(body(sum([point(startMs, 5)])), json)
    receiver.acceptor.failure = new AppError('spool.full', 'full')
    await expect(receiver.post(body(sum([point(startMs + 1000, 2)])), json)).rejects.toThrow('full')
    await receiver.post(body(sum([point(startMs + 1000, 2)])), json)
    expect(receiver.stored().newest('m_total')).toBe(7)
  })

  it('that others have built upon while they failed are in the total already', async () => {
    const receiver = openReceiver()
    receiver.acceptor.failure = new AppError('spool.full', 'full')
    const failing = receiver.post(body(sum([point(startMs, 5)])), json)
    const later = receiver.post(body(sum([point(startMs + 1000, 2)])), json)
    await expect(failing).rejects.toThrow('full')
    await later
    await receiver.post(body(sum([point(startMs, 5)])), json)
    expect(receiver.stored().newest('m_total')).toBe(7)
  })

  it('lose nothing to rounding', async () => {
    const receiver = openReceiver()
    for (let i = 0; i < 1000; i++) await receiver.post(body(sum([point(startMs + i * 1000, 0.1)])), json)
    expect(receiver.stored().newest('m_total')).toBe(100)
  })

  it('of histograms begin anew where the bounds change', async () => {
    const receiver = openReceiver()
    const histogram = (atMs: number, explicitBounds: readonly number[], bucketCounts: readonly string[]) => ({
      name: 'h',
      histogram: {
        aggregationTemporality: 1,
        dataPoints: [{ timeUnixNano: ns(atMs), count: '3', sum: 2, explicitBounds, bucketCounts }],
      },
    })
    await receiver.post(body(histogram(startMs, [1], ['1', '2'])), json)
    await receiver.post(body(histogram(startMs + 1000, [1], ['3', '0'])), json)
    expect(receiver.stored().all()).toEqual({ h_sum: 4, h_count: 6, 'h_bucket{le="1"}': 4, 'h_bucket{le="+Inf"}': 6 })
    await receiver.post(body(histogram(startMs + 2000, [2], ['3', '0'])), json)
    expect(receiver.stored().all()).toMatchObject({ h_count: 3, 'h_bucket{le="2"}': 3 })
  })

  it('of exponential histograms meet at the coarser scale and the wider zero bucket', async () => {
    const receiver = openReceiver()
    const exponential = (atMs: number, more: Json) => ({
      name: 'e',
      exponentialHistogram: { aggregationTemporality: 1, dataPoints: [{ timeUnixNano: ns(atMs), ...more }] },
    })
    const first = { scale: 1, count: '3', sum: 6, positive: { offset: 0, bucketCounts: ['1', '1', '1'] } }
    const second = {
      scale: 0,
      count: '2',
      sum: 4,
      zeroThreshold: 1,
      zeroCount: '1',
      positive: { offset: -1, bucketCounts: ['1'] },
    }
    await receiver.post(body(exponential(startMs, first)), json)
    await receiver.post(body(exponential(startMs + 1000, second)), json)
    expect(receiver.stored().histograms.at(-1)?.histogram).toMatchObject({
      ...{ schema: 0, count: 5, sum: 10, zeroThreshold: 1, zeroCount: 2 },
      ...{ positiveSpans: [{ offset: 1, length: 2 }], positiveBuckets: Float64Array.of(2, 1) },
    })
  })
})

describe('cumulative sums', () => {
  it('that begin anew are zero at their start, also where they are greater at once', async () => {
    const receiver = openReceiver()
    await receiver.post(body(sum([point(startMs, 5, startMs - 60_000)], 2)), json)
    await receiver.post(body(sum([point(startMs + 10_000, 8, startMs + 4000)], 2)), json)
    await receiver.post(body(sum([point(startMs + 20_000, 9, startMs + 4000)], 2)), json)
    expect(receiver.stored().samples.map(({ timeMs, value }) => [timeMs - startMs, value])).toEqual([
      [0, 5],
      [4000, 0],
      [10_000, 8],
      [20_000, 9],
    ])
  })
})

describe('native histograms', () => {
  const exponential = (more: Json) => ({
    name: 'e',
    exponentialHistogram: { aggregationTemporality: 2, dataPoints: [{ timeUnixNano: ns(startMs), ...more }] },
  })

  it('finer than there are become coarser, with gaps as spans', async () => {
    const receiver = openReceiver()
    const counts = ['1', '1', '0', '0', '0', '0', '0', '0', '0', '0', '2']
    await receiver.post(
      body(exponential({ scale: 9, count: '4', positive: { offset: -1, bucketCounts: counts } })),
      json,
    )
    expect(receiver.stored().histograms.at(-1)?.histogram).toMatchObject({
      ...{ schema: 8, zeroThreshold: 1e-128 },
      positiveSpans: [
        { offset: 0, length: 2 },
        { offset: 3, length: 1 },
      ],
      positiveBuckets: Float64Array.of(1, 1, 2),
    })
  })

  it('coarser than there are are left out, with the reason', async () => {
    const receiver = openReceiver()
    const answer = await receiver.post(body(exponential({ scale: -5, count: '0' })), json)
    expect(answer.body).toMatchObject({
      partialSuccess: { rejectedDataPoints: '1', errorMessage: expect.stringContaining('scale -5') },
    })
  })

  it('with custom buckets, where the configuration says so', async () => {
    const receiver = openReceiver({ ...usualSettings, makesCustomBuckets: true })
    const dataPoints = [
      { timeUnixNano: ns(startMs), count: '3', sum: 2, explicitBounds: [1, 2], bucketCounts: ['0', '1', '2'] },
    ]
    await receiver.post(body({ name: 'h', histogram: { aggregationTemporality: 2, dataPoints } }), json)
    expect(receiver.stored().histograms.at(-1)?.histogram).toMatchObject({
      ...{ schema: -53, customValues: [1, 2], count: 3 },
      ...{ positiveSpans: [{ offset: 1, length: 2 }], positiveBuckets: Float64Array.of(1, 2) },
    })
  })
})

describe('settings', () => {
  const resource = [text('service.name', 's'), text('service.instance.id', 'i'), text('host.name', 'h'), text('k', 'v')]
  const gauge = (attributes: readonly unknown[]) => ({
    name: 'g',
    gauge: { dataPoints: [{ timeUnixNano: ns(startMs), asInt: '1', attributes }] },
  })
  const scope = { name: 'lib', version: '1', attributes: [text('a.b', 'c')] }

  it('usual: attributes that become one label share it, job and instance win', async () => {
    const receiver = openReceiver()
    await receiver.post(
      body(gauge([text('x.y', '2'), text('x-y', '1'), text('job', 'mine')]), { resource, scope }),
      json,
    )
    expect(receiver.stored().series()).toEqual([
      'g{instance="i", job="s", x_y="1;2"}',
      'target_info{host_name="h", instance="i", job="s", k="v"}',
    ])
  })

  it('promoted attributes, scopes, identifying attributes', async () => {
    const receiver = openReceiver({
      ...usualSettings,
      ...{ promotes: 'all', ignores: new Set(['k', 'service.name', 'service.instance.id']) },
      ...{ promotesScope: true, keepsIdentifying: true },
    })
    await receiver.post(body(gauge([]), { resource, scope }), json)
    expect(receiver.stored().series()).toEqual([
      'g{host_name="h", instance="i", job="s", otel_scope_a_b="c", otel_scope_name="lib", otel_scope_version="1"}',
      'target_info{host_name="h", instance="i", job="s", k="v", service_instance_id="i", service_name="s"}',
    ])
  })
})

describe('what is no request', () => {
  it.each([
    ['application/json', '{', 'not JSON'],
    ['application/json', '[]', 'an object'],
    ['application/json', '{"resourceMetrics":1}', 'a list'],
    [
      'application/json',
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":1,"gauge":{}}]}]}]}',
      'name: expected text',
    ],
    ['application/x-protobuf', '\n\xff\xff\xff\xff\x0f', 'byte 1'],
    ['application/x-protobuf', '{}', 'byte'],
    ['text/plain', '{}', 'content type'],
  ])('%s %j', async (type, text_, message) => {
    await expect(openReceiver().post(Buffer.from(text_, 'latin1'), type)).rejects.toThrow(message)
  })

  it('buckets without end', async () => {
    const counts = Buffer.alloc(100_000, 0)
    const field = (number: number, content: Uint8Array): Buffer => {
      const head = [number * 8 + 2]
      let length = content.length
      for (; length >= 128; length >>>= 7) head.push((length & 127) | 128)
      return Buffer.concat([Uint8Array.from([...head, length]), content])
    }
    const data = field(10, field(1, field(8, field(2, counts))))
    const request = field(1, field(2, field(2, Buffer.concat([field(1, Buffer.from('e')), data]))))
    await expect(openReceiver().post(request, 'application/x-protobuf')).rejects.toThrow('more than 65536 buckets')
  })

  it('an empty one is fine', async () => {
    expect(await openReceiver().post(Buffer.alloc(0), 'application/x-protobuf')).toMatchObject({ status: 200 })
    expect(await openReceiver().post(Buffer.from('{}'), json)).toMatchObject({ status: 200 })
  })
})

describe('what no request may hold', () => {
  const gauge = (one: Json) => ({ name: 'g', gauge: { dataPoints: [{ timeUnixNano: ns(startMs), ...one }] } })
  const histogram = (one: Json) => ({
    name: 'h',
    histogram: { aggregationTemporality: 2, dataPoints: [{ timeUnixNano: ns(startMs), ...one }] },
  })

  it.each([
    ['a fraction as asInt', gauge({ asInt: '1.5' })],
    ['a count below zero', histogram({ count: '-1' })],
    ['a fraction as a count of a bucket', histogram({ count: '1', bucketCounts: [0.5], explicitBounds: [] })],
  ])('is refused: %s', async (_, metric) => {
    await expect(openReceiver().post(body(metric), json)).rejects.toMatchObject({ code: 'ingest.bad_body' })
  })

  it('is told of a native histogram whose count is not that of its buckets', async () => {
    const receiver = openReceiver()
    const dataPoints = [{ timeUnixNano: ns(startMs), count: '10', sum: 5, positive: { bucketCounts: ['1', '2'] } }]
    const metric = { name: 'e', exponentialHistogram: { aggregationTemporality: 2, dataPoints } }
    const { body: told } = await receiver.post(body(metric), json)
    expect(told).toMatchObject({
      partialSuccess: { rejectedDataPoints: '1', errorMessage: expect.stringMatching('e') },
    })
    expect(receiver.leftOut.get('bad_histogram')).toBe(1)
  })

  it('an id that is none: the exemplar is kept without it', async () => {
    const receiver = openReceiver()
    const exemplar = {
      timeUnixNano: ns(startMs),
      asDouble: 1,
      traceId: 'W47/95gDgQPSabYzgT/GDA==',
      spanId: 'EEE19B7EC3C1B174',
    }
    await receiver.post(body(sum([{ ...point(startMs, 5), exemplars: [exemplar] }], 2)), json)
    expect(receiver.stored().exemplars).toMatchObject([{ labels: ['span_id', 'eee19b7ec3c1b174'] }])
  })
})
