// What a request of the catalogue is about: its selector, its time, and the streams that there are.
import type { Clock } from '@tidewatch/core/clock.ts'
import { logRecord } from '@tidewatch/core/log-record.ts'
import type { LogExpr } from '@tidewatch/logquery/logql/ast.ts'
import { labelName } from '@tidewatch/logquery/logql/line-labels.ts'
import { compileSelector } from '@tidewatch/logquery/logql/selector.ts'
import { everything } from '@tidewatch/logquery/predicate.ts'
import type { RequestContext } from '../../../http/port.ts'
import type { LogFilter, LogStream } from '../../../store/port.ts'
import type { LogQueries } from '../log-queries.ts'
import { clampNs, maxStreamsListed } from './line-source.ts'
import type { LogqlQueries } from './logql-queries.ts'
import { planRecords } from './matchers.ts'
import { badRequest, LokiParameters } from './parameters.ts'
import { columnOfLabel, streamLabels } from './record-labels.ts'

export interface LokiParts {
  readonly queries: Pick<LogQueries, 'reader' | 'projects'>
  readonly logql: LogqlQueries
  readonly clock: Clock
  readonly version: string
}

/** Clients that name no time mean what is usual to look at. */
const sixHoursNs = 6n * 3_600_000_000_000n

/** The selector in force and the time, as a filter of records, with the streams that satisfy it. */
export async function selected(
  context: RequestContext,
  { logql, queries, clock }: LokiParts,
  text: string | undefined,
): Promise<{
  readonly filter: LogFilter
  readonly streams: readonly LogStream[]
  readonly log: LogExpr | undefined
  readonly signal: AbortSignal
}> {
  const parameters = new LokiParameters(context, clock.nowMs())
  const { projects, signal } = parameters.scope(context, queries.projects)
  const { fromNs, toNs } = parameters.range(sixHoursNs)
  const all: LogFilter = { projects, predicate: everything, fromNs: clampNs(fromNs), toNs: clampNs(toNs + 1n) }
  const log = text === undefined || /^\s*\{\s*\}\s*$/.test(text) ? undefined : selectorOf(logql, text)
  if (projects.length === 0) return { filter: all, streams: [], log, signal }
  const streams = await queries.reader.streams(all, { signal, limit: maxStreamsListed })
  if (log === undefined) return { filter: all, streams, log, signal }
  const keys = [...new Set(streams.flatMap(({ resource }) => [...resource.keys()]))]
  const { predicate } = planRecords(log, (label) => keys.filter((key) => labelName(key) === label))
  const filter = { ...all, predicate }
  const isByColumns = log.matchers.some(
    ({ name }) => columnOfLabel(name) !== undefined && columnOfLabel(name) !== 'service',
  )
  // what only columns tell of has to be asked for again; the rest is in the streams already
  const fitting =
    isByColumns || log.stages.length > 0
      ? await queries.reader.streams(filter, { signal, limit: maxStreamsListed })
      : streamsOf(log, streams)
  return { filter, streams: fitting, log, signal }
}

function selectorOf(logql: LokiParts['logql'], text: string): LogExpr {
  const expr = logql.parse(text)
  if (expr.kind !== 'log') throw badRequest('only label matchers are supported')
  return expr
}

function streamsOf({ matchers }: LogExpr, streams: readonly LogStream[]): LogStream[] {
  const fits = compileSelector(matchers)
  const names = new Set(matchers.map(({ name }) => name))
  return streams.filter((stream) => fits(streamLabels(logRecord(stream), names)))
}
