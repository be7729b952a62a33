// A search as events, each as soon as it is known: lines, how far it is, and where it goes on.
import type { LogLine, LogSearchEvent } from '@tidewatch/api/logs.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type LogPlace, parseLogId, printLogId } from '@tidewatch/core/log-id.ts'
import type { LogSearch } from '../../../store/port.ts'
import type { LogQueries } from '../log-queries.ts'
import type { Asked } from './filter.ts'

export interface SearchRange {
  readonly direction: LogSearch['direction']
  readonly limit: number
  /** Only what comes after it in the direction. */
  readonly after?: LogPlace | undefined
}

/** Some of the lines of a search, and how far it is. */
interface FoundLines {
  readonly lines: readonly LogLine[]
  readonly progress: { readonly searchedToNs: string; readonly rowsRead: number; readonly bytesRead: number }
  /** The place of the last of them. */
  readonly last: LogPlace | undefined
}

/** The place that a cursor names. */
export function placeOf(cursor: string): LogPlace {
  const place = parseLogId(cursor)
  if (place !== undefined) return place
  throw new AppError('http.invalid', `${JSON.stringify(cursor)} is no cursor of a search.`, {
    where: { key: 'query.cursor' },
    fix: 'Give the cursor of the end of the search before, or none to begin anew.',
  })
}

/** Steps of a search with what the question makes of each line; ends with the limit or the span. */
export async function* findLines(
  { reader }: Pick<LogQueries, 'reader'>,
  { filter, sight }: Asked,
  { direction, limit, after }: SearchRange,
  options: { readonly signal: AbortSignal },
): AsyncGenerator<FoundLines> {
  const search: LogSearch = {
    ...filter,
    ...{ direction, limit: sight.isWhole ? limit : Number.MAX_SAFE_INTEGER },
    ...(after === undefined ? {} : { after }),
  }
  let missing = limit
  for await (const { lines, searchedToNs, rowsRead, bytesRead } of reader.search(search, options)) {
    const seen: LogLine[] = []
    let last: LogPlace | undefined
    for (const line of lines) {
      const one = sight.show(line)
      if (one === undefined) continue
      seen.push(one)
      last = line.place
      if (seen.length === missing) break
    }
    missing -= seen.length
    yield { lines: seen, last, progress: { searchedToNs: String(searchedToNs), rowsRead, bytesRead } }
    if (missing === 0) return
  }
}

/** What went wrong after the first event is an event too: the status is sent by then. */
export async function* searchEvents(
  queries: Pick<LogQueries, 'reader'>,
  asked: Asked,
  range: SearchRange,
  options: { readonly signal: AbortSignal },
): AsyncGenerator<LogSearchEvent> {
  const { direction, limit } = range
  const { fromNs, toNs } = asked.filter
  let found = 0
  let last = range.after
  let progress: FoundLines['progress'] = {
    searchedToNs: String(direction === 'backward' ? toNs : fromNs),
    ...{ rowsRead: 0, bytesRead: 0 },
  }
  let hasBegun = false
  try {
    for await (const step of findLines(queries, asked, range, options)) {
      progress = step.progress
      last = step.last ?? last
      found += step.lines.length
      hasBegun = true
      yield step.lines.length === 0
        ? { type: 'progress', ...progress }
        : { type: 'lines', lines: [...step.lines], ...progress }
    }
  } catch (caught) {
    if (!hasBegun) throw caught
    const { code, message, fix } = AppError.from(caught)
    yield { type: 'error', code, message, ...(fix === undefined ? {} : { fix }) }
    return
  }
  const cursor = found === limit && last !== undefined ? { cursor: printLogId(last) } : {}
  yield { type: 'end', found, ...cursor, ...progress }
}
