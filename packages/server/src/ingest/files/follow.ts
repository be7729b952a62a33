// Everything that is followed on this machine: each source by itself, so that one that cannot be read holds up no other.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Counter, Gauge, Logger, Metrics } from '../../self/port.ts'
import type { FileCounts } from './file-reader.ts'
import type { FileSource } from './source.ts'
import type { FilePositions } from './state.ts'
import { Tailer } from './tailer.ts'

export interface FollowParts {
  readonly positions: Pick<FilePositions, 'read' | 'save'>
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

interface Followed {
  readonly key: string
  readonly counts: FileCounts
  readonly told: { lines: number; bytes: number; cutLines: number }
  readonly tailer: Tailer | undefined
}

export interface FileFollower {
  files(source: FileSource): AsyncDisposable
  /** Anything else that reads in the background and counts as files do. */
  other(key: string, run: (counts: FileCounts, signal: AbortSignal) => Promise<void>): AsyncDisposable
}

export function createFileFollower(parts: FollowParts): FileFollower {
  const { metrics, logger } = parts
  const all = new Set<Followed>()
  const families = familiesOf(metrics)
  metrics.beforeRead(() => tell(all, families))
  const begin = (
    key: string,
    tailer: (counts: FileCounts) => Tailer | undefined,
    run: (followed: Followed, signal: AbortSignal) => Promise<void>,
  ): AsyncDisposable => {
    const counts = { lines: 0, bytes: 0, cutLines: 0 }
    const followed: Followed = { key, counts, told: { ...counts }, tailer: tailer(counts) }
    const stop = new AbortController()
    all.add(followed)
    const running = run(followed, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) logger.error('a source of lines is not followed any more', { source: key, error })
    })
    return {
      async [Symbol.asyncDispose]() {
        stop.abort()
        await running
        await followed.tailer?.[Symbol.asyncDispose]()
        tell(all, families)
        all.delete(followed)
      },
    }
  }
  return {
    files: (source) =>
      begin(
        source.key,
        (counts) => new Tailer({ ...parts, source, counts }),
        async ({ tailer }, signal) => await tailer?.run(signal),
      ),
    other: (key, run) =>
      begin(
        key,
        () => undefined,
        ({ counts }, signal) => run(counts, signal),
      ),
  }
}

interface Families {
  readonly lines: (source: string) => Counter
  readonly bytes: (source: string) => Counter
  readonly cut: (source: string) => Counter
  readonly open: (source: string) => Gauge
  readonly waiting: (source: string) => Gauge
}

function familiesOf(metrics: Metrics): Families {
  const labels = ['source']
  const counter = (name: string, help: string) => {
    const family = metrics.counter({ name: `tidewatch_files_${name}`, help, labels })
    return (source: string): Counter => family.with(source)
  }
  const gauge = (name: string, help: string) => {
    const family = metrics.gauge({ name: `tidewatch_files_${name}`, help, labels })
    return (source: string): Gauge => family.with(source)
  }
  return {
    lines: counter('lines_total', 'Lines of files and journals that are stored.'),
    bytes: counter('bytes_total', 'Bytes of files and journals that were read and stored.'),
    cut: counter('cut_lines_total', 'Lines of files that were longer than is kept: their beginning is there.'),
    open: gauge('open', 'Files that are followed.'),
    waiting: gauge('waiting_bytes', 'Bytes that are written and not stored yet.'),
  }
}

function tell(all: ReadonlySet<Followed>, families: Families): void {
  for (const { key, counts, told, tailer } of all) {
    families.lines(key).add(counts.lines - told.lines)
    families.bytes(key).add(counts.bytes - told.bytes)
    families.cut(key).add(counts.cutLines - told.cutLines)
    Object.assign(told, counts)
    if (tailer === undefined) continue
    families.open(key).set(tailer.openFiles)
    families.waiting(key).set(tailer.waitingBytes)
  }
}
