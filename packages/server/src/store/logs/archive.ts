// Whole days of logs out of the store, as other programs read them, and back.
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { identifier, literal } from '../literal.ts'
import type { RenderTarget, StoreClient } from '../port.ts'
import { logsTable } from '../tables/logs.ts'
import { isOwnLine, restoredKeepDays, restoredUntilMs } from './keep-code.ts'
import type { LogArchiveStore, LogPart, LogPartRange, MeasuredPart } from './port.ts'
import { readLogStorage } from './storage.ts'

const dayMs = 86_400_000
const hourNs = 3_600_000_000_000n
/** One statement reads an hour, or loads some megabytes; a busy machine may take long for it. */
const timeoutMs = 15 * 60_000
const maxMemoryBytes = 600_000_000

export function createLogArchiveStore(client: StoreClient, target: RenderTarget): LogArchiveStore {
  return {
    async days({ signal }) {
      const days = await readLogStorage(client, target, { signal })
      return days.filter(({ keepDays }) => restoredUntilMs(keepDays) === undefined)
    },
    async restored({ signal }) {
      const days = await readLogStorage(client, target, { signal })
      return days.flatMap((day) => {
        const untilMs = restoredUntilMs(day.keepDays)
        return untilMs === undefined ? [] : [{ ...day, untilMs }]
      })
    },
    async parts(day, { signal }) {
      const sql = `SELECT project, keep_days AS keepDays FROM ${logsTable.name} WHERE ${dayCondition(day)} AND ${isOwnLine} GROUP BY project, keep_days ORDER BY project, keep_days`
      const rows = await client.query<{ project: number; keepDays: number }>(sql, { signal, timeoutMs })
      return rows.map(({ project, keepDays }) => ({ dayMs: day, project: project as ProjectId, keepDays }))
    },
    async measure(part, range, { signal }) {
      const sql = `SELECT count() AS lines, toString(groupBitXor(cityHash64(time_ns, seq))) AS digest, toString(max(seq)) AS lastSeq,
toString(min(time_ns)) AS firstNs, toString(max(time_ns)) AS lastNs FROM ${logsTable.name} WHERE ${partCondition(part, range)} SETTINGS max_threads = 1`
      const [row] = await client.query<MeasuredRow>(sql, { signal, timeoutMs })
      return readMeasured(row)
    },
    async *lines(part, range, { signal }) {
      const { firstNs, lastNs } = range
      for (let fromNs = (firstNs / hourNs) * hourNs; fromNs <= lastNs; fromNs += hourNs) {
        const hour = `time_ns >= ${fromNs} AND time_ns < ${fromNs + hourNs}`
        const sql = `SELECT ${columns} FROM ${logsTable.name} WHERE ${partCondition(part, range)} AND ${hour} ORDER BY time_ns, seq
SETTINGS max_threads = 1, max_block_size = 8192, output_format_json_quote_64bit_integers = 1, output_format_json_escape_forward_slashes = 0 FORMAT JSONEachRow`
        yield* client.stream(sql, { signal, timeoutMs, maxMemoryBytes })
      }
    },
    restore: (lines, { untilMs, token, signal }) =>
      client.insert(restoreStatement(target, restoredKeepDays(untilMs)), lines, { signal, token, timeoutMs }),
    async dropRestored(day, { signal }) {
      for (const { keepDays } of await this.restored({ signal }).then((all) =>
        all.filter(({ dayMs: of }) => of === day),
      ))
        await client.command(
          `ALTER TABLE ${identifier(target.localName(logsTable.name))}${target.onCluster} DROP PARTITION ID ${literal(`${dayName(day)}-${keepDays}`)}`,
          { signal },
        )
    },
  }
}

interface MeasuredRow {
  readonly lines: number
  readonly digest: string
  readonly lastSeq: string
  readonly firstNs: string
  readonly lastNs: string
}

const readMeasured = (row: MeasuredRow | undefined): MeasuredPart => ({
  lines: row?.lines ?? 0,
  digest: row?.digest ?? '0',
  lastSeq: BigInt(row?.lastSeq ?? 0),
  firstNs: BigInt(row?.firstNs ?? 0),
  lastNs: BigInt(row?.lastNs ?? 0),
})

/** 20261120, as partitions are named. */
const dayName = (day: number): string => new Date(day).toISOString().slice(0, 10).replaceAll('-', '')

const dayCondition = (day: number): string =>
  `time_ns >= ${BigInt(day) * 1_000_000n} AND time_ns < ${BigInt(day + dayMs) * 1_000_000n}`

const partCondition = ({ dayMs: day, project, keepDays }: LogPart, { afterSeq, throughSeq }: LogPartRange): string =>
  [
    ...[`project = ${literal(project)}`, dayCondition(day), `keep_days = ${literal(keepDays)}`],
    ...[`seq > toUInt64(${afterSeq})`, `seq <= toUInt64(${throughSeq})`],
  ].join(' AND ')

/** As they are named in a table's section of the spool, with the time for people and other programs before them. */
const columns = [
  "concat(formatDateTime(fromUnixTimestamp64Nano(time_ns, 'UTC'), '%FT%T'), '.', leftPad(toString(positiveModulo(time_ns, 1000000000)), 9, '0'), 'Z') AS time",
  ...logsTable.incoming.map(({ name }) => identifier(name)),
].join(', ')

/** Where they are from, and when they go, the store says anew. */
function restoreStatement(target: RenderTarget, keepDays: number): string {
  const names = logsTable.columns.map(({ name }) => identifier(name)).join(', ')
  const values = logsTable.columns.map(({ name, from }) => (name === 'keep_days' ? `toUInt16(${keepDays})` : from))
  const structure = logsTable.incoming.map(({ name, type }) => `${name} ${type}`).join(', ')
  return `INSERT INTO ${identifier(target.localName(logsTable.name))} (${names}) SELECT ${values.join(', ')} FROM input(${literal(structure)}) SETTINGS input_format_skip_unknown_fields = 1 FORMAT JSONEachRow`
}
