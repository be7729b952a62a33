// Our own metrics as JSON, in the form that protobuf's MetricFamily has there, for pages that look at the server without storing anything.
// https://prometheus.io/docs/prometheus/latest/querying/api/ and https://protobuf.dev/programming-guides/json/
import type { OwnSample } from '../self/port.ts'

type Json = Record<string, unknown>

/** Families by name, those alone whose names match. */
export function metricFamiliesJson(samples: readonly OwnSample[], matches: (name: string) => boolean): Json[] {
  const wanted = samples.filter(({ family }) => matches(family))
  return [...Map.groupBy(wanted, ({ family }) => family)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, ofFamily]) => {
      const { help, type } = ofFamily[0] as OwnSample
      return {
        name,
        help,
        type: type.toUpperCase(),
        metric: type === 'histogram' ? histograms(ofFamily) : plain(ofFamily),
      }
    })
}

const plain = (samples: readonly OwnSample[]): Json[] =>
  samples.map(({ labels, type, value }) => ({ ...labelPairs(labels), [type]: { value: number(value) } }))

function histograms(samples: readonly OwnSample[]): Json[] {
  const byLabels = Map.groupBy(samples, ({ labels: { le, ...labels } }) => JSON.stringify(labels))
  return [...byLabels.values()].map((cell) => {
    const { le, ...labels } = (cell[0] as OwnSample).labels
    const counted = (suffix: string): number => cell.find(({ name }) => name.endsWith(suffix))?.value ?? 0
    const bucket = cell
      .filter(({ name }) => name.endsWith('_bucket'))
      .map((one) => ({
        cumulativeCount: String(one.value),
        upperBound: number(one.labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(one.labels.le)),
      }))
    return {
      ...labelPairs(labels),
      histogram: { sampleCount: String(counted('_count')), sampleSum: number(counted('_sum')), bucket },
    }
  })
}

function labelPairs(labels: Readonly<Record<string, string>>): Json {
  const label = Object.entries(labels).map(([name, value]) => ({ name, value }))
  return label.length === 0 ? {} : { label }
}

/** JSON has no words for them; protobuf's has texts. */
const number = (value: number): number | string => (Number.isFinite(value) ? value : String(value))
