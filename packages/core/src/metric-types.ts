/** Types of metric families in the order of remote write's enums: prometheus.MetricMetadata.MetricType, and io.prometheus.write.v2.Metadata.MetricType. */
export const metricTypes = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
] as const

export type MetricType = (typeof metricTypes)[number]
