// Exemplars beside samples, with the trace that they come from.
import type { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { anyValueText } from './any-value.ts'
import type { OtlpExemplar, Point } from './point.ts'

/** OpenMetrics' limit of all names and values together, in characters. */
const maxLabelCharacters = 128

/** Adds the point's exemplars, each to the series that counted its value. */
export function addExemplars(batch: SampleBatch, point: Point, refOf: (value: number) => number): void {
  for (const exemplar of point.exemplars) {
    const { value, timeMs } = exemplar
    batch.exemplars.push({
      ref: refOf(value),
      timeMs: timeMs === 0 ? point.time.ms : timeMs,
      value,
      labels: labelsOf(exemplar),
    })
  }
}

/** The attributes that the sender left out of the series only where there is room for all of them. */
function labelsOf({ traceId, spanId, attributes }: OtlpExemplar): readonly string[] {
  const labels: string[] = []
  if (isId(traceId, 16)) labels.push('trace_id', traceId)
  if (isId(spanId, 8)) labels.push('span_id', spanId)
  const more = attributes.flatMap(([name, value]) => [name, anyValueText(value)])
  const characters = [...labels, ...more].reduce((sum, text) => sum + [...text].length, 0)
  return characters <= maxLabelCharacters ? [...labels, ...more] : labels
}

/** What is no id, or the one of zeroes, names no trace: the exemplar is kept without it. */
const isId = (id: string, bytes: number): boolean =>
  id.length === bytes * 2 && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id)
