// Alerts that applications have raised, by key: so that a second call is about the same one, over restarts too.
import type { Kysely } from 'kysely'
import type { StateTables } from '../../state/port.ts'

export interface PostedTables {
  readonly alerting_posted: {
    readonly alert_key: string
    /** JSON: what of it does not change by itself. */
    readonly alert: string
    readonly starts_at_ms: number
    readonly ends_at_ms: number
  }
}

export const postedState: StateTables = {
  feature: 'posted_alerts',
  tables: ['alerting_posted'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('alerting_posted')
          .addColumn('alert_key', 'text', (column) => column.primaryKey())
          .addColumn('alert', 'text', (column) => column.notNull())
          .addColumn('starts_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('ends_at_ms', 'bigint', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

/** Its end has the same words and goes the same way. */
interface PostedContent {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly channels?: readonly string[] | undefined
}

/** Times in ms. */
export interface PostedRow extends PostedContent {
  readonly startsAtMs: number
  readonly endsAtMs: number
}

export interface PostedRows {
  /** Undefined where none of the key fires. */
  find(key: string, nowMs: number): Promise<PostedRow | undefined>
  save(key: string, row: PostedRow): Promise<void>
  remove(key: string): Promise<void>
  count(): Promise<number>
  /** Forgets what has ended by then. */
  sweep(nowMs: number): Promise<void>
}

export function createPostedRows(db: Kysely<PostedTables>): PostedRows {
  return {
    async find(key, nowMs) {
      const row = await db.selectFrom('alerting_posted').selectAll().where('alert_key', '=', key).executeTakeFirst()
      if (row === undefined || Number(row.ends_at_ms) <= nowMs) return undefined
      return {
        ...(JSON.parse(row.alert) as PostedContent),
        startsAtMs: Number(row.starts_at_ms),
        endsAtMs: Number(row.ends_at_ms),
      }
    },
    async save(key, { labels, annotations, channels, startsAtMs, endsAtMs }) {
      const alert = JSON.stringify({ labels, annotations, channels } satisfies PostedContent)
      const row = { alert, starts_at_ms: startsAtMs, ends_at_ms: endsAtMs }
      await db
        .insertInto('alerting_posted')
        .values({ alert_key: key, ...row })
        .onConflict((conflict) => conflict.column('alert_key').doUpdateSet(row))
        .execute()
    },
    async remove(key) {
      await db.deleteFrom('alerting_posted').where('alert_key', '=', key).execute()
    },
    async count() {
      const { total } = await db
        .selectFrom('alerting_posted')
        .select((select) => select.fn.countAll().as('total'))
        .executeTakeFirstOrThrow()
      return Number(total)
    },
    async sweep(nowMs) {
      await db.deleteFrom('alerting_posted').where('ends_at_ms', '<=', nowMs).execute()
    },
  }
}
