import type { Deploy, DeploysQuery, PostedDeploy } from '@tidewatch/api/deploys.ts'
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'

/** When which release of a service began to run somewhere; kept for 400 days, the newest 10,000. */
export interface Deploys {
  /** The newest first; everything that was acknowledged before is in it. */
  list(projects: readonly ProjectId[], query: DeploysQuery): Promise<readonly Deploy[]>
  find(projects: readonly ProjectId[], id: string): Promise<Deploy | undefined>
  /** Somebody says so. Throws `http.invalid` for a time that cannot be right. */
  record(
    project: ProjectId,
    deploy: PostedDeploy,
    by: string,
  ): Promise<{ readonly deploy: Deploy; readonly isNew: boolean }>
  /** Lines that were stored. */
  see(project: ProjectId, batch: LogBatch): void
}
