// What of the samples lies on disk, day by day, from the store's own books: no sample is read.
import { createHash } from 'node:crypto'
import { literal } from './literal.ts'
import type { RenderTarget, StoreClient } from './port.ts'
import { samplesTable } from './tables/samples.ts'
import { seriesTable } from './tables/series.ts'

/** One UTC day of samples, or what of it was not merged with the rest yet. */
export interface DayBlock {
  /** 26 letters that stay the same as long as the block does: its time of writing, then its name. https://github.com/ulid/spec */
  readonly ulid: string
  /** Of the day, ms since 1970; `maxTime` is the first that is no longer in it. */
  readonly minTime: number
  readonly maxTime: number
  readonly series: number
  readonly samples: number
  /** Pieces that are read at once. */
  readonly granules: number
  /** How often it was merged. */
  readonly level: number
}

interface PartRow {
  readonly table: string
  readonly name: string
  readonly day: number
  readonly rows: number
  readonly marks: number
  readonly level: number
  readonly writtenMs: number
}

const dayMs = 86_400_000
/** Crockford's: no I, L, O, U. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Oldest first. A series counts in each block that may hold samples of it: the store knows series by their days. On a cluster: of one copy. */
export async function readDayBlocks(
  client: StoreClient,
  target: RenderTarget,
  { signal }: { readonly signal: AbortSignal },
): Promise<DayBlock[]> {
  const names = [samplesTable.name, seriesTable.name].map((name) => literal(target.localName(name)))
  const rows = await client.query<PartRow>(
    `SELECT table, name, toUInt32(substring(partition_id, 1, 8)) AS day, toFloat64(rows) AS rows, toFloat64(marks) AS marks, level,
toFloat64(toUnixTimestamp(modification_time)) * 1000 AS writtenMs FROM ${target.systemTable('parts')}
WHERE active AND database = currentDatabase() AND table IN (${names.join(', ')}) AND match(partition_id, '^\\\\d{8}$') ORDER BY day, name`,
    { signal },
  )
  const isSeries = ({ table }: PartRow): boolean => table === target.localName(seriesTable.name)
  const series = Map.groupBy(rows.filter(isSeries), ({ day }) => day)
  return rows
    .filter((row) => !isSeries(row))
    .map((row) => {
      const minTime = beginOfDay(row.day)
      // several parts of the series table may hold the same series until they are merged: the largest is the least that can be true
      const known = Math.max(0, ...(series.get(row.day) ?? []).map((part) => part.rows))
      return {
        ...{ ulid: ulidOf(row), minTime, maxTime: minTime + dayMs },
        ...{ series: Math.min(known, row.rows), samples: row.rows, granules: row.marks, level: row.level },
      }
    })
}

function ulidOf({ name, writtenMs }: PartRow): string {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(writtenMs, 0, 6)
  createHash('sha256').update(name).digest().copy(bytes, 6, 0, 10)
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (let i = 0; i < 26; i++) {
    text = digits[Number(rest & 31n)] + text
    rest >>= 5n
  }
  return text
}

const beginOfDay = (day: number): number =>
  Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100)
