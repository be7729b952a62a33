// The archive of logs: where its parts come from, and who hears where it fails.
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { AlertSink } from '../alerting/port.ts'
import type { ConfigFollower } from '../config/port.ts'
import type { LogArchiveSettings } from '../features/log-archive/config.ts'
import { type ArchiveTrouble, LogArchive } from '../features/log-archive/log-archive.ts'
import { createLogArchiveRoutes } from '../features/log-archive/routes.ts'
import { createLogArchiveRows, type LogArchiveTables } from '../features/log-archive/state.ts'
import type { LogSettingsBook } from '../features/log-settings/book.ts'
import type { AuditLog, Route } from '../http/port.ts'
import type { StateStore } from '../state/port.ts'
import { createLogArchiveStore } from '../store/logs/archive.ts'
import { createRenderTarget } from '../store/render.ts'
import { logsTable } from '../store/tables/logs.ts'
import type { Configuration } from './configuration.ts'
import { whileLeading } from './leadership.ts'
import { archiveOfFile, ownArchive } from './log-archive-settings.ts'
import { followCounter } from './parts-metrics.ts'
import type { SelfParts } from './server.ts'
import type { Telemetry } from './telemetry.ts'

export const archiveAlertName = 'LogArchiveFailing'
/** A moment's trouble is nobody's. */
const patienceMs = 30 * 60_000
const lastsMs = 3_600_000
const gigabyte = 1024 ** 3

type BeforeGone = (dayMs: number, options: { readonly signal: AbortSignal }) => Promise<void>

/** Retention begins before the archive can be opened: it waits. */
export class ArchiveGate {
  readonly #opened = Promise.withResolvers<BeforeGone>()

  readonly beforeLogsGo: BeforeGone = async (dayMs, options) => {
    const { signal } = options
    const stopped = Promise.withResolvers<never>()
    const stop = (): void => stopped.reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      signal.throwIfAborted()
      const before = await Promise.race([this.#opened.promise, stopped.promise])
      await before(dayMs, options)
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  open(before: BeforeGone): void {
    this.#opened.resolve(before)
  }
}

export interface LogArchiveParts {
  readonly follower: ConfigFollower<Configuration>
  /** In force: what tidewatch.yml says, else what the page does. */
  settings(): LogArchiveSettings | undefined
  routes(audit: AuditLog): readonly Route[]
}

export interface OpenLogArchiveOptions {
  readonly self: SelfParts
  readonly state: StateStore
  readonly telemetry: Pick<Telemetry, 'client' | 'cluster' | 'spool' | 'engine'>
  readonly gate: ArchiveGate
  readonly dataDir: string
  readonly clock: Clock
  readonly configuration: { readonly current: Configuration }
  /** The page's. */
  readonly logSettings: LogSettingsBook
  /** Undefined until alerts can be taken. */
  readonly sink: () => AlertSink | undefined
  readonly externalUrl: () => string
}

export function openLogArchive(options: OpenLogArchiveOptions): LogArchiveParts {
  const { self, state, telemetry, clock, configuration, logSettings, dataDir, gate } = options
  const store = createLogArchiveStore(telemetry.client, createRenderTarget(telemetry.cluster))
  const rows = createLogArchiveRows(state.database<LogArchiveTables>())
  // what followers are told is not the current one yet
  let told = configuration.current
  const own = ownArchive(logSettings, state.sealer)
  const settings = () => archiveOfFile(told) ?? own()
  const archive = new LogArchive({
    ...{ store, rows, clock, scratchDir: join(dataDir, 'archive') },
    logger: self.logger.child({ part: 'log archive' }),
    settings,
    flush: async (given) => void (await telemetry.spool.flush([logsTable.name], given)),
    checkRoom: (bytes) => (telemetry.engine === undefined ? Promise.resolve() : checkRoom(dataDir, bytes)),
    onTrouble: troubleTeller(options),
  })
  addMetrics(self.metrics, archive)
  logSettings.follow(() => archive.wake())
  gate.open((dayMs, given) => archive.beforeDrop(dayMs, given))
  self.tasks.run(
    'log archive',
    (signal) => whileLeading({ locks: state.locks, name: 'log-archive', clock, signal }, (led) => archive.lead(led)),
    { restart: true },
  )
  return {
    settings,
    routes: (audit) => createLogArchiveRoutes({ archive, store, rows, settings, audit }),
    follower: {
      async apply(changed) {
        told = changed
        archive.wake()
      },
    },
  }
}

/** As much has to stay free as the spool keeps free. */
async function checkRoom(dataDir: string, bytes: number): Promise<void> {
  const { bavail, bsize, blocks } = await statfs(dataDir)
  const free = bavail * bsize - Math.min(gigabyte, blocks * bsize * 0.05)
  if (free > bytes) return
  throw new AppError(
    'data_dir.full',
    `restoring it takes about ${Math.ceil(bytes / 1e6)} MB, and ${Math.max(0, Math.floor(free / 1e6))} MB are free.`,
    {
      fix: 'Free room, or read the day without restoring it: tidewatch logs archive read DAY',
    },
  )
}

/** The health of the part at once, and after a while an alert. */
function troubleTeller({
  self,
  sink,
  clock,
  externalUrl,
}: OpenLogArchiveOptions): (trouble: ArchiveTrouble | undefined) => void {
  const part = self.health.part('log archive', { required: false })
  part.ready()
  const since = self.metrics
    .gauge({
      name: 'tidewatch_log_archive_failing_seconds',
      help: 'For how long days of logs cannot be archived; 0 while all is well.',
    })
    .with()
  let known: ArchiveTrouble | undefined
  self.metrics.beforeRead(() => since.set(known === undefined ? 0 : Math.max(0, clock.nowMs() - known.sinceMs) / 1000))
  return (trouble) => {
    known = trouble
    if (trouble === undefined) {
      part.ready()
      return
    }
    part.degraded(trouble.message)
    if (clock.nowMs() - trouble.sinceMs < patienceMs) return
    const alert = {
      labels: Labels.from({ alertname: archiveAlertName, severity: 'warning' }),
      annotations: {
        summary: `Logs cannot be archived: ${trouble.message}`,
        description:
          'Days stay in the store beyond their retention until they are archived, and take room there; beyond `hold` of archive.logs they go without.',
      },
      startsAtMs: trouble.sinceMs,
      endsAtMs: undefined,
      generatorUrl: `${externalUrl()}/logs?tab=storage`,
      validForMs: lastsMs,
    }
    sink()
      ?.deliver([alert])
      .catch((error: unknown) => {
        // told again in the next round
        self.logger.error('the alert about it could not be raised', {
          part: 'log archive',
          error: AppError.from(error).message,
        })
      })
  }
}

function addMetrics(metrics: SelfParts['metrics'], { stats }: LogArchive): void {
  const counters = [
    ['days_total', 'Days of logs that were archived, those with late lines again.', () => stats.days],
    ['lines_total', 'Lines that were archived.', () => stats.lines],
    ['bytes_total', 'Bytes that were written to the archive, compressed.', () => stats.bytes],
    ['failures_total', 'Times that archiving failed; it is tried again every five minutes.', () => stats.failures],
    [
      'given_up_days_total',
      'Days that went without being archived, since that failed for longer than they are held.',
      () => stats.givenUpDays,
    ],
    ['restored_lines_total', 'Lines that came back into the store.', () => stats.restoredLines],
    ['restore_failures_total', 'Restores that failed.', () => stats.restoreFailures],
  ] as const
  for (const [name, help, read] of counters) followCounter(metrics, `tidewatch_log_archive_${name}`, help, read)
  const gauge = (name: string, help: string) => metrics.gauge({ name: `tidewatch_log_archive_${name}`, help })
  const waiting = gauge('waiting_days', 'Days that are over and not in the archive yet.')
  const newest = gauge('newest_day_timestamp_seconds', 'Begin of the newest archived day, in Unix seconds.')
  metrics.beforeRead(() => {
    if (stats.waitingDays !== undefined) waiting.with().set(stats.waitingDays)
    if (stats.newestDayMs !== undefined) newest.with().set(stats.newestDayMs / 1000)
  })
}
