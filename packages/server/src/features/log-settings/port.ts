import type { LogIndexName, OptionalLogIndex } from '@tidewatch/api/log-settings.ts'

interface Waiting {
  readonly signal: AbortSignal
}

/** The indexes of the table of logs. */
export interface LogIndexStore {
  /** Bytes on disk, over all days and projects. */
  sizes(options: Waiting): Promise<ReadonlyMap<LogIndexName, number>>
  /** What is written from now on has all but those of `off`; for the days that are there, `clear` and `build` begin. */
  apply(
    change: {
      readonly off: readonly OptionalLogIndex[]
      readonly clear: readonly OptionalLogIndex[]
      readonly build: readonly OptionalLogIndex[]
    },
    options: Waiting,
  ): Promise<void>
  /** What is under way for the days that are there. */
  underWay(options: Waiting): Promise<ReadonlyMap<LogIndexName, IndexWork>>
}

export interface IndexWork {
  readonly kind: 'building' | 'clearing'
  readonly partsToDo: number
  /** Why it failed the last time; '' where it did not. It is tried again. */
  readonly message: string
}
