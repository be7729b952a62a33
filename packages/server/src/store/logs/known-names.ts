// Names of attributes that a pattern stands for, out of the index of names: what the lines hold need not be read for them.
import { AppError } from '@tidewatch/core/error.ts'
import type { Predicate, WildcardPattern } from '@tidewatch/logquery/predicate.ts'
import { compileWildcard, printWildcard } from '@tidewatch/logquery/wildcard.ts'
import type { StoreClient } from '../port.ts'
import { logsTable } from '../tables/logs.ts'

/** By the pattern as it prints, names of attributes that it fits. */
export type KnownNames = ReadonlyMap<string, readonly string[]>

/** More names than these are tested where they stand. */
const maxNames = 50
const maxRead = 20_000
const nothingKnown: KnownNames = new Map()

/** Knows nothing of patterns with too many names, nor where the store has no such index to read (a cluster, an older engine). */
export async function knownNames(client: StoreClient, predicate: Predicate, signal: AbortSignal): Promise<KnownNames> {
  const patterns = [...namePatterns(predicate)]
  if (patterns.length === 0) return nothingKnown
  const sql = `SELECT DISTINCT token FROM mergeTreeTextIndex(currentDatabase(), ${logsTable.name}, attribute_names) LIMIT ${maxRead}`
  try {
    const rows = await client.query<{ token: string }>(sql, { signal })
    if (rows.length === maxRead) return nothingKnown
    const known = patterns.map((pattern) => {
      const fits = compileWildcard(pattern)
      return [printWildcard(pattern), rows.flatMap(({ token }) => (fits(token) ? [token] : []))] as const
    })
    return new Map(known.filter(([, names]) => names.length <= maxNames))
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AppError) return nothingKnown
    throw error
  }
}

function* namePatterns(predicate: Predicate): Generator<WildcardPattern> {
  switch (predicate.kind) {
    case 'and':
    case 'or':
    case 'at-least':
      for (const one of predicate.of) yield* namePatterns(one)
      return
    case 'not':
      yield* namePatterns(predicate.of)
      return
    case 'test':
      if (predicate.field.kind === 'keys') yield predicate.field.names
      return
    default:
  }
}
