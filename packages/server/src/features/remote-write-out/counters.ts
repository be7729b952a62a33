// What is counted of one receiver; read by metrics and tests.

export type RecordKind = 'samples' | 'histograms' | 'exemplars' | 'metadata'

/** Records that are not sent: refused by the receiver, or left out before. */
export type DropReason = 'relabelled' | 'too_old' | 'behind' | 'unknown_series' | 'exemplar_alone'

export class RemoteCounters {
  readonly sent: Record<RecordKind, number> = { samples: 0, histograms: 0, exemplars: 0, metadata: 0 }
  readonly failed: Record<RecordKind, number> = { samples: 0, histograms: 0, exemplars: 0, metadata: 0 }
  readonly retried: Record<RecordKind, number> = { samples: 0, histograms: 0, exemplars: 0, metadata: 0 }
  readonly dropped: Record<DropReason, number> = {
    relabelled: 0,
    too_old: 0,
    behind: 0,
    unknown_series: 0,
    exemplar_alone: 0,
  }
  sentBytes = 0
  /** Records in memory that are not answered for. */
  pending = 0
  shards = 0
  /** ms since 1970. */
  highestSentMs = 0
  highestReadMs = 0
  /** Seconds of each request, since the metrics were last read. */
  readonly requestSeconds: number[] = []
  /** Why the newest attempt failed; undefined where it did not. */
  trouble: string | undefined
}

/** How many records of each kind a request has. */
export type RecordCounts = Readonly<Record<RecordKind, number>>
