// Logs as queries see them: everything that was acknowledged before, of the projects that the asker may see.
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { recordFields } from '@tidewatch/logquery/fields.ts'
import { kqlTree } from '@tidewatch/logquery/kql/build.ts'
import { luceneTree } from '@tidewatch/logquery/lucene/build.ts'
import { everything, type Predicate } from '@tidewatch/logquery/predicate.ts'
import { predicateOf } from '@tidewatch/logquery/query-tree.ts'
import type { SpoolFlusher } from '../../spool/port.ts'
import type { LogReader } from '../../store/port.ts'

/** What a log query reads. */
const logTables = ['logs'] as const

export interface LogQueries {
  /** Reads what was acknowledged before the call, loaded or not. */
  readonly reader: LogReader
  /** The predicate of a search bar's text; days begin in the zone. Throws `query.parse` with the place, `query.limit`, `query.execution`. */
  parse(text: string, language: 'lucene' | 'kql', options?: { readonly timeZone?: string }): Predicate
  projects(seen: readonly ProjectId[] | 'all'): readonly ProjectId[]
}

export interface LogQueriesOptions {
  readonly reader: LogReader
  readonly flusher: SpoolFlusher
  readonly knownProjects: () => readonly ProjectId[]
  readonly nowMs: () => number
}

export function createLogQueries({ reader, flusher, knownProjects, nowMs }: LogQueriesOptions): LogQueries {
  return {
    reader: flushing(reader, flusher),
    parse(text, language, { timeZone = 'UTC' } = {}) {
      if (text.trim() === '') return everything
      const options = { nowMs: nowMs(), timeZone, fields: recordFields }
      return predicateOf(language === 'kql' ? kqlTree(text, options) : luceneTree(text, options))
    },
    projects: (seen) => (seen === 'all' ? knownProjects() : seen),
  }
}

function flushing(reader: LogReader, flusher: SpoolFlusher): LogReader {
  const flushed = async <T>({ signal }: { readonly signal: AbortSignal }, ask: () => Promise<T>): Promise<T> => {
    await flusher.flush(logTables, { signal })
    return ask()
  }
  return {
    async *search(search, options) {
      await flusher.flush(logTables, options)
      yield* reader.search(search, options)
    },
    count: (filter, options) => flushed(options, () => reader.count(filter, options)),
    aggregate: (filter, wanted, options) => flushed(options, () => reader.aggregate(filter, wanted, options)),
    fields: (filter, options) => flushed(options, () => reader.fields(filter, options)),
    context: (line, range, options) => flushed(options, () => reader.context(line, range, options)),
    streams: (filter, options) => flushed(options, () => reader.streams(filter, options)),
  }
}
