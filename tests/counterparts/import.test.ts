// Debian's Prometheus with a past, brought into the product by `tidewatch import prometheus --from`: every sample by its bits, also over a kill.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readStreamed } from '@tidewatch/server/query/read/testing/client.ts'
import { type ReadSeries, samplesOfFrames } from '@tidewatch/server/query/read/testing/decode.ts'
import { eventually, getData, type RunningServer, repositoryRoot, startServer } from '@tidewatch/testkit/server.ts'
import { field, histogramFields, label, series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Program, runTidewatch, startPrometheus, type TempDir, tempDir } from './programs.ts'

const hourMs = 3_600_000
const stepMs = 15_000
const hours = 6
const seriesCount = 40
/** On a whole hour, well in the past and within the retention. */
const startMs = Math.floor(Date.now() / hourMs) * hourMs - (hours + 2) * hourMs
const endMs = startMs + hours * hourMs
const staleMarker = Uint8Array.of(2, 0, 0, 0, 0, 0, 0xf0, 0x7f)

const stack = new AsyncDisposableStack()
let dir: TempDir
let origin: Program
let server: RunningServer

/** Counters with resets, constants, everything a double can be, and ends. */
function sampleOf(n: number, k: number): number | Uint8Array {
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, -0, 5e-324, -Number.MAX_VALUE, 0.1 + 0.2]
  if (n % 10 === 0) return odd[k % odd.length] as number
  if (n % 10 === 1 && k % 50 === 49) return staleMarker
  if (n % 10 === 2) return 42
  if (n % 10 === 3) return (k % 200) * 1.5
  return Math.sin(n + k) * 10 ** (n % 7)
}

async function fill(url: string): Promise<void> {
  const perRequest = 120
  for (let from = 0; from < (hours * hourMs) / stepMs; from += perRequest) {
    const steps = Array.from({ length: perRequest }, (_, i) => from + i)
    const floats = Array.from({ length: seriesCount }, (_, n) =>
      series(
        { __name__: 'imported_value', job: 'söme "job"', n: String(n) },
        // series n begins n minutes late, and its samples come a few ms apart from the others'
        steps.filter((k) => k * stepMs >= n * 60_000).map((k) => [startMs + k * stepMs + (n % 7), sampleOf(n, k)]),
      ),
    )
    const histograms = field(
      1,
      Buffer.concat([
        label('__name__', 'imported_latency'),
        ...steps.map((k) => field(4, histogramFields([k, k * 2 + 1, k + 3, 0, k], startMs + k * stepMs))),
      ]),
    )
    const response = await fetch(`${url}/api/v1/write`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body: new Uint8Array(snappyBlock(...floats, histograms)),
    })
    if (!response.ok) throw new Error(await response.text())
  }
}

async function samplesIn(url: string): Promise<Map<string, ReadSeries['samples']>> {
  const matchers = [{ name: '__name__', op: '=', value: 'imported_value' }] as const
  const found = new Map<string, ReadSeries['samples']>()
  for (const { labels, samples } of samplesOfFrames(await readStreamed(url, [{ matchers, startMs, endMs }]))) {
    const { region: _, ...own } = labels
    const key = JSON.stringify(Object.entries(own).sort())
    const known = (found.get(key) ?? []).concat(samples)
    found.set(
      key,
      known.filter(({ atMs }) => atMs >= startMs && atMs < endMs),
    )
  }
  return found
}

const args = (more: readonly string[]): string[] => [
  ...['import', 'prometheus', '--from', origin.url, '--url', server.url, '--window', '30m'],
  ...[
    '--start',
    String(startMs / 1000),
    '--end',
    String(endMs / 1000),
    '--match',
    '{__name__=~"imported_.*"}',
    ...more,
  ],
]

beforeAll(async () => {
  dir = stack.use(tempDir())
  origin = stack.use(
    await startPrometheus('global: { scrape_interval: 1h, external_labels: { region: north } }\n', {
      dir,
      flags: [
        '--web.enable-remote-write-receiver',
        '--enable-feature=native-histograms',
        '--storage.tsdb.retention.time=90d',
      ],
    }),
  )
  await fill(origin.url)
  server = stack.use(await startServer())
})
afterAll(() => stack.disposeAsync())

describe('the past of a Prometheus', () => {
  const progress = () => join(dir.path, 'progress.json')

  test('is killed on its way, and goes on where it was', async () => {
    const main = join(repositoryRoot, 'packages', 'server', 'src', 'cli', 'main.ts')
    // so slow that it cannot be done before it is killed
    const child = spawn(process.execPath, [main, ...args(['--progress', progress(), '--rate', '3000'])], {
      stdio: 'ignore',
    })
    const ended = new Promise((resolve) => child.on('exit', resolve))
    await eventually(
      async () => {
        if (!existsSync(progress())) throw new Error('it has not begun')
      },
      { timeoutMs: 180_000 },
    )
    child.kill('SIGKILL')
    await ended
    const { doneMs } = JSON.parse(readFileSync(progress(), 'utf8')) as { readonly doneMs: number }
    expect(doneMs).toBeGreaterThan(startMs)
    expect(doneMs).toBeLessThan(endMs)
    const { code, out, err } = await runTidewatch(args(['--progress', progress(), '--rate', '0']))
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`going on at ${new Date(doneMs).toISOString()}`)
    expect(out).toContain('taking off external labels: region="north"')
    expect(out).toContain('100 %')
  })

  test('is here sample by sample, by its bits', async () => {
    const [theirs, ours] = await Promise.all([samplesIn(origin.url), samplesIn(server.url)])
    expect(ours.size).toBe(seriesCount)
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort())
    let count = 0
    for (const [key, samples] of theirs) {
      expect(ours.get(key)).toEqual(samples)
      count += samples.length
    }
    expect(count).toBeGreaterThan(seriesCount * 1000)
  })

  test.each([
    'histogram_count(imported_latency)',
    'histogram_sum(imported_latency)',
    'histogram_count(rate(imported_latency[5m]))',
    'count_over_time(imported_latency[6h])',
  ])('%s is answered alike', async (query) => {
    interface Matrix {
      readonly result: readonly { readonly values: readonly [number, string][] }[]
    }
    const asked = { query, start: String(startMs / 1000), end: String(endMs / 1000 - 15), step: '60' }
    const [theirs, ours] = await Promise.all(
      [origin, server].map((from) => getData<Matrix>(from, '/api/v1/query_range', asked)),
    )
    const values = (matrix: Matrix | undefined) =>
      matrix?.result.flatMap(({ values: points }) => points.map(([at, value]) => [at, Number(value).toPrecision(12)]))
    expect(values(ours)?.length).toBeGreaterThan(300)
    expect(values(ours)).toEqual(values(theirs))
  })

  test('native histograms are here bucket by bucket', async () => {
    interface Matrix {
      readonly result: readonly { readonly histograms: readonly [number, unknown][] }[]
    }
    const asked = { query: 'imported_latency', start: String(startMs / 1000), end: String(endMs / 1000), step: '15' }
    const [theirs, ours] = await Promise.all(
      [origin, server].map((from) => getData<Matrix>(from, '/api/v1/query_range', asked)),
    )
    expect(ours?.result[0]?.histograms.length).toBeGreaterThan(1400)
    expect(ours?.result[0]?.histograms).toEqual(theirs?.result[0]?.histograms)
  })

  test('is done once: another run has nothing to do, and nothing is doubled', async () => {
    const again = await runTidewatch(args(['--progress', progress()]))
    expect(again).toMatchObject({ code: 0, err: '' })
    expect(again.out).toContain('is here already')
    const anew = await runTidewatch(args(['--progress', join(dir.path, 'other.json'), '--rate', '0']))
    expect(anew).toMatchObject({ code: 0, err: '' })
    const [theirs, ours] = await Promise.all([samplesIn(origin.url), samplesIn(server.url)])
    for (const [key, samples] of theirs) expect(ours.get(key)).toHaveLength(samples.length)
  })

  test('what is older than what is kept is said', async () => {
    const old = String(startMs / 1000 - 90 * 86_400)
    const words = ['import', 'prometheus', '--from', origin.url, '--url', server.url, '--start', old]
    const { code, out } = await runTidewatch([
      ...words,
      ...['--end', String(startMs / 1000), '--window', '30d', '--match', 'imported_value'],
      ...['--progress', join(dir.path, 'old.json')],
    ])
    expect(code).toBe(0)
    expect(out).toContain('is not kept here and is left out; to take it start the server with a longer --retention.')
  })

  test.each([
    [['--from', 'prometheus:9090'], '--from is "prometheus:9090", no URL'],
    [['--from', 'http://127.0.0.1:9', '--start', 'yesterday'], '--start is "yesterday", no time'],
    [['--from', 'http://127.0.0.1:9', '--match', 'sum(up)', '--start', '1'], 'no series selector'],
  ])('%j is told', async (words, message) => {
    const { code, err } = await runTidewatch([
      ...['import', 'prometheus', ...words, '--url', server.url],
      ...['--progress', join(dir.path, 'bad.json')],
    ])
    expect(code).toBe(1)
    expect(err).toContain(message)
    expect(err).not.toContain('    at ')
  })
})

describe("a team's directory", () => {
  const compose = `services:
  prometheus:
    image: prom/prometheus:v3.5.0
    command: [--storage.tsdb.retention.time=90d, --web.route-prefix=/p]
`
  const rules = 'groups: [{ name: a, rules: [{ record: "a:b", expr: up }] }]\n'

  test('works, with the rules of its container found beside it; what is missing ends with 3', async () => {
    dir.write(
      'team/monitoring/prometheus.yml',
      'rule_files: [/etc/prometheus/rules/*.yml]\nscrape_configs: [{ job_name: api, static_configs: [{ targets: [a:1] }] }]\n',
    )
    dir.write('team/monitoring/rules/a.yml', rules)
    dir.write('team/docker-compose.yml', compose)
    const { code, out, err } = await runTidewatch(['import', 'prometheus', join(dir.path, 'team/monitoring')])
    expect({ code, err }).toEqual({ code: 3, err: '' })
    expect(out).toContain('works   prometheus.yml:2  job api: 1 target')
    expect(out).toContain('works   rules/a.yml  rules: 1 rule in 1 group')
    expect(out).toContain('works   docker-compose.yml:4  --storage.tsdb.retention.time=90d: --retention 90d')
    expect(out).toContain('missing docker-compose.yml:4  --web.route-prefix=/p')
    expect(out).toContain('1 are missing, 0 are wrong. Start with: tidewatch serve --config DIR')
  })

  test('that would not start ends with 1, for a program too', async () => {
    const jobs = 'scrape_configs: [{ job_name: pods, kubernetes_sd_configs: [{ role: pod }] }]\n'
    dir.write('bad/prometheus.yml', jobs)
    const { code, out } = await runTidewatch(['import', 'prometheus', join(dir.path, 'bad'), '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      starts: false,
      findings: [
        { verdict: 'wrong', file: 'prometheus.yml', line: 1, text: expect.stringContaining('file_sd_configs') },
      ],
    })
  })

  test('and a running Prometheus are not asked for at once', async () => {
    const { code, err } = await runTidewatch(['import', 'prometheus', dir.path, '--from', origin.url])
    expect(code).toBe(1)
    expect(err).toContain('name either a directory or a running Prometheus')
  })
})
