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
   * `spool.full`, `spool.disk_full` or `spool.write_failed`, retryable with `retryAfterSeconds`; then nothing of it will ever be seen.
   * `bodyHash` (of a signal whose records carry their own times or ids; at most 255 bytes) makes the same body within 10 minutes
   * count once: then it resolves with `duplicate: true` and stores nothing.
   */
  append(
    sections: readonly SpoolSection[],
    options?: { readonly bodyHash?: string },
  ): Promise<{ readonly duplicate: boolean }>
  /** Throws what append would reject with, before any work is spent on a request that would be refused. */
  checkRoom(): void
}

/** What a query asks before it reads the store. */
export interface SpoolFlusher {
  /**
   * Resolves when everything acknowledged before the call for these tables is in the store (closing the segment if need be).
   * Rejects with `store.unavailable` where the store has been refusing for seconds, and with the signal's reason.
   */
  flush(tables: readonly string[], options: { readonly signal: AbortSignal }): Promise<void>
}

/** A frame as a reader (the loader, a folder of issues) sees it. */
export interface SpoolFrame {
  readonly segment: number
  readonly index: number
  readonly sections: readonly { readonly table: string; readonly bytes: Uint8Array; readonly rows: number }[]
}

/** A closed segment: it does not change any more. */
export interface SpoolSegment {
  /** Ascending, never used twice; also about when it was begun, in ms. */
  readonly number: number
  /** 16 random hex digits, never used twice either: what deduplication tokens are made of. */
  readonly uid: string
  /** Reads all frames into memory (a segment is bounded to about 16 MB, or one larger request). */
  frames(): Promise<readonly SpoolFrame[]>
}

/** One of the spool's readers. A segment stays until each has confirmed it. */
export interface SpoolReader {
  readonly name: string
  /** The first segment that this reader has not confirmed, once it is closed. Rejects with the signal's reason. */
  next(options: { readonly signal: AbortSignal }): Promise<SpoolSegment>
  /** What `saveProgress` kept for this segment, over restarts too. */
  progress(segment: number): string | undefined
  /** Keeps a reader's place within a segment it has not confirmed yet. */
  saveProgress(segment: number, text: string): Promise<void>
  /** The reader has done all it needs with this segment and those before. */
  confirm(segment: number): Promise<void>
  /** Bytes of closed segments that stay for this reader alone: what it costs that it lags behind. */
  heldBytes(): number
  /** Tells that the reader cannot get on, or can again (undefined): who waits for it in `flush` is not left waiting. */
  reportTrouble(reason: string | undefined): void
  /** Keeps what can never be taken in, with the reason, for a person to look at. Bounded: the oldest go first. */
  setAside(part: SetAsidePart): Promise<void>
}

export interface SetAsidePart {
  /** Unique and stable for the part, of letters, digits, `-` and `.`: a repeat overwrites. */
  readonly name: string
  readonly table: string
  readonly rows: number
  readonly reason: string
  readonly bytes: readonly Uint8Array[]
}

export interface SpoolStatus {
  readonly segments: number
  readonly bytes: number
  readonly oldestAtMs: number | undefined
  /** Parts the store refused for their content, set aside since the start. */
  readonly setAside: number
  /** Bytes cut from damaged tails: at the last start, and when a segment was read. */
  readonly cutBytes: number
  readonly full: boolean
}
