import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { JobLimits } from './jobs.ts'

/** What `/api/v1/status/tsdb` answers. */
export interface TsdbStatus {
  /** Figures of the head, lists cut to `limit`; made in slices, so that nobody waits for it. */
  tsdbStatus(
    projects: 'all' | ReadonlySet<ProjectId>,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): Promise<object>
}

/** What of the configuration the counts are held against, as it is now. */
export interface CardinalityContext {
  /** By name of the scrape job. */
  readonly limits: ReadonlyMap<string, JobLimits>
  readonly rules: readonly { readonly expr: string; readonly texts: readonly string[] }[]
}
