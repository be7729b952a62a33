// What Prometheus calls queryable samples: those that each step looked at, so a sample in five windows counts five times. Only where asked for:
// once a series. https://prometheus.io/docs/prometheus/latest/feature_flags/#per-step-stats
import { customBucketsSchema, type FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { absent, histogram, histogramAt, type Row } from './row.ts'

export class SampleCounts {
  #total = 0
  readonly perStep: Float64Array

  constructor(steps: number) {
    this.perStep = new Float64Array(steps)
  }

  get total(): number {
    return this.#total
  }

  add(step: number, samples: number): void {
    this.#total += samples
    if (step < this.perStep.length) this.perStep[step] = (this.perStep[step] as number) + samples
  }

  /** The cells of a selector's row: one sample a step. */
  addRow(row: Row): void {
    const { present } = row
    for (let step = 0; step < present.length; step++) {
      if (present[step] === absent) continue
      this.add(step, present[step] === histogram ? sizeInSamples(histogramAt(row, step)) : 1)
    }
  }
}

/** A histogram counts for so many floats as it takes the memory of: its fixed part of 176 bytes and its lists, 16 bytes a sample. */
export function sizeInSamples(value: FloatHistogram): number {
  const spans = value.positiveSpans.length + value.negativeSpans.length
  const buckets = value.positiveBuckets.length + value.negativeBuckets.length
  const bounds = value.schema === customBucketsSchema ? value.customValues.length : 0
  return Math.floor((176 + 8 * (spans + buckets + bounds)) / 16)
}
