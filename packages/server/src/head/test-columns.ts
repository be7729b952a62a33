import type { SampleColumns } from './port.ts'

/** Columns that grow, as the evaluator's do. */
export class TestColumns implements SampleColumns {
  length = 0
  timesMs = new Float64Array(4)
  values = new Float64Array(4)

  reserve(capacity: number): void {
    if (this.timesMs.length >= capacity) return
    const timesMs = new Float64Array(capacity)
    const values = new Float64Array(capacity)
    timesMs.set(this.timesMs)
    new Uint8Array(values.buffer).set(new Uint8Array(this.values.buffer))
    this.timesMs = timesMs
    this.values = values
  }

  /** [time, bits] of every sample. */
  list(): [number, bigint][] {
    const bits = new BigUint64Array(this.values.buffer)
    return Array.from({ length: this.length }, (_, i) => [this.timesMs[i], bits[i]])
  }
}
