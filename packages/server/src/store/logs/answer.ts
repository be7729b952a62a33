// One statement's answer about the lines of a filter, by what is known of their parts.
import type { StoreClient } from '../port.ts'
import type { LogParts, PartsOfRange } from './parts.ts'
import type { LogFilter } from './port.ts'
import type { RenderedPredicate } from './render.ts'
import { type Selection, selectionOf } from './select.ts'

export interface Question {
  readonly filter: LogFilter
  /** Exact. */
  readonly rendered: RenderedPredicate
  readonly statementOf: (filter: LogFilter, selected: Selection) => string
}

export async function answerOf<Row>(
  { client, parts }: { readonly client: StoreClient; readonly parts: LogParts },
  { filter, rendered, statementOf }: Question,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const ask = async (known: PartsOfRange | undefined): Promise<readonly Row[]> => {
    const selected = await selectionOf(client, filter, { rendered, parts: known }, signal)
    return client.query<Row>(statementOf(filter, selected), { signal })
  }
  if (rendered.wherePlain === undefined) return ask(await parts.of(filter, { fresh: false, signal }))
  const lately = parts.lately(filter)
  const asking = parts.of(filter, { fresh: true, signal })
  if (lately?.arePlain !== true) return ask(await asking)
  // as good as always no other lines have come since: that is looked at beside
  const [found, now] = await Promise.all([ask(lately), asking])
  return now?.arePlain === true ? found : ask(now)
}
