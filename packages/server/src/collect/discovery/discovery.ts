import type { Clock } from '@tidewatch/core/clock.ts'
import type { Logger } from '../../self/port.ts'
import type { TargetGroup } from '../config.ts'

/** Finds targets, and finds out when they change. */
export interface Discovery extends AsyncDisposable {
  /** Begins. Resolves when what is known at once is there; what takes a network comes by `onChange`. */
  start(): Promise<void>
  /** What was found last; a failure changes nothing. */
  readonly groups: readonly TargetGroup[]
}

/** How one look for targets went. */
export interface RefreshOutcome {
  readonly mechanism: 'file' | 'http' | 'dns'
  readonly job: string
  readonly ok: boolean
  readonly seconds: number
}

export interface DiscoveryParts {
  /** The job's name, for what is told. */
  readonly job: string
  /** Relative file names are relative to this. */
  readonly baseDir: string
  readonly clock: Clock
  readonly logger: Logger
  /** The groups are others now. */
  readonly onChange: () => Promise<void>
  readonly onRefresh: (outcome: RefreshOutcome) => void
}
