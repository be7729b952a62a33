/** The rows of one request for one table, as the store takes them: one ClickHouse Native block (or several, one after the other). */
export interface SpoolSection {
  readonly table: string
  /** In order, written one after the other; not changed by the spool, may be reused by the caller after the append has resolved. */
  readonly parts: readonly Uint8Array[]
  readonly rows: number
}

export interface SpoolWriter {
  /**
   * One frame: all sections or none. Resolves when the frame is written (with durability `fsync`: synced). Rejects with
   * `spool.full` or `spool.disk_full`, retryable with `retryAfterSeconds`; then nothing of it will ever be seen.
   * `bodyHash` (of a signal whose records carry their own times or ids) makes the same body within 10 minutes count once:
   * then it resolves with `duplicate: true` and stores nothing.
   */
  append(sections: readonly SpoolSection[], options?: { readonly bodyHash?: string }): Promise<{ readonly duplicate: boolean }>
  /** Throws what append would reject with, before any work is spent on a request that would be refused. */
  checkRoom(): void
}

/** What a query asks before it reads the store. */
export interface SpoolFlusher {
  /** Resolves when everything acknowledged before the call for these tables is in the store (closing the segment if need be). */
  flush(tables: readonly string[], options: { readonly signal: AbortSignal }): Promise<void>
}

/** A frame as a reader (the loader, a folder of issues) sees it. */
export interface SpoolFrame {
  readonly segment: number
  readonly index: number
  readonly sections: readonly { readonly table: string; readonly bytes: Uint8Array; readonly rows: number }[]
}

export interface SpoolStatus {
  readonly segments: number
  readonly bytes: number
  readonly oldestAtMs: number | undefined
  /** Parts the store refused for their content, set aside. */
  readonly setAside: number
  /** Bytes cut from damaged tails at the last start. */
  readonly cutBytes: number
  readonly full: boolean
}
