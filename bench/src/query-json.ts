// The answer of a range query as Prometheus's JSON: ours, and JSON.stringify over the objects that it would need.
import { Labels } from '@tidewatch/core/labels.ts'
import type { ResultSeries } from '@tidewatch/promql/evaluate/result.ts'
import { float } from '@tidewatch/promql/evaluate/row.ts'
import { resultToJson } from '@tidewatch/server/query/json.ts'
import { numberText, timeText } from '@tidewatch/server/query/number-text.ts'

const runs = 40

function matrix(series: number, steps: number): ResultSeries[] {
  const timesMs = Float64Array.from({ length: steps }, (_, i) => 1_795_000_000_000 + i * 15_000)
  return Array.from({ length: series }, (_, s) => ({
    labels: Labels.from({ __name__: 'm', instance: `10.0.0.${s}:8080`, job: 'api' }),
    timesMs,
    values: Float64Array.from({ length: steps }, () => Math.random() * 1e3),
    present: new Uint8Array(steps).fill(float),
    histograms: undefined,
  }))
}

function plainly(series: readonly ResultSeries[]): Uint8Array {
  const result = series.map(({ labels, timesMs, values }) => ({
    metric: labels.toObject(),
    values: Array.from(values, (value, i) => [Number(timeText(timesMs[i] as number)), numberText(value)]),
  }))
  return new TextEncoder().encode(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }))
}

function medianMs(work: () => unknown): number {
  for (let i = 0; i < 10; i++) work()
  const times = Array.from({ length: runs }, () => {
    const begunMs = performance.now()
    work()
    return performance.now() - begunMs
  }).sort((a, b) => a - b)
  return times[runs >> 1] as number
}

for (const [series, steps] of [
  [1, 240],
  [66, 240],
  [1000, 240],
] as const) {
  const result = {
    type: 'matrix' as const,
    series: matrix(series, steps),
    warnings: [],
    infos: [],
    samples: series * steps,
  }
  const ours = medianMs(() => resultToJson(result, 0))
  const theirs = medianMs(() => plainly(result.series))
  const perPoint = ((ours * 1e6) / (series * steps)).toFixed(0)
  console.log(
    `${series} x ${steps}: ours ${ours.toFixed(2)} ms (${perPoint} ns a point), JSON.stringify ${theirs.toFixed(2)} ms, ratio ${(ours / theirs).toFixed(2)}`,
  )
}
