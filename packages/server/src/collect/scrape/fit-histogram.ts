// Native histograms within what a job's configuration allows (Prometheus: scrape/target.go, bucketLimitAppender and maxSchemaAppender).
import { customBucketsSchema, type NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import { reduceResolution } from '../exposition/native-histogram-message.ts'
import type { HistogramOptions } from './job.ts'

const coarsest = -4

/** The histogram, made as coarse as it has to be; undefined where no resolution is coarse enough. */
export function fitHistogram(
  histogram: NativeHistogram,
  { bucketLimit, maxSchema }: Pick<HistogramOptions, 'bucketLimit' | 'maxSchema'>,
): NativeHistogram | undefined {
  let fitting = histogram
  const isCustom = histogram.schema === customBucketsSchema
  if (!isCustom && fitting.schema > maxSchema) fitting = reduceResolution(fitting, maxSchema)
  while (bucketLimit > 0 && fitting.positiveBuckets.length + fitting.negativeBuckets.length > bucketLimit) {
    if (isCustom || fitting.schema === coarsest) return undefined
    fitting = reduceResolution(fitting, fitting.schema - 1)
  }
  return fitting
}
