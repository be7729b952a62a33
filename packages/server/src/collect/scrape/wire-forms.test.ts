// What a target says beyond floats: native histograms, exemplars, bounds of buckets, names; and in which form it is read.
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { doubleField, field, label, varint, varintField, zigzag } from '@tidewatch/testkit/write-request.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { scrapeConfigSchema } from '../config.ts'
import { FakeAcceptor, FakeClient, fakeLogger } from '../fakes.ts'
import { targetFormat } from './answer-format.ts'
import { fitHistogram } from './fit-histogram.ts'
import { resolveScrapeJobs } from './job.ts'
import { createScraper, type Scraper } from './scraper.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const protobuf = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'
const openMetrics = 'application/openmetrics-text; version=1.0.0'

async function scraping(more: Record<string, unknown> = {}) {
  const acceptor = new FakeAcceptor()
  const client = new FakeClient()
  const clock = new FakeClock(Date.UTC(2026, 0, 1))
  const scraper = createScraper({
    ...{ acceptor, clock, logger: fakeLogger(), version: '1', offsetSeed: 's', openClient: () => client },
  })
  cleanUps.push(() => scraper[Symbol.asyncDispose]())
  const apply = (changed: Record<string, unknown>, zeroSamples = false) =>
    scraper.apply(
      resolveScrapeJobs(
        { scrape_interval: 15_000, zeroSamples },
        [scrapeConfigSchema.parse({ job_name: 'j', static_configs: [{ targets: ['t:1'] }], ...changed })],
        '/',
      ),
    )
  await apply(more)
  /** What the next scrape writes, without reports and the target's labels; its time is `@`. */
  const next = async (body: string | Uint8Array, contentType: string) => {
    client.answers['*'] = { body, contentType }
    acceptor.batches.length = 0
    await clock.advance(15_000)
    const atMs = scraper.active()[0].lastScrapeMs
    return acceptor.batches
      .flat()
      .filter((line) => !/^(?:up|scrape_)/.test(line))
      .map((line) => line.replace(/(?:, )?instance="t:1", job="j"(?:, (?=le|quantile))?/, '').replace('{}', ''))
      .map((line) => line.replace(` @${atMs} `, ' @ ').trimEnd())
  }
  return { acceptor, apply, clock, scraper, next }
}

const lastError = (scraper: Scraper): string => scraper.active()[0].lastError

const message = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)

/** A family `h` with a native histogram of these counts, schema 3, and a classic bucket. */
function histogramFamily(...counts: readonly number[]): Uint8Array {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const deltas = counts.map((count, i) => varint(zigzag(count - (counts[i - 1] ?? 0))))
  const timestamp = field(3, varintField(1, 1_700_000_000))
  const exemplar = message(label('trace_id', 'a'), doubleField(2, 0.5), timestamp)
  const histogram = message(
    ...[varintField(1, total), doubleField(2, 1), varintField(5, zigzag(3)), doubleField(6, 0.001)],
    field(3, message(varintField(1, total), doubleField(2, 1), field(3, exemplar))),
    field(12, message(varintField(1, 0), varintField(2, counts.length))),
    field(13, message(...deltas)),
  )
  const body = message(field(1, 'h'), varintField(3, 4), field(4, field(7, histogram)))
  return message(varint(body.length), body)
}

describe('native histograms of a target', () => {
  it('are passed over where they are not wanted', async () => {
    const { next } = await scraping()
    expect(await next(histogramFamily(1, 1), protobuf)).toEqual([
      ...['h_bucket{le="1.0"} @ 2', 'h_bucket{le="+Inf"} @ 2', 'h_sum @ 1', 'h_count @ 2'],
      'h_bucket{le="1.0"} @1700000000000 exemplar 0.5 trace_id a',
    ])
  })

  it('are taken with their exemplars, beside their classic form if that is wanted too', async () => {
    const native = ['h @ schema 3 count 2 buckets 1 1']
    const { next, apply } = await scraping({ scrape_native_histograms: true })
    expect(await next(histogramFamily(1, 1), protobuf)).toEqual([...native, 'h @1700000000000 exemplar 0.5 trace_id a'])
    await apply({ scrape_native_histograms: true, always_scrape_classic_histograms: true })
    expect(await next(histogramFamily(1, 1), protobuf)).toEqual(
      expect.arrayContaining([...native, 'h_count @ 2', 'h_bucket{le="1.0"} @ 2']),
    )
  })

  it('end as such, when the series, the scrape or the target goes', async () => {
    const { next, acceptor, clock, scraper } = await scraping({ scrape_native_histograms: true })
    await next(histogramFamily(1), protobuf)
    expect(await next('', protobuf)).toEqual(['h @ stale histogram'])
    await next(histogramFamily(1), protobuf)
    expect(await next('no protobuf', protobuf)).toEqual(['h @ stale histogram'])
    await next(histogramFamily(1), protobuf)
    expect(await next('# TYPE h gauge\nh 1\n', 'text/plain')).toContain('h @ 1')
    await next(histogramFamily(1), protobuf)
    acceptor.batches.length = 0
    await clock.advance(1000)
    await scraper.apply([])
    expect(acceptor.batches.flat().filter((line) => line.startsWith('h'))).toEqual([
      expect.stringContaining('stale histogram'),
    ])
  })

  it('are made coarser until they fit, or end the scrape', async () => {
    const wanted = { scrape_native_histograms: true, native_histogram_bucket_limit: 2 }
    const { next, apply, scraper } = await scraping(wanted)
    expect(await next(histogramFamily(1, 2, 3, 4), protobuf)).toContain('h @ schema 1 count 10 buckets 1 9')
    expect(await next(histogramFamily(1, 2), protobuf)).toContain('h @ schema 3 count 3 buckets 1 2')
    await apply({ ...wanted, native_histogram_bucket_limit: 1 })
    expect(await next(histogramFamily(1, 2, 3, 4), protobuf)).toEqual(['h @ stale histogram'])
    expect(lastError(scraper)).toContain('native_histogram_bucket_limit is 1')
    await apply({ scrape_native_histograms: true, native_histogram_min_bucket_factor: 1.5 })
    expect(await next(histogramFamily(1, 2, 3, 4), protobuf)).toContain('h @ schema 0 count 10 buckets 1 9')
  })

  it('with bounds of their own cannot be made coarser', () => {
    const histogram = {
      ...({ schema: -53, counterResetHint: 'unknown', count: 3, sum: 1, zeroThreshold: 0, zeroCount: 0 } as const),
      ...{ positiveSpans: [{ offset: 0, length: 2 }], positiveBuckets: Float64Array.of(1, 2), customValues: [1] },
      ...{ negativeSpans: [], negativeBuckets: new Float64Array(0), isInteger: true },
    }
    expect(fitHistogram(histogram, { bucketLimit: 1, maxSchema: 0 })).toBeUndefined()
    expect(fitHistogram(histogram, { bucketLimit: 2, maxSchema: 0 })).toBe(histogram)
  })

  it('count as one sample each', async () => {
    const { next, scraper } = await scraping({ scrape_native_histograms: true, sample_limit: 1 })
    expect(await next(histogramFamily(1), protobuf)).toContain('h @ schema 3 count 1 buckets 1')
    await next(message(histogramFamily(1), histogramFamily(2)), protobuf)
    expect(lastError(scraper)).toContain('sample_limit is 1')
  })
})

describe('classic histograms made native ones', () => {
  const buckets = (...counts: readonly [number, number, number]): string =>
    `# TYPE h histogram\nh_bucket{a="b",le="0.5"} ${counts[0]}\nh_bucket{a="b",le="1"} ${counts[1]}\n` +
    `h_bucket{a="b",le="+Inf"} ${counts[2]}\nh_sum{a="b"} 7\nh_count{a="b"} ${counts[2]}\n`

  it('have the same bounds, end as such, and stand beside the classic form if that is wanted too', async () => {
    const { next, apply } = await scraping({ convert_classic_histograms_to_nhcb: true })
    expect(await next(buckets(1, 3, 3), 'text/plain')).toEqual(['h{a="b"} @ schema -53 count 3 buckets 1 2'])
    expect(await next(buckets(1, 3, 6), 'text/plain')).toEqual(['h{a="b"} @ schema -53 count 6 buckets 1 2 3'])
    expect(await next('other 1\n', 'text/plain')).toEqual(['other @ 1', 'h{a="b"} @ stale histogram'])
    await apply({ convert_classic_histograms_to_nhcb: true, always_scrape_classic_histograms: true })
    const both = await next(buckets(1, 3, 3), 'text/plain')
    expect(both).toContain('h{a="b"} @ schema -53 count 3 buckets 1 2')
    expect(both).toContain('h_count{a="b"} @ 3')
    await apply({})
    expect(await next(buckets(1, 3, 3), 'text/plain')).toContain('h{a="b"} @ stale histogram')
  })

  it('are left out where buckets hold less than those below them, and where the target has a native one', async () => {
    const more = { convert_classic_histograms_to_nhcb: true, scrape_native_histograms: true }
    const { next } = await scraping({ ...more, always_scrape_classic_histograms: true })
    expect((await next(buckets(4, 3, 3), 'text/plain')).filter((line) => line.includes('schema'))).toEqual([])
    const native = await next(histogramFamily(1, 1), protobuf)
    expect(native.filter((line) => line.includes('schema'))).toEqual(['h @ schema 3 count 2 buckets 1 1'])
  })

  it('stay known among thousands that come and go', async () => {
    const { next } = await scraping({ convert_classic_histograms_to_nhcb: true })
    const many = (from: number): string => Array.from({ length: 1500 }, (_, i) => `x{n="${from + i}"} 1\n`).join('')
    for (let i = 0; i < 4; i++) {
      const lines = await next(many(i * 1500) + buckets(1, 3, 3), 'text/plain')
      expect(lines.filter((line) => line.startsWith('h'))).toEqual(['h{a="b"} @ schema -53 count 3 buckets 1 2'])
    }
  })
})

describe('exemplars of a target', () => {
  const body = (value: number, exemplar: string): string => `# TYPE c counter\nc_total ${value}${exemplar}\n# EOF\n`

  it('without a time have that of the scrape, and are new where they say something else', async () => {
    const { next } = await scraping()
    expect(await next(body(1, ' # {trace_id="a"} 0.5'), openMetrics)).toEqual([
      'c_total @ 1',
      'c_total @ exemplar 0.5 trace_id a',
    ])
    expect(await next(body(2, ' # {trace_id="a"} 0.5'), openMetrics)).toEqual(['c_total @ 2'])
    expect(await next(body(2, ' # {trace_id="a"} 0.75'), openMetrics)).toContain('c_total @ exemplar 0.75 trace_id a')
    expect(await next(body(2, ' # {} 1 1.5'), openMetrics)).toEqual(['c_total @ 2', 'c_total @1500 exemplar 1'])
  })

  it('of dropped series and of scrapes that fail are left out', async () => {
    const drop = { source_labels: ['__name__'], regex: 'c_total', action: 'drop' }
    const { next, apply } = await scraping({ metric_relabel_configs: [drop] })
    expect(await next(body(1, ' # {trace_id="a"} 1'), openMetrics)).toEqual([])
    await apply({})
    expect(await next(`c_total 1 # {trace_id="a"} 1\nbroken\n# EOF\n`, openMetrics)).toEqual([])
    expect(await next(body(1, ' # {trace_id="a"} 1'), openMetrics)).toContain('c_total @ exemplar 1 trace_id a')
  })

  it.each([
    ['a } that closes', ' # {a="1" 1'],
    ['each label once', ' # {a="1",a="2"} 1'],
    ['labels without a metric name', ' # {"x"} 1'],
    ['a number as the value', ' # {} x'],
  ])('that are none end the scrape: %s', async (expected, exemplar) => {
    const { next, scraper } = await scraping()
    await next(body(1, exemplar), openMetrics)
    expect(lastError(scraper)).toContain(expected)
  })
})

describe('bounds of classic buckets and quantiles', () => {
  it('are kept as numbers with a point, over a new configuration too', async () => {
    const { next, apply } = await scraping()
    const text = '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="1e3"} 2\nh_bucket{le="+Inf"} 2\n'
    const others = '# TYPE s summary\ns{quantile="1"} 5\n# TYPE g gauge\ng_bucket{le="1"} 1\ng{quantile="x"} 1\n'
    const expected = [
      ...['h_bucket{le="1.0"} @ 1', 'h_bucket{le="1000.0"} @ 2', 'h_bucket{le="+Inf"} @ 2'],
      ...['s{quantile="1.0"} @ 5', 'g_bucket{le="1"} @ 1', 'g{quantile="x"} @ 1'],
    ]
    expect(await next(text + others, 'text/plain')).toEqual(expected)
    await apply({ honor_labels: true })
    expect(await next(text + others, 'text/plain')).toEqual(expected)
  })
})

describe('names', () => {
  it('that only quotes make possible end the scrape where legacy ones are asked for', async () => {
    const { next, scraper, apply } = await scraping({ metric_name_validation_scheme: 'legacy' })
    await next('{"a.b"} 1\n', 'text/plain')
    expect(lastError(scraper)).toContain('the metric name "a.b" is none under metric_name_validation_scheme: legacy')
    await apply({})
    expect(await next('{"a.b","c.d"="1"} 1\n', 'text/plain')).toHaveLength(1)
    expect(lastError(scraper)).toBe('')
  })
})

describe('the form of an answer', () => {
  it.each([
    ['text/plain; version=1.0.0; escaping=allow-utf-8', undefined, 'text'],
    ['application/openmetrics-text;version=0.0.1', undefined, 'openmetrics'],
    [protobuf, undefined, 'protobuf'],
    ['APPLICATION/VND.GOOGLE.PROTOBUF; encoding="delimited"', undefined, 'protobuf'],
    ['text/html', 'PrometheusProto', 'protobuf'],
    [undefined, 'OpenMetricsText0.0.1', 'openmetrics'],
    ['', 'PrometheusText0.0.4', 'text'],
    ['text/plain', 'PrometheusProto', 'text'],
  ] as const)('of %s with the fallback %s is %s', (type, fallback, expected) => {
    expect(targetFormat(type, fallback)).toBe(expected)
  })

  it.each([[undefined], ['text/html; charset=utf-8'], ['application/vnd.google.protobuf; encoding=text']])(
    'of %s is not guessed at',
    (type) => {
      expect(() => targetFormat(type, undefined)).toThrow(/no Content-Type|not metrics/)
    },
  )
})

describe('when counters began', () => {
  const startedMs = Date.UTC(2025, 11, 31, 23, 59, 50)
  const timestamp = (number: number, atMs: number): Uint8Array => field(number, varintField(1, atMs / 1000))
  const family = (name: string, type: number, metric: Uint8Array): Uint8Array => {
    const body = message(field(1, name), varintField(3, type), field(4, metric))
    return message(varint(body.length), body)
  }
  const families = (atMs: number): Uint8Array =>
    message(
      family('runs_total', 0, field(3, message(doubleField(1, 5), timestamp(3, atMs)))),
      family('size', 1, field(2, doubleField(1, 9))),
      family('wait', 2, field(4, message(varintField(1, 3), doubleField(2, 1.5), timestamp(4, atMs)))),
      family('h', 4, field(7, message(varintField(1, 2), doubleField(2, 1), timestamp(15, atMs)))),
    )

  it('is told by protobuf, and makes a zero of each series there, once', async () => {
    const { next, apply, acceptor } = await scraping()
    await apply({}, true)
    const names = ['runs_total', 'wait_sum', 'wait_count', 'h_bucket{le="+Inf"}', 'h_sum', 'h_count']
    const scraped = await next(families(startedMs), protobuf)
    for (const name of names) expect(scraped).toContain(`${name} @${startedMs} 0`)
    expect(scraped.filter((line) => line.endsWith(' 0'))).toHaveLength(names.length)
    // the head has them now
    acceptor.lastMs = () => startedMs
    expect((await next(families(startedMs), protobuf)).filter((line) => line.endsWith(' 0'))).toEqual([])
    expect(await next(families(startedMs + 1000), protobuf)).toContain(`runs_total @${startedMs + 1000} 0`)
  })

  it('is told by native histograms, whose empty one has their layout', async () => {
    const { next, apply } = await scraping()
    await apply({ scrape_native_histograms: true }, true)
    const histogram = message(
      ...[varintField(1, 2), doubleField(2, 1), varintField(5, zigzag(3)), doubleField(6, 0.001)],
      field(12, message(varintField(1, 0), varintField(2, 1))),
      field(13, varint(zigzag(2))),
      timestamp(15, startedMs),
    )
    expect(await next(family('h', 4, field(7, histogram)), protobuf)).toEqual([
      'h @ schema 3 count 2 buckets 2',
      `h @${startedMs} schema 3 count 0 buckets`,
    ])
  })

  it('is told by OpenMetrics in series of its own, which are no series then', async () => {
    const { next, apply } = await scraping()
    const seconds = startedMs / 1000
    const body = [
      ...['# TYPE runs counter', 'runs_total{a="1"} 5', `runs_created{a="1"} ${seconds}`, 'runs_total{a="2"} 6'],
      ...['# TYPE h histogram', 'h_bucket{le="1"} 1', 'h_bucket{le="+Inf"} 2', 'h_count 2', 'h_sum 3'],
      ...[`h_created ${seconds}`, '# TYPE s summary', 's{quantile="0.5"} 7', 's_count 2', `s_created ${seconds}`],
      ...['# TYPE was_created gauge', 'was_created 4', '# EOF', ''],
    ].join('\n')
    const plain = await next(body, openMetrics)
    expect(plain).toContain(`runs_created{a="1"} @ ${seconds}`)
    await apply({}, true)
    const scraped = await next(body, openMetrics)
    const zeros = ['runs_total{a="1"}', 'h_bucket{le="1.0"}', 'h_bucket{le="+Inf"}', 'h_count', 'h_sum', 's_count']
    expect(scraped.filter((line) => line.endsWith(' 0'))).toEqual(zeros.map((name) => `${name} @${startedMs} 0`))
    expect(scraped.filter((line) => line.includes('_created'))).toEqual([
      'was_created @ 4',
      ...['runs_created{a="1"}', 'h_created', 's_created'].map((name) => `${name} @ stale`),
    ])
  })

  it('is asked for by protobuf first, unless other protocols are listed', () => {
    const protocols = (more: object, zeroSamples: boolean) =>
      resolveScrapeJobs(
        { scrape_interval: 15_000, zeroSamples },
        [scrapeConfigSchema.parse({ job_name: 'j', ...more })],
        '/',
      )[0].protocols
    expect(protocols({}, true)).toEqual(['PrometheusProto', ...protocols({}, false)])
    expect(protocols({ scrape_protocols: ['PrometheusText0.0.4'] }, true)).toEqual(['PrometheusText0.0.4'])
  })
})
