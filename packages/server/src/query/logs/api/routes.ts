// `/api/tidewatch/v1/logs`: what the page and `tidewatch logs` ask (packages/api/src/logs.ts).
import {
  type LogTailEvent,
  logContext,
  logContextQuery,
  logExportQuery,
  logFields,
  logFieldsQuery,
  logHistogram,
  logHistogramQuery,
  logPatterns,
  logPatternsQuery,
  logSearchQuery,
  logStorage,
  logTailQuery,
  logValues,
  logValuesQuery,
} from '@tidewatch/api/logs.ts'
import { defineRoute, type Identity, type Route } from '../../../http/port.ts'
import { begun } from '../../begun.ts'
import { contextOf } from './context.ts'
import { exportLines, exportTypes } from './export.ts'
import { askedOf, countableOf, type LogQuestion, projectsOf } from './filter.ts'
import { histogramOf } from './histogram.ts'
import { type PatternParts, patternsOf } from './patterns.ts'
import { findLines, placeOf, searchEvents } from './search.ts'
import { sightOf } from './sight.ts'
import { type LogRetention, type StoredLogs, storageOf } from './storage.ts'
import { type LogTail, tailEventText } from './tail.ts'
import { fieldsOf, valuesOf } from './values.ts'

export const logsPath = '/api/tidewatch/v1/logs'
const common = { method: 'GET', permission: 'view', errors: 'tidewatch' } as const
/** Of a search: its answers come as they are found, so that nobody waits for all of it. */
const searchTimeoutMs = 600_000

export interface LogApiParts extends PatternParts {
  readonly tail: LogTail
  /** What is kept, by day. */
  readonly storage: (options: { readonly signal: AbortSignal }) => Promise<StoredLogs>
  /** As the configuration in force has it. */
  readonly retention: () => LogRetention
}

export function createLogApiRoutes(parts: LogApiParts): Route[] {
  return [searchRoute(parts), ...countRoutes(parts), contextRoute(parts), tailRoute(parts), ...fileRoutes(parts)]
}

function searchRoute(parts: LogApiParts): Route {
  return defineRoute({
    ...common,
    path: `${logsPath}/search`,
    summary: 'Lines of logs as NDJSON, each as soon as it is found, with progress and a cursor',
    query: logSearchQuery,
    timeoutMs: searchTimeoutMs,
    async handle({ identity, query, signal }) {
      const { direction, limit, cursor } = query
      const after = cursor === undefined ? undefined : placeOf(cursor)
      const asked = await askedOf(parts, query, { identity, signal })
      const events = await begun(searchEvents(parts.queries, asked, { direction, limit, after }, { signal }))
      return { headers: { 'content-type': 'application/x-ndjson' }, body: jsonLines(events) }
    },
  })
}

async function* jsonLines(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`
}

/** What counts are taken of: exactly the question's lines. */
async function counting(
  parts: LogApiParts,
  question: LogQuestion,
  asker: { readonly identity: Identity; readonly signal: AbortSignal },
) {
  const { signal } = asker
  const filter = await countableOf(parts, await askedOf(parts, question, asker), signal)
  return { reader: parts.queries.reader, filter, signal }
}

function countRoutes(parts: LogApiParts): Route[] {
  return [
    defineRoute({
      ...common,
      path: `${logsPath}/histogram`,
      summary: 'How many lines of logs when, by severity or another field',
      query: logHistogramQuery,
      response: logHistogram,
      async handle({ identity, query, signal }) {
        return { body: await histogramOf(await counting(parts, query, { identity, signal }), query) }
      },
    }),
    defineRoute({
      ...common,
      path: `${logsPath}/fields`,
      summary: 'Fields that lines of logs have',
      query: logFieldsQuery,
      response: logFields,
      async handle({ identity, query, signal }) {
        return { body: await fieldsOf(await counting(parts, query, { identity, signal })) }
      },
    }),
    defineRoute({
      ...common,
      path: `${logsPath}/fields/values`,
      summary: 'The most frequent values of a field',
      query: logValuesQuery,
      response: logValues,
      async handle({ identity, query, signal }) {
        return { body: await valuesOf(await counting(parts, query, { identity, signal }), query) }
      },
    }),
  ]
}

function contextRoute({ queries }: LogApiParts): Route {
  return defineRoute({
    ...common,
    path: `${logsPath}/context`,
    summary: 'Lines around one, from the same source',
    query: logContextQuery,
    response: logContext,
    handle: async ({ identity, query, signal }) => ({ body: await contextOf(queries, query, { identity, signal }) }),
  })
}

function tailRoute(parts: LogApiParts): Route {
  return defineRoute({
    ...common,
    path: `${logsPath}/tail`,
    summary: 'Lines of logs as they are accepted, as server-sent events',
    query: logTailQuery,
    timeoutMs: Number.POSITIVE_INFINITY,
    async handle({ identity, query, signal }) {
      const projects = new Set(projectsOf(parts.queries, identity))
      const sight = sightOf(parts, query)
      const events = await begun(parts.tail.follow({ projects, sight, signal }))
      return {
        headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
        body: serverSentEvents(events),
      }
    },
  })
}

async function* serverSentEvents(events: AsyncIterable<LogTailEvent>): AsyncGenerator<string> {
  for await (const event of events) yield `data: ${tailEventText(event)}\n\n`
}

function fileRoutes(parts: LogApiParts): Route[] {
  const { queries } = parts
  return [
    defineRoute({
      ...common,
      path: `${logsPath}/export`,
      summary: 'All lines of a search as a file: JSON, NDJSON or CSV, streamed',
      query: logExportQuery,
      timeoutMs: Number.POSITIVE_INFINITY,
      async handle({ identity, query, signal }) {
        const { direction, format, columns } = query
        const asked = await askedOf(parts, query, { identity, signal })
        const steps = findLines(queries, asked, { direction, limit: Number.MAX_SAFE_INTEGER }, { signal })
        const body = await begun(exportLines(linesOf(steps), format, columns))
        const name = `logs-${new Date(query.fromMs).toISOString().replaceAll(':', '-').slice(0, 19)}.${format}`
        return {
          headers: { 'content-type': exportTypes[format], 'content-disposition': `attachment; filename="${name}"` },
          body,
        }
      },
    }),
    defineRoute({
      ...common,
      path: `${logsPath}/patterns`,
      summary: 'Similar lines of logs as one, and which are new',
      query: logPatternsQuery,
      response: logPatterns,
      async handle({ identity, query, signal }) {
        return { body: await patternsOf(parts, query, { identity, signal }) }
      },
    }),
    defineRoute({
      ...common,
      path: `${logsPath}/storage`,
      summary: 'What logs are kept, and what they take on disk',
      response: logStorage,
      handle: async ({ signal }) => ({ body: storageOf(await parts.storage({ signal }), parts.retention()) }),
    }),
  ]
}

async function* linesOf<T>(steps: AsyncIterable<{ readonly lines: T }>): AsyncGenerator<T> {
  for await (const { lines } of steps) yield lines
}
