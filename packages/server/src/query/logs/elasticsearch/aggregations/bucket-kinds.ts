// Kinds of buckets, by name.
import { composite } from './composite.ts'
import { filter, filters, global, missing, nested, reverseNested } from './filter-buckets.ts'
import { dateHistogram, histogram } from './histograms.ts'
import type { AggregationReaders, BucketAggregation } from './port.ts'
import { dateRange, range } from './ranges.ts'
import { terms } from './terms.ts'

export const bucketReaders: AggregationReaders<BucketAggregation> = {
  ...{ terms, histogram, range, filter, filters, missing, global, nested, composite },
  date_histogram: dateHistogram,
  date_range: dateRange,
  reverse_nested: reverseNested,
}
