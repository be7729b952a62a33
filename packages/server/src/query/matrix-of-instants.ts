// A matrix of queries whose value hangs on the range that is asked for (`@ end()`, `step()`, `info()`): one instant query a step.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Matrix, RangeRequest, VectorSample } from './port.ts'

interface Cells {
  readonly labels: Labels
  readonly runs: number[]
  readonly values: number[]
}

export async function matrixOfInstants(
  { startMs, endMs, stepMs, signal }: Pick<RangeRequest, 'startMs' | 'endMs' | 'stepMs' | 'signal'>,
  ask: (atMs: number) => Promise<readonly VectorSample[]>,
): Promise<Matrix> {
  const found = new Map<string, Cells>()
  for (let step = 0; startMs + step * stepMs <= endMs; step++) {
    signal.throwIfAborted()
    for (const { labels, value } of await ask(startMs + step * stepMs)) {
      const key = labels.key()
      const cells = found.get(key) ?? { labels, runs: [], values: [] }
      found.set(key, cells)
      const last = cells.runs.length - 1
      if (cells.runs[last] === step) cells.runs[last] = step + 1
      else cells.runs.push(step, step + 1)
      cells.values.push(value)
    }
  }
  let samples = 0
  const series = [...found.values()].map(({ labels, runs, values }) => {
    samples += values.length
    return { labels, runs: Uint32Array.from(runs), values: Float64Array.from(values) }
  })
  return { series, samples }
}
