// What the main thread and a session's thread say to one another.

/** One statement to run. */
export interface Job {
  readonly type: 'run'
  readonly id: number
  readonly sql: string
  /** Of the answer, where the SQL names none. */
  readonly format: string
  /** Streamed block by block; else the answer comes in one piece. */
  readonly streamed: boolean
  readonly database: string
  readonly settings: Readonly<Record<string, string>>
}

export type ToSession =
  | Job
  /** The main thread has passed a chunk on and takes another. */
  | { readonly type: 'more'; readonly id: number }
  /** Nobody waits for the answer any more. */
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'stop' }

export interface JobSummary {
  /** Rows of the answer, or rows an insert read; undefined where the library does not say. */
  readonly rows: number | undefined
  readonly elapsedNs: number
}

export type FromSession =
  | { readonly type: 'open' }
  | { readonly type: 'chunk'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'done'; readonly id: number; readonly summary: JobSummary }
  | { readonly type: 'failed'; readonly id: number; readonly message: string }
  | { readonly type: 'closed' }

export interface SessionThreadData {
  readonly dataDir: string
  /** In `log_comment` of whatever the session runs: how a KILL QUERY finds it. */
  readonly tag: string
  readonly baseSettings: Readonly<Record<string, string>>
}

/** Chunks under way between a session and the main thread: one is written out while the next is computed. */
export const chunkWindow = 2
