// Decoding remote write bodies: ours on bytes against a decoder that makes objects. `BENCH_KIT` is where the kit of bodies is.
// node scripts/with-node.mjs node bench/src/ingest-remote-write.ts
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { createSampleAcceptor } from '@tidewatch/server/ingest/accept.ts'
import { RemoteWriteDecoder } from '@tidewatch/server/ingest/remote-write-decode.ts'
import { uncompressSync } from 'snappy'

const kit = resolve(process.env.BENCH_KIT ?? '../shared/bench')
const { createDataset } = await import(pathToFileURL(`${kit}/lib/dataset.mjs`).href)
const { RequestBuilder, encodeLabels } = await import(pathToFileURL(`${kit}/lib/rw.mjs`).href)

const seriesCount = 2_000
const endMs = Math.floor(Date.now() / 15_000) * 15_000
const bodies = makeBodies()
const inflated = bodies.map((body) => uncompressSync(body) as Buffer)
const samples = countSamples()

/** A stand-in for the index: hashes the bytes four at a time and compares them, as an index of known series must. */
class ByteIndex {
  readonly #slots = new Int32Array(1 << 16).fill(-1)
  readonly #known: Uint8Array[] = []

  resolve(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x9e3779b9
    let at = start
    for (; at + 4 <= end; at += 4) {
      const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
      hash = Math.imul(hash ^ word, 0x01000193)
      hash ^= hash >>> 15
    }
    for (; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193)
    for (let slot = (hash ^ (hash >>> 16)) & 0xffff; ; slot = (slot + 1) & 0xffff) {
      const ref = this.#slots[slot]
      if (ref < 0) {
        this.#slots[slot] = this.#known.length
        return this.#known.push(bytes.slice(start, end)) - 1
      }
      if (equal(this.#known[ref], bytes, start, end)) return ref
    }
  }
}

function equal(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false
  return true
}

function decodeOurs(
  body: Uint8Array,
  batch: SampleBatch,
  resolveSeries: (b: Uint8Array, s: number, e: number) => number,
) {
  batch.clear()
  const decoder = new RemoteWriteDecoder(body, batch, resolveSeries)
  while (!decoder.step(512));
}

const index = new ByteIndex()
const batch = new SampleBatch()
const ours = measure(() => {
  for (const body of inflated) decodeOurs(body, batch, (bytes, start, end) => index.resolve(bytes, start, end))
})
const walkOnly = measure(() => {
  for (const body of inflated) decodeOurs(body, batch, () => 0)
})
const withSnappy = measure(() => {
  for (const body of bodies) {
    const bytes = uncompressSync(body) as Buffer
    decodeOurs(bytes, batch, (block, start, end) => index.resolve(block, start, end))
  }
})
const naive = measure(() => {
  const known = new Map<string, number>()
  for (const body of inflated) {
    for (const series of decodeObjects(body)) {
      const key = series.labels.map(({ name, value }) => `${name}=${value}`).join(',')
      known.set(key, known.get(key) ?? known.size)
    }
  }
})
const accept = await measureAccept()

const bytesEach = inflated.reduce((sum, body) => sum + body.length, 0) / samples
console.log(`${samples} samples in ${bodies.length} bodies, ${bytesEach.toFixed(0)} bytes a sample inflated`)
console.table({
  'walk alone': row(walkOnly),
  'decode + look up': row(ours),
  'inflate + decode + look up': row(withSnappy),
  'objects + Map of strings': row(naive),
  'accept (no-op spool, head, encoder)': row(accept),
})

function row(ms: number) {
  return {
    'µs/sample': Number(((ms * 1000) / samples).toFixed(3)),
    'M samples/s': Number((samples / ms / 1000).toFixed(2)),
  }
}

/** The best of several rounds, in ms: what else runs on the machine only ever adds. */
function measure(run: () => void): number {
  run()
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 7; round++) {
    const startMs = performance.now()
    run()
    best = Math.min(best, performance.now() - startMs)
  }
  return best
}

async function measureAccept(): Promise<number> {
  const ids = new Uint32Array(1 << 16)
  const acceptor = createSampleAcceptor({
    index: {
      idLow: ids,
      idHigh: ids,
      isSaved: () => true,
      markSaved: () => {},
      project: () => 0,
      labels: () => ({ toString: () => '' }),
    } as never,
    head: { beginMs: 0, append: () => {} },
    spool: { append: async () => ({ duplicate: false }), checkRoom: () => {} } as never,
    encoder: {
      samples: ({ length }: { length: number }) => ({ table: 'samples', rows: length, parts: [] }),
      series: () => ({ table: 'series', rows: 0, parts: [] }),
    } as never,
    clock: { nowMs: () => endMs, monotonicMs: () => 0, sleep: async () => {} },
    retentionMs: undefined,
  })
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 7; round++) {
    let totalMs = 0
    for (const body of inflated) {
      decodeOurs(body, batch, (bytes, start, end) => index.resolve(bytes, start, end))
      const startMs = performance.now()
      await acceptor.accept(batch)
      totalMs += performance.now() - startMs
    }
    best = Math.min(best, totalMs)
  }
  return best
}

function makeBodies(): Buffer[] {
  const data = createDataset({ series: seriesCount, hours: 0.5, endMs })
  const encoded = data.series.map((series: { labels: unknown }) => encodeLabels(series.labels))
  const builder = new RequestBuilder()
  const made: Buffer[] = []
  while (data.step()) {
    for (let i = 0; i < seriesCount; i++) {
      builder.add(encoded[i], data.values[i], data.targets[data.series[i].target].time)
      if (builder.samples < 2_000) continue
      made.push(Buffer.from(builder.finish()))
      builder.reset()
    }
  }
  return made
}

function countSamples(): number {
  let count = 0
  const all = new SampleBatch()
  for (const body of inflated) {
    decodeOurs(body, all, () => 0)
    count += all.length
  }
  return count
}

interface PlainSeries {
  readonly labels: { readonly name: string; readonly value: string }[]
  readonly samples: { readonly value: number; readonly timestamp: bigint }[]
}

/** What a generated decoder does: an object for every message, strings for every label, BigInt for every time. */
function decodeObjects(bytes: Buffer): PlainSeries[] {
  return fields(bytes).map((series) => {
    const parts = fields(series, true)
    return {
      labels: parts
        .filter((part) => part.tag === 0x0a)
        .map((part) => {
          const [name, value] = fields(part.bytes)
          return { name: name.toString(), value: value.toString() }
        }),
      samples: parts
        .filter((part) => part.tag === 0x12)
        .map(({ bytes: sample }) => {
          let timestamp = 0n
          for (let i = sample.length - 1; i >= 10; i--) timestamp = (timestamp << 7n) | BigInt(sample[i] & 0x7f)
          return { value: sample.readDoubleLE(1), timestamp }
        }),
    }
  })
}

function fields(bytes: Buffer): Buffer[]
function fields(bytes: Buffer, tagged: true): { tag: number; bytes: Buffer }[]
function fields(bytes: Buffer, tagged = false): unknown[] {
  const found: unknown[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at++]
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      length |= (byte & 0x7f) << shift
      if (byte < 0x80) break
    }
    const part = bytes.subarray(at, at + length)
    found.push(tagged ? { tag, bytes: part } : part)
    at += length
  }
  return found
}
