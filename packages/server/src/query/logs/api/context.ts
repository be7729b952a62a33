// Lines around one.
import type { LogContext } from '@tidewatch/api/logs.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { parseLogId } from '@tidewatch/core/log-id.ts'
import type { Identity } from '../../../http/port.ts'
import type { StoredLog } from '../../../store/port.ts'
import type { LogQueries } from '../log-queries.ts'
import { lineOf } from './line.ts'

export interface ContextQuestion {
  readonly id: string
  readonly before: number
  readonly after: number
}

export async function contextOf(
  queries: LogQueries,
  { id, before, after }: ContextQuestion,
  { identity, signal }: { readonly identity: Identity; readonly signal: AbortSignal },
): Promise<LogContext> {
  const line = await lineNamed(queries, id, { identity, signal })
  const around = await queries.reader.context(line, { before, after }, { signal })
  return { before: around.before.map(lineOf), line: lineOf(line), after: around.after.map(lineOf) }
}

/** Throws `http.not_found` where it is not there, any more or for the asker. */
async function lineNamed(
  { reader, projects }: LogQueries,
  id: string,
  { identity, signal }: { readonly identity: Identity; readonly signal: AbortSignal },
): Promise<StoredLog> {
  const place = parseLogId(id)
  const seen = projects(identity.projects === 'all' ? 'all' : [...identity.projects])
  if (place !== undefined && seen.length > 0) {
    const span = { fromNs: place.timeNs, toNs: place.timeNs + 1n }
    const search = { ...span, projects: seen, predicate: { kind: 'ids', values: [id] } } as const
    for await (const { lines } of reader.search({ ...search, direction: 'forward', limit: 1 }, { signal }))
      for (const line of lines) return line
  }
  throw new AppError('http.not_found', `There is no line of a log ${JSON.stringify(id)}.`, {
    where: { key: 'query.id' },
    fix: 'Take an id as a search gave it out. Lines go when their retention ends.',
  })
}
