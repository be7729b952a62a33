import type { Labels } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { ResolvedSamples, SeriesRef } from '../head/port.ts'
import type { MetricMetadata } from '../store/port.ts'

/** The one way in for samples, whoever brings them: receivers, the scraper, host and own metrics, recording rules. */
export interface SampleAcceptor {
  /** Limits, times, spool, head; resolves when the samples are safe. Rejects (429) where the spool is full. */
  accept(samples: ResolvedSamples, options?: AcceptOptions): Promise<AcceptResult>
  resolve(project: ProjectId, labels: Labels): SeriesRef
}

export interface AcceptOptions {
  readonly metadata?: readonly MetricMetadata[]
}

export interface AcceptResult {
  readonly accepted: number
  /** Samples left out, by reason; the first few with their series for the answer. */
  readonly refused: { readonly tooOld: number; readonly tooFarAhead: number; readonly examples: readonly string[] }
}
