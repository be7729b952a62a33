// Remote read's answers: samples and XOR chunks by ours, and chunks by the same algorithm written plainly with BigInt.
import { Labels } from '@tidewatch/core/labels.ts'
import { GrowingSampleBuffer } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import { decodeChunk } from '@tidewatch/server/features/import/chunks.ts'
import { ChunkedAnswer } from '@tidewatch/server/query/read/chunked.ts'
import { SampledAnswer } from '@tidewatch/server/query/read/sampled.ts'
import { chunkSamples, XorChunkEncoder } from '@tidewatch/server/query/read/xor-chunk.ts'

const series = 200
const steps = 1440
const runs = 10

const labels = Labels.from({ __name__: 'http_requests_total', instance: '10.0.0.1:8080', job: 'api', code: '200' })
const buffer = new GrowingSampleBuffer()
buffer.reserve(steps)
for (let i = 0; i < steps; i++) {
  buffer.timesMs[i] = 1_795_000_000_000 + i * 15_000 + (i % 7)
  buffer.values[i] = Math.round(1e6 + i * 3 + Math.sin(i) * 50) / 10
}
buffer.length = steps

function medianMs(work: () => unknown): number {
  for (let i = 0; i < 3; i++) work()
  const times = Array.from({ length: runs }, () => {
    const begunMs = performance.now()
    work()
    return performance.now() - begunMs
  }).sort((a, b) => a - b)
  return times[runs >> 1] as number
}

/** Bits as a string of a chunk's samples: what a first version would be. */
function plainly(): string {
  const bits = new BigUint64Array(buffer.values.buffer)
  let out = ''
  for (let from = 0; from < steps; from += chunkSamples) {
    let [deltaMs, before] = [0, bits[from] as bigint]
    for (let i = from + 1; i < Math.min(steps, from + chunkSamples); i++) {
      const next = (buffer.timesMs[i] as number) - (buffer.timesMs[i - 1] as number)
      const change = BigInt.asUintN(14, BigInt(next - deltaMs))
      out += next === deltaMs ? '0' : `10${change.toString(2).padStart(14, '0')}`
      const xor = (bits[i] as bigint) ^ before
      out += xor === 0n ? '0' : `11${xor.toString(2).padStart(64, '0')}`
      deltaMs = next
      before = bits[i] as bigint
    }
  }
  return out
}

const encoder = new XorChunkEncoder()
const words = new Uint32Array(buffer.values.buffer)
const encodeAll = (): number => {
  let bytes = 0
  for (let from = 0; from < steps; from += chunkSamples)
    bytes += encoder.encode(buffer.timesMs, words, from, Math.min(steps, from + chunkSamples)).length
  return bytes
}
const chunks = Array.from({ length: Math.ceil(steps / chunkSamples) }, (_, i) =>
  encoder.encode(buffer.timesMs, words, i * chunkSamples, Math.min(steps, (i + 1) * chunkSamples)).slice(),
)
/** What `import prometheus` does with them. */
const decodeAll = (): number => {
  let latestMs = 0
  const sink = { float: (timeMs: number) => (latestMs = timeMs), histogram: () => undefined }
  for (const chunk of chunks) decodeChunk(1, chunk, sink)
  return latestMs
}
const answer = (make: () => ChunkedAnswer | SampledAnswer) => (): number => {
  const made = make()
  made.window(0)
  let bytes = 0
  for (let i = 0; i < series; i++) {
    made.series(labels, buffer)
    bytes += made.takePiece()?.length ?? 0
  }
  return bytes + made.finish().length
}
const many = (work: () => unknown) => (): void => {
  for (let i = 0; i < series; i++) work()
}

const samples = series * steps
for (const [name, work] of [
  ['XOR chunks, ours', many(encodeAll)],
  ['XOR chunks, plain', many(plainly)],
  ['XOR chunks, read by an import', many(decodeAll)],
  ['whole answer, streamed chunks', answer(() => new ChunkedAnswer([]))],
  ['whole answer, samples in snappy', answer(() => new SampledAnswer([], 1 << 30))],
] as const) {
  const ns = (medianMs(work) * 1e6) / samples
  const bytes = name.startsWith('whole') ? `, ${((work() as number) / samples).toFixed(2)} bytes a sample` : ''
  process.stdout.write(`${name.padEnd(34)} ${ns.toFixed(1).padStart(8)} ns a sample${bytes}\n`)
}
