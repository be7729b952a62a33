// The way of a line in: redaction and keeping as the configuration in force has them, and who hears of a secret.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { Redactor } from '@tidewatch/redact/kinds.ts'
import type { AlertSink } from '../alerting/port.ts'
import type { Deploys } from '../features/deploys/port.ts'
import { SecretAlarms } from '../features/secrets/secret-alarms.ts'
import { redactionSection } from '../ingest/logs/config.ts'
import { createLogIntake } from '../ingest/logs/intake.ts'
import { countLogLines } from '../ingest/logs/line-counts.ts'
import { createLineRoutes, type LineRoutes } from '../ingest/pipelines/line-routes.ts'
import type { LogIntake } from '../ingest/port.ts'
import { createLogTail, type LogTail } from '../query/logs/api/tail.ts'
import { createLogQueries, type LogQueries } from '../query/logs/log-queries.ts'
import type { StateStore } from '../state/port.ts'
import { createLogTableEncoder } from '../store/log-encoder.ts'
import { createLogReader } from '../store/logs/reader.ts'
import type { Configuration } from './configuration.ts'
import { openDeploys } from './deploys.ts'
import type { Keeping } from './keeping.ts'
import { followCounter, followGauge } from './parts-metrics.ts'
import type { SelfParts } from './server.ts'
import type { Telemetry } from './telemetry.ts'

export interface LogsOptions {
  readonly self: SelfParts
  readonly telemetry: Pick<Telemetry, 'spool' | 'client'>
  readonly state: StateStore
  readonly knownProjects: () => readonly ProjectId[]
  readonly clock: Clock
  readonly keeping: Pick<Keeping, 'logs'>
  readonly configuration: { readonly current: Configuration }
  /** Undefined until alerts can be taken. */
  readonly sink: () => AlertSink | undefined
  readonly externalUrl: () => string
}

export interface Logs {
  readonly intake: LogIntake
  /** The intake for each way in, with the pipelines that its lines are led through. */
  readonly routes: LineRoutes
  readonly queries: LogQueries
  readonly tail: LogTail
  readonly deploys: Deploys
}

export function openLogs(options: LogsOptions): Logs {
  const { self, clock, keeping, configuration, sink, externalUrl, knownProjects } = options
  const { spool, client } = options.telemetry
  const secrets = new SecretAlarms({ sink, clock, logger: self.logger, externalUrl })
  const intake = createLogIntake({
    ...{ spool, clock, encoder: createLogTableEncoder() },
    redactor: () => configuration.current.sections.get(redactionSection.key) as Redactor,
    keeping: () => keeping.logs(),
    onSecret: (secret) => secrets.found(secret),
  })
  addLogMetrics(self.metrics, intake)
  countLogLines(self.metrics, intake)
  const queries = createLogQueries({
    reader: createLogReader(client),
    flusher: spool,
    knownProjects,
    nowMs: clock.nowMs,
  })
  const tail = createLogTail(intake, clock)
  addTailMetrics(self.metrics, tail)
  const routes = createLineRoutes({ logs: intake, clock })
  return { intake, routes, queries, tail, deploys: openDeploys({ ...options, intake }) }
}

function addTailMetrics(metrics: SelfParts['metrics'], { stats }: LogTail): void {
  followGauge(metrics, 'tidewatch_log_tails', 'Live tails of logs that are open.', () => stats.followers)
  const matched = 'Lines that matched live tails, counted for each tail.'
  followCounter(metrics, 'tidewatch_log_tail_lines_total', matched, () => stats.matched)
  const leftOut = 'Lines left out of live tails that had more than they show.'
  followCounter(metrics, 'tidewatch_log_tail_left_out_lines_total', leftOut, () => stats.leftOut)
}

function addLogMetrics(metrics: SelfParts['metrics'], { stats }: LogIntake): void {
  const counters = [
    ['requests', 'Requests with lines of logs that were acknowledged.', () => stats.requests],
    ['lines', 'Lines of logs that were acknowledged.', () => stats.lines],
    ['bytes', 'Bytes of those lines in columns, before compression.', () => stats.bytes],
    ['duplicates', 'Requests that were there already, and count once.', () => stats.duplicates],
    [
      'bad_times',
      'Lines kept under the time of arrival, since theirs is outside of what is kept.',
      () => stats.badTimes,
    ],
    ['redacted', 'Lines out of which secrets were taken.', () => stats.redacted],
    ['folded', 'Lines with more fields than are kept apart.', () => stats.folded],
    ['cut', 'Lines of which a text was cut.', () => stats.cut],
  ] as const
  for (const [name, help, read] of counters) followCounter(metrics, `tidewatch_logs_${name}_total`, help, read)
}
