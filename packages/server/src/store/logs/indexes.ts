// The indexes of the table of logs on and off. They stay described in the table, and only what is written of them goes: by the description the
// engine cuts bodies into words where an index is not there, so that a search finds the same lines; without it, it would cut them otherwise.
// That of names is read by itself (known-names.ts), and stays.
import { identifier, literal } from '../literal.ts'
import type { RenderTarget, StoreClient } from '../port.ts'
import { logIndexes, logsTable } from '../tables/logs.ts'

type IndexName = keyof typeof logIndexes

interface Waiting {
  readonly signal: AbortSignal
}

interface IndexWork {
  readonly kind: 'building' | 'clearing'
  readonly partsToDo: number
  readonly message: string
}

const names = Object.keys(logIndexes) as IndexName[]

/** What an INSERT says, so that these are not made for what it brings. */
export const withoutIndexes = (off: readonly IndexName[]): string =>
  off.length === 0 ? '' : `exclude_materialize_skip_indexes_on_insert = ${literal(listOf(off))}`

const listOf = (off: readonly IndexName[]): string => off.flatMap((name) => logIndexes[name]).join(', ')

export function createLogIndexStore(client: StoreClient, target: RenderTarget) {
  const local = target.localName(logsTable.name)
  const alter = `ALTER TABLE ${identifier(local)}${target.onCluster}`
  const here = `database = currentDatabase() AND table = ${literal(local)}`
  return {
    async sizes({ signal }: Waiting): Promise<ReadonlyMap<IndexName, number>> {
      const rows = await client.query<{ name: string; bytes: number }>(
        `SELECT name, toFloat64(sum(data_compressed_bytes)) AS bytes FROM ${target.systemTable('data_skipping_indices')} WHERE ${here} GROUP BY name`,
        { signal },
      )
      const bytes = new Map(rows.map((row) => [row.name, row.bytes]))
      return new Map(names.map((name) => [name, sum(logIndexes[name].map((index) => bytes.get(index) ?? 0))]))
    },
    async apply(
      change: {
        readonly off: readonly IndexName[]
        readonly clear: readonly IndexName[]
        readonly build: readonly IndexName[]
      },
      { signal }: Waiting,
    ): Promise<void> {
      const setting = `exclude_materialize_skip_indexes_on_merge = ${literal(listOf(change.off))}`
      // merges first: they would make again what is cleared, or leave out what is built
      await client.command(`${alter} MODIFY SETTING ${setting}`, { signal })
      const each = (verb: string, of: readonly IndexName[]): string[] =>
        of.flatMap((name) => logIndexes[name]).map((index) => `${verb} INDEX ${identifier(index)}`)
      for (const steps of [each('CLEAR', change.clear), each('MATERIALIZE', change.build)])
        if (steps.length > 0)
          await client.command(`${alter} ${steps.join(', ')} SETTINGS mutations_sync = 0`, { signal })
    },
    async underWay({ signal }: Waiting): Promise<ReadonlyMap<IndexName, IndexWork>> {
      const rows = await client.query<{ command: string; parts: number; message: string }>(
        `SELECT command, toFloat64(sum(parts_to_do)) AS parts, max(latest_fail_reason) AS message FROM ${target.systemTable('mutations')}
WHERE ${here} AND NOT is_done AND command LIKE '% INDEX %' GROUP BY command`,
        { signal },
      )
      const works = new Map<IndexName, IndexWork>()
      for (const { command, parts, message } of rows) {
        const kind = command.includes('MATERIALIZE INDEX') ? 'building' : 'clearing'
        for (const name of names) {
          if (!logIndexes[name].some((index) => command.includes(index))) continue
          const known = works.get(name)
          works.set(name, {
            kind,
            partsToDo: Math.max(parts, known?.partsToDo ?? 0),
            message: message || (known?.message ?? ''),
          })
        }
      }
      return works
    },
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)
