// Debian's Prometheus reads from the product: by remote read, and by scraping /federate. Another one brings the data and knows it as well.
import { postRead, readSampled, readStreamed } from '@tidewatch/server/query/read/testing/client.ts'
import { decodeXorChunk, type ReadSeries, samplesOfFrames } from '@tidewatch/server/query/read/testing/decode.ts'
import { XorChunkEncoder } from '@tidewatch/server/query/read/xor-chunk.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Program, startNodeExporter, startPrometheus, tempDir } from './programs.ts'

const patience = { timeoutMs: 180_000 }

const stack = new AsyncDisposableStack()
let server: RunningServer
let origin: Program
/** Has no samples of its own. */
let reader: Program
let federating: Program
/** Between scrapes, and everything up to then is here. Seconds. */
let at = 0

interface Vector {
  readonly result: readonly { readonly metric: Readonly<Record<string, string>>; readonly value: [number, string] }[]
}

const originConfig = (url: string, exporter: string): string => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: node
    static_configs: [{ targets: ['${exporter}'], labels: { room: 'böse "1"' } }]
remote_write:
  - url: ${url}/api/v1/write
    queue_config: { batch_send_deadline: 200ms, max_shards: 1 }
`

const readerConfig = (url: string): string => `
remote_read:
  - { url: '${url}/api/v1/read', read_recent: true }
`

const federatingConfig = (address: string): string => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: federate
    honor_labels: true
    metrics_path: /federate
    params: { 'match[]': ['{job="node", __name__=~"node_(load|cpu).*"}', 'up{job="node"}', 'nothing_such'] }
    static_configs: [{ targets: ['${address}'] }]
`

const ask = (from: Pick<RunningServer, 'url'>, query: string): Promise<Vector> =>
  getData(from, '/api/v1/query', { query, time: String(at) })

/** Labels without the one that only answers to other systems have, and the value; sorted. */
function comparable({ result }: Vector): string[] {
  return result
    .map(({ metric: { region: _, ...own }, value }) => JSON.stringify([Object.entries(own).sort(), Number(value[1])]))
    .sort()
}

beforeAll(async () => {
  const dir = stack.use(tempDir())
  const config = dir.write('prometheus.yml', 'global: { external_labels: { region: north } }\n')
  server = stack.use(await startServer({ args: ['--config', config] }))
  const exporter = stack.use(await startNodeExporter())
  origin = stack.use(await startPrometheus(originConfig(server.url, exporter.address), { dir: stack.use(tempDir()) }))
  reader = stack.use(await startPrometheus(readerConfig(server.url), { dir: stack.use(tempDir()) }))
  const address = new URL(server.url).host
  federating = stack.use(await startPrometheus(federatingConfig(address), { dir: stack.use(tempDir()) }))
  await eventually(async () => {
    const { result } = await getData<Vector>(server, '/api/v1/query', { query: 'count_over_time(up{job="node"}[1m])' })
    if (!(Number(result[0]?.value[1]) >= 14)) throw new Error('there are not 14 scrapes yet')
  }, patience)
  const query = 'timestamp(up{job="node"})'
  at = Number((await getData<Vector>(server, '/api/v1/query', { query })).result[0]?.value[1]) - 0.5
})
afterAll(() => stack.disposeAsync())

describe('a Prometheus that reads from here', () => {
  test.each([
    'up{job="node"}',
    'up{region="north", job="node"}',
    '{job="node", __name__=~"node_(load|memory_Mem).*"}',
    'node_cpu_seconds_total{mode!~"idle|iowait"}',
    'sum by (mode) (rate(node_cpu_seconds_total[10s]))',
    'max_over_time(node_context_switches_total[5s] offset 2s)',
    'node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes * 100',
    'count_over_time(node_load1{room!=""}[6s])',
  ])('answers %s', async (query) => {
    const theirs = await ask(reader, query)
    expect(theirs.result).not.toEqual([])
    // the external label is ours to give, and no label of a series here
    expect(comparable(theirs)).toEqual(comparable(await ask(server, query.replace('region="north", ', ''))))
  })

  test('sees our external label on every series', async () => {
    const { result } = await ask(reader, 'node_load1{job="node"}')
    expect(result.map(({ metric }) => metric.region)).toEqual(['north'])
    expect((await ask(reader, 'node_load1{region="south"}')).result).toEqual([])
  })
})

describe('what both read', () => {
  const everything = () => {
    const endMs = Math.floor(at * 1000)
    return [{ startMs: endMs - 60_000, endMs, matchers: [{ name: 'job', op: '=' as const, value: 'node' }] }]
  }
  const byLabels = (all: readonly ReadSeries[]): [string, readonly [number, bigint][]][] =>
    all
      .map(({ labels: { region: _, ...own }, samples }): [string, [number, bigint][]] => [
        JSON.stringify(Object.entries(own).sort()),
        samples.map(({ atMs, bits }) => [atMs, bits]),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1))

  test('has the same samples to the bit', async () => {
    const [theirs = []] = await readSampled(origin.url, everything())
    const [ours = []] = await readSampled(server.url, everything())
    expect(ours.length).toBeGreaterThan(200)
    expect(byLabels(ours)).toEqual(byLabels(theirs))
    expect(ours.every(({ labels }) => labels.region === 'north')).toBe(true)
  })

  test('has them as a stream of chunks too', async () => {
    const [sampled = []] = await readSampled(server.url, everything())
    const frames = await readStreamed(server.url, everything())
    expect(samplesOfFrames(frames)).toEqual(sampled)
    for (const { chunks } of frames) {
      for (const { minMs, maxMs, data } of chunks) {
        const times = decodeXorChunk(data).map((sample) => sample.atMs)
        expect([minMs, maxMs]).toEqual([times[0], times.at(-1)])
      }
    }
  })

  test('is refused where no type of answer is known, with the reason', async () => {
    const refused = await postRead(server.url, everything(), { accepted: [7] })
    expect([refused.status, await refused.text()]).toEqual([
      400,
      'none of the accepted response types (7) is known here. Accept SAMPLES (0) or STREAMED_XOR_CHUNKS (1).\n',
    ])
  })

  test('has chunks with the bytes that a Prometheus writes', async () => {
    const encoder = new XorChunkEncoder()
    const chunks = (await readStreamed(origin.url, everything())).flatMap((frame) => frame.chunks)
    expect(chunks.length).toBeGreaterThan(200)
    for (const { data } of chunks) {
      const samples = decodeXorChunk(data)
      const words = new Uint32Array(BigUint64Array.from(samples, ({ bits }) => bits).buffer)
      const encoded = encoder.encode(
        Float64Array.from(samples, ({ atMs }) => atMs),
        words,
        0,
        samples.length,
      )
      const hex = Buffer.from(encoded).toString('hex')
      // 2.42 begins a byte that it does not need where the bits end with one; newer ones do not
      expect([hex, `${hex}00`]).toContain(Buffer.from(data).toString('hex'))
    }
  })
})

describe('a Prometheus that federates from here', () => {
  /** Of the samples here, in seconds. */
  async function timesOf(metric: string): Promise<number[]> {
    const query = { query: `${metric}{job="node"}[2m]` }
    const { result } = await getData<{ result: { values: [number, string][] }[] }>(server, '/api/v1/query', query)
    return result.flatMap(({ values }) => values.map(([seconds]) => seconds))
  }

  test('has the series, with our external label and the times they had here', async () => {
    await eventually(async () => {
      for (const metric of ['up', 'node_load1']) {
        const query = `timestamp(${metric}{job="node", region="north"})`
        const [theirs] = (await getData<Vector>(federating, '/api/v1/query', { query })).result
        expect(theirs?.metric).toEqual(expect.objectContaining({ job: 'node', region: 'north', room: 'böse "1"' }))
        expect(await timesOf(metric)).toContain(Number(theirs?.value[1]))
      }
    }, patience)
  })

  test('finds nothing to complain of', async () => {
    const targets = await getData<{ activeTargets: { health: string; lastError: string }[] }>(
      federating,
      '/api/v1/targets',
    )
    expect(targets.activeTargets).toEqual([expect.objectContaining({ health: 'up', lastError: '' })])
    expect(federating.output()).not.toContain('out-of-order')
  })
})
