// The stand-in's answers to PromQL: no engine, but values that look like what the known metrics give.

interface FakeSeries {
  readonly labels: Record<string, string>
  /** Seconds since 1970 to a value; undefined is a gap. */
  readonly value: (seconds: number) => number | undefined
}

const noise = (seed: number, seconds: number): number => {
  const x = Math.sin(Math.floor(seconds / 5) * 12.9898 + seed * 78.233) * 43_758.5453
  return x - Math.floor(x)
}
const wave = (seed: number, seconds: number): number =>
  0.5 + 0.3 * Math.sin(seconds / 300 + seed) + 0.2 * noise(seed, seconds)

const gib = 1024 ** 3

/** By a part of the query, the first that fits; what is not named has three series. */
const known: readonly { readonly has: RegExp; readonly series: readonly FakeSeries[] }[] = [
  { has: /time\(\) - max\(timestamp\(up\)\)/, series: [{ labels: {}, value: () => 4.2 }] },
  {
    has: /avg by \(job\)/,
    series: ['api', 'indexer', 'tidewatch'].map((job, i) => ({
      labels: { job },
      value: (t: number) => (i === 1 ? (t % 900 > 500 ? 0 : 1) : i === 0 && t % 900 > 820 ? 0.5 : 1),
    })),
  },
  { has: /mode="idle"/, series: [{ labels: {}, value: (t) => 0.1 + 0.25 * wave(1, t) }] },
  {
    has: /by \(mode\)/,
    series: ['user', 'system', 'iowait', 'softirq', 'nice'].map((mode, i) => ({
      labels: { mode },
      value: (t) => (0.4 / (i + 1)) * wave(i, t),
    })),
  },
  {
    has: /MemTotal_bytes\s*-|MemTotal_bytes[^-]*-/,
    series: [{ labels: {}, value: (t) => 3.1 * gib + 0.3 * gib * wave(2, t) }],
  },
  { has: /MemTotal/, series: [{ labels: {}, value: () => 15.6 * gib }] },
  {
    has: /filesystem/,
    series: [
      { labels: { mountpoint: '/' }, value: (t) => 0.62 + (t % 90_000) / 2e6 },
      { labels: { mountpoint: '/var/lib/data' }, value: (t) => 0.34 + 0.001 * wave(3, t) },
    ],
  },
  {
    has: /network_receive/,
    series: ['received', 'sent'].map((direction, i) => ({
      labels: { direction },
      value: (t: number) => (420_000 / (i + 1)) * wave(4 + i, t),
    })),
  },
  {
    has: /disk_written/,
    series: ['written', 'read'].map((direction, i) => ({
      labels: { direction },
      value: (t: number) => (700_000 / (4 * i + 1)) * wave(6 + i, t),
    })),
  },
  { has: /node_load1\b/, series: [{ labels: {}, value: (t) => 1.4 * wave(8, t) }] },
  { has: /count.*node_cpu/, series: [{ labels: {}, value: () => 2 }] },
  { has: /boot_time|start_time/, series: [{ labels: {}, value: () => 274_000 }] },
  { has: /process_cpu/, series: [{ labels: {}, value: (t) => 0.04 * wave(14, t) }] },
  { has: /tidewatch_memory_bytes/, series: [{ labels: {}, value: (t) => 0.21 * gib + 0.02 * gib * wave(9, t) }] },
  { has: /rate\(tidewatch_/, series: [{ labels: {}, value: (t) => 3210 * wave(10, t) }] },
  { has: /tidewatch_.*series/, series: [{ labels: {}, value: () => 2143 }] },
  { has: /tidewatch_.*bytes/, series: [{ labels: {}, value: (t) => 1_400_000 * wave(11, t) }] },
  {
    has: /block_lag/,
    series: [{ labels: { chain: 'ethereum' }, value: (t) => 12 + 5 * wave(15, t) + Math.max(0, (t % 1800) - 900) }],
  },
  {
    has: /many/,
    series: Array.from({ length: 1340 }, (_, i) => ({
      labels: { __name__: 'many', i: String(i) },
      value: (t: number) => i + wave(i, t),
    })),
  },
  { has: /nothing|absent_metric/, series: [] },
  {
    has: /gap/,
    series: [
      {
        labels: { __name__: 'gap' },
        value: (t) => (Math.floor(t / 120) % 3 === 1 ? undefined : 40 + 30 * wave(12, t)),
      },
    ],
  },
  {
    has: /^up\b/,
    series: ['10.0.0.1:8080', '10.0.0.2:8080', '10.0.0.9:9102'].map((instance, i) => ({
      labels: { __name__: 'up', instance, job: i === 2 ? 'indexer' : 'api' },
      value: () => (i === 2 ? 0 : 1),
    })),
  },
]

const fallback: readonly FakeSeries[] = [
  'POST /v1/escrow/release',
  'GET /v1/orders/:id',
  'POST /v1/orders',
  'GET /v1/jobs',
  'POST /v1/auth/ton-proof',
  'GET /v1/wallet/:address',
  'GET /v1/search',
].map((route, i) => ({
  labels: { route, job: 'api' },
  value: (t) => (0.6 / (i + 1)) * (0.6 + wave(i, t)) + (i === 0 ? Math.max(0, ((t % 900) - 600) / 200) : 0),
}))

export const fakeMetricNames: readonly string[] = [
  'api_latency_seconds_bucket',
  'api_requests_total',
  'node_cpu_seconds_total',
  'node_load1',
  'node_memory_MemAvailable_bytes',
  'node_memory_MemTotal_bytes',
  'node_network_receive_bytes_total',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
  'up',
]

export const fakeMetadata = {
  api_latency_seconds: [
    { type: 'histogram', help: 'How long a request took, from its first byte to the last of the answer.', unit: '' },
  ],
  node_cpu_seconds_total: [{ type: 'counter', help: 'Seconds the CPUs spent in each mode.', unit: '' }],
  up: [{ type: 'gauge', help: '1 if the target answered the last scrape, else 0.', unit: '' }],
}

interface FakeQueryOptions {
  readonly empty: boolean
  readonly range: boolean
}

/** The data of an answer, or Prometheus's words for what is wrong. */
export function answerQuery(
  parameters: URLSearchParams,
  { empty, range }: FakeQueryOptions,
): { data: unknown } | { error: string } {
  const query = parameters.get('query') ?? ''
  const error = parseErrorOf(query)
  if (error !== undefined) return { error: `invalid parameter "query": ${error}` }
  const series = empty ? [] : (known.find(({ has }) => has.test(query))?.series ?? fallback)
  if (!range) {
    const at = Number(parameters.get('time') ?? Date.now() / 1000)
    return {
      data: {
        resultType: 'vector',
        result: series.map(({ labels, value }) => ({ metric: labels, value: [at, String(value(at) ?? 'NaN')] })),
      },
    }
  }
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(parameters.get(name)))
  if (start === undefined || end === undefined || step === undefined || !(step > 0))
    return { error: 'invalid parameter "step": zero or negative query resolution step widths are not accepted' }
  const result = series.map(({ labels, value }) => {
    const values: [number, string][] = []
    for (let at = start; at <= end; at += step) {
      const sample = value(at)
      if (sample !== undefined) values.push([at, String(sample)])
    }
    return { metric: labels, values }
  })
  return { data: { resultType: 'matrix', result } }
}

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

function parseErrorOf(query: string): string | undefined {
  const open: string[] = []
  for (const [i, character] of [...query].entries()) {
    const closer = closers[character]
    if (closer !== undefined) open.push(closer)
    else if (')]}'.includes(character) && open.pop() !== character)
      return `1:${i + 1}: parse error: unexpected "${character}"`
  }
  return open.length > 0 ? `1:${query.length + 1}: parse error: unclosed left parenthesis` : undefined
}
