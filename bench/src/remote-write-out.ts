// Sending on: what a sample costs between the spool and the socket, by stage and version of remote write. Run:
// node scripts/with-node.mjs node bench/src/remote-write-out.ts
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { Round } from '@tidewatch/server/features/remote-write-out/round.ts'
import { SeriesCache } from '@tidewatch/server/features/remote-write-out/series-cache.ts'
import { createMetricTablesEncoder } from '@tidewatch/server/store/metric-encoder.ts'
import { createMetricSectionReader } from '@tidewatch/server/store/metric-sections.ts'
import { compress } from 'snappy'

const seriesCount = 3500
const scrapes = 60
const startMs = Date.UTC(2026, 0, 1)

const series = Array.from({ length: seriesCount }, (_, n) => ({
  project: defaultProject,
  idLow: (n * 2_654_435_761) >>> 0,
  idHigh: n,
  labels: Labels.from({
    __name__: `node_cpu_seconds_total_${n % 70}`,
    instance: `10.0.0.${n % 50}:9100`,
    job: 'node',
    cpu: String(n % 64),
    mode: 'idle',
  }),
  seenMs: startMs,
}))

const encoder = createMetricTablesEncoder()
const sections = Array.from({ length: scrapes }, (_, scrape) => {
  const section = encoder.samples({
    length: seriesCount,
    projects: new Uint32Array(seriesCount),
    ids: Uint32Array.from(series.flatMap(({ idLow, idHigh }) => [idLow, idHigh])),
    timesMs: new Float64Array(seriesCount).fill(startMs + scrape * 15_000),
    values: Float64Array.from({ length: seriesCount }, (_one, n) => n * 100 + scrape),
  })
  return { table: section.table, bytes: Buffer.concat(section.parts) }
})

const settingsOf = (message: '1.0' | '2.0') => ({
  id: 'bench',
  name: 'bench',
  url: 'http://bench.test/',
  timeoutMs: 30_000,
  headers: {},
  relabelRules: [],
  sendExemplars: false,
  sendHistograms: false,
  message,
  queue: {
    capacity: 10_000,
    maxShards: 4,
    minShards: 4,
    maxSamplesPerSend: 2000,
    minBackoffMs: 30,
    maxBackoffMs: 5000,
    retryOn429: true,
    sampleAgeLimitMs: 0,
  },
  metadata: { send: false, everyMs: 60_000, maxPerSend: 2000 },
  http: {},
})

async function measure(message: '1.0' | '2.0') {
  const cache = new SeriesCache({ externalLabels: { site: 'a' }, relabel: () => true })
  for (const one of series) cache.learn(one)
  const reader = createMetricSectionReader()
  const round = new Round(settingsOf(message), () => undefined)
  const spentMs = { read: 0, encode: 0, compress: 0 }
  let [bytes, requests] = [0, 0]
  for (const section of sections) {
    let atMs = performance.now()
    const took = (): number => {
      const beforeMs = atMs
      atMs = performance.now()
      return atMs - beforeMs
    }
    const read = await reader.read(section)
    if (read.kind !== 'samples') throw new Error('no samples')
    const { ids, timesMs, values, length } = read.samples
    const words = new Uint32Array(values.buffer)
    spentMs.read += took()
    for (let i = 0; i < length; i++) {
      const sent = cache.get(ids[i * 2], ids[i * 2 + 1])
      if (sent === undefined) throw new Error('unknown series')
      round.shardOf(ids[i * 2]).sample(sent, timesMs[i], words[i * 2], words[i * 2 + 1])
    }
    const taken = round.take().flat()
    spentMs.encode += took()
    const bodies = await Promise.all(taken.map((request) => compress(Buffer.from(request.bytes))))
    spentMs.compress += took()
    for (const body of bodies) bytes += body.length
    requests += taken.length
  }
  const samples = seriesCount * scrapes
  const micros = (ms: number): number => Number(((ms * 1000) / samples).toFixed(3))
  return {
    'read µs': micros(spentMs.read),
    'encode µs': micros(spentMs.encode),
    'compress µs (other threads)': micros(spentMs.compress),
    'bytes a sample': Number((bytes / samples).toFixed(1)),
    'samples a request': Math.round(samples / requests),
  }
}

// twice: the first pass warms up
for (const message of ['1.0', '2.0'] as const) await measure(message)
console.log(`${seriesCount} series, ${scrapes} scrapes, per sample`)
console.table({ '1.0': await measure('1.0'), '2.0': await measure('2.0') })
