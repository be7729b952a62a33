// Who writes how many lines: what rules of keeping would be about.
import { literal } from '../literal.ts'
import type { StoreClient } from '../port.ts'
import { logsTable } from '../tables/logs.ts'

const dayMs = 86_400_000
/** Services are few; what is beyond is left out of an estimate. */
const mostGroups = 10_000
const timeoutMs = 30_000

export interface LogShareRow {
  readonly service: string
  readonly severity: number
  readonly lines: number
}

/** Lines of these UTC days (their begins, ms) of all projects, by service and severity; most first. */
export async function readLogShares(
  client: StoreClient,
  daysMs: readonly number[],
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly LogShareRow[]> {
  const ns = (ms: number): string => `toInt64(${literal(BigInt(ms) * 1_000_000n)})`
  const ranges = daysMs.map((begin) => `(time_ns >= ${ns(begin)} AND time_ns < ${ns(begin + dayMs)})`)
  return await client.query<LogShareRow>(
    `SELECT service, severity, toFloat64(count()) AS lines FROM ${logsTable.name} WHERE ${ranges.join(' OR ')}
GROUP BY service, severity ORDER BY lines DESC, service, severity LIMIT ${mostGroups}`,
    { signal, timeoutMs },
  )
}
