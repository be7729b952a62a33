// `/api/v1/status/tsdb` in Prometheus's shape. https://prometheus.io/docs/prometheus/latest/querying/api/#tsdb-stats
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { SeriesSurvey } from '../../head/port.ts'
import { countChunks, countLabels } from './count-labels.ts'
import { type Counted, Largest } from './largest.ts'

export interface TsdbStatusOptions {
  readonly survey: SeriesSurvey
  /** The head's own figures. */
  readonly stats: () => { readonly series: number; readonly beginMs: number; readonly newestMs: number }
}

/** What an empty Prometheus says of its times: the ends of what 64 bits hold, as near as a JSON number comes. */
const noTimes = { minTime: 2 ** 63, maxTime: -(2 ** 63) }

export async function tsdbStatus(
  { survey, stats }: TsdbStatusOptions,
  projects: readonly ProjectId[],
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
): Promise<object> {
  const counts = await countLabels(survey, projects, { limit, signal })
  const { chunks: chunkCount, firstMs } = await countChunks(survey, signal)
  const values = new Largest(limit)
  const bytes = new Largest(limit)
  for (const label of counts.labels) {
    values.offer(label.values, () => label.name)
    bytes.offer(label.bytes, () => label.name)
  }
  const { series, beginMs, newestMs } = stats()
  return {
    headStats: {
      numSeries: series,
      numLabelPairs: counts.labelPairs,
      chunkCount,
      ...(newestMs === Number.NEGATIVE_INFINITY ? noTimes : { minTime: Math.max(beginMs, firstMs), maxTime: newestMs }),
    },
    seriesCountByMetricName: rows(counts.metrics),
    labelValueCountByLabelName: rows(values.list()),
    memoryInBytesByLabelName: rows(bytes.list()),
    seriesCountByLabelValuePair: rows(counts.pairs),
  }
}

const rows = (counted: readonly Counted[]): object[] => counted.map(({ name, count }) => ({ name, value: count }))
