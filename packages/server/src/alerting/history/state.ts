// Episodes: each time an alert fired, from its beginning to its end. Written in the transactions that keep the alerts and the journal, so that they
// outlive both; kept for 400 days.
import { severityOf, unstatedSeverity } from '@tidewatch/core/severity.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { StateTables } from '../../state/port.ts'
import type { DispatchChange } from '../dispatch/change.ts'
import type { HeldAlert } from '../dispatch/held-alert.ts'
import type { JournalEntry } from '../port.ts'

export interface EpisodeTables {
  readonly alerting_episodes: {
    readonly id: string
    readonly fingerprint: string
    readonly name: string
    /** On the one scale. */
    readonly severity: string
    readonly labels: string
    readonly fired_at_ms: number
    readonly ended_at_ms: number | null
    readonly acknowledged_at_ms: number | null
    readonly acknowledged_by: string | null
    readonly acknowledged_via: string | null
    readonly flapped: number
  }
  readonly alerting_episode_messages: {
    readonly episode_id: string
    readonly integration: string
    readonly receiver: string
    readonly messages: number
    readonly failures: number
    readonly last_at_ms: number
  }
}

export const historyState: StateTables = {
  feature: 'alert history',
  tables: ['alerting_episodes', 'alerting_episode_messages'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('alerting_episodes')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('fingerprint', 'text', (column) => column.notNull())
          .addColumn('name', 'text', (column) => column.notNull())
          .addColumn('severity', 'text', (column) => column.notNull())
          .addColumn('labels', 'text', (column) => column.notNull())
          .addColumn('fired_at_ms', 'bigint', (column) => column.notNull())
          .addColumn('ended_at_ms', 'bigint')
          .addColumn('acknowledged_at_ms', 'bigint')
          .addColumn('acknowledged_by', 'text')
          .addColumn('acknowledged_via', 'text')
          .addColumn('flapped', 'integer', (column) => column.notNull())
          .execute()
        const index = (name: string, columns: string[]) =>
          db.schema.createIndex(name).on('alerting_episodes').columns(columns).execute()
        await index('alerting_episodes_fired', ['fired_at_ms', 'id'])
        await index('alerting_episodes_of', ['fingerprint', 'fired_at_ms'])
        await db.schema
          .createTable('alerting_episode_messages')
          .addColumn('episode_id', 'text', (column) => column.notNull())
          .addColumn('integration', 'text', (column) => column.notNull())
          .addColumn('receiver', 'text', (column) => column.notNull())
          .addColumn('messages', 'integer', (column) => column.notNull())
          .addColumn('failures', 'integer', (column) => column.notNull())
          .addColumn('last_at_ms', 'bigint', (column) => column.notNull())
          .addPrimaryKeyConstraint('alerting_episode_messages_key', ['episode_id', 'integration'])
          .execute()
      },
    },
  ],
}

const keptMs = 400 * 86_400_000
/** Rows in one statement: both databases bound their parameters. */
const rowsPerStatement = 200

/** The same alert that began at the same time is the same episode, however often it is written. */
const episodeId = (fingerprint: string, firedAtMs: number): string => `${fingerprint}-${Math.round(firedAtMs)}`

/** In the transaction that keeps the alerts. The same change a second time changes nothing. */
export async function saveEpisodes(
  db: Transaction<EpisodeTables>,
  { alerts, news }: Pick<DispatchChange, 'alerts' | 'news'>,
  nowMs: number,
): Promise<void> {
  const kept = [...alerts.values()].filter((alert) => alert !== undefined)
  const gone = [...alerts].flatMap(([fingerprint, alert]) => (alert === undefined ? [fingerprint] : []))
  for (const some of slices(kept)) await saveKept(db, some)
  for (const some of slices(gone))
    await db
      .updateTable('alerting_episodes')
      .set({ ended_at_ms: Math.round(nowMs) })
      .where('fingerprint', 'in', some)
      .where('ended_at_ms', 'is', null)
      .execute()
  for (const { integration, atMs, notification } of news) {
    const rows = notification.alerts.map(({ fingerprint, startsAtMs }) => ({
      ...{ episode_id: episodeId(fingerprint, startsAtMs), integration, receiver: notification.receiver },
      ...{ messages: 1, failures: 0, last_at_ms: Math.round(atMs) },
    }))
    for (const some of slices(rows)) await countMessages(db, some)
  }
}

async function saveKept(db: Transaction<EpisodeTables>, alerts: readonly HeldAlert[]): Promise<void> {
  const rows = alerts.map(toRow)
  // one that began anew before the end of the last was told has ended in between
  await db
    .updateTable('alerting_episodes')
    .set(({ ref }) => ({ ended_at_ms: ref('fired_at_ms') }))
    .where('ended_at_ms', 'is', null)
    .where(
      'fingerprint',
      'in',
      rows.map(({ fingerprint }) => fingerprint),
    )
    .where(
      'id',
      'not in',
      rows.map(({ id }) => id),
    )
    .execute()
  await db
    .insertInto('alerting_episodes')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(({ ref }) => ({
        ended_at_ms: ref('excluded.ended_at_ms'),
        // what has flapped stays so
        flapped: sql<number>`case when excluded.flapped = 1 then 1 else alerting_episodes.flapped end`,
      })),
    )
    .execute()
}

function toRow({ fingerprint, labels, startsAtMs, endsAtMs, updatedAtMs, isTimeout, flappingSinceMs }: HeldAlert) {
  const hasEnded = !isTimeout && endsAtMs <= updatedAtMs
  return {
    id: episodeId(fingerprint, startsAtMs),
    fingerprint,
    name: labels.get('alertname'),
    severity: severityOf(labels.get('severity')) ?? unstatedSeverity,
    labels: JSON.stringify(labels.toObject()),
    fired_at_ms: Math.round(startsAtMs),
    ended_at_ms: hasEnded ? Math.round(endsAtMs) : null,
    acknowledged_at_ms: null,
    acknowledged_by: null,
    acknowledged_via: null,
    flapped: flappingSinceMs === undefined ? 0 : 1,
  }
}

async function countMessages(
  db: Transaction<EpisodeTables>,
  rows: readonly EpisodeTables['alerting_episode_messages'][],
): Promise<void> {
  await db
    .insertInto('alerting_episode_messages')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['episode_id', 'integration'])
        .doUpdateSet(({ ref }) => ({
          messages: sql<number>`alerting_episode_messages.messages + 1`,
          last_at_ms: ref('excluded.last_at_ms'),
        }))
        .whereRef('alerting_episode_messages.last_at_ms', '<', 'excluded.last_at_ms'),
    )
    .execute()
}

/** In the transaction that keeps the journal: who took an alert, which attempts failed, when one has ended that nobody ended. */
export async function noteSteps(db: Transaction<EpisodeTables>, entries: readonly JournalEntry[]): Promise<void> {
  for (const { stage, detail, fingerprint, atMs } of entries) {
    if (stage === 'acknowledged') await noteTaken(db, { detail, fingerprint, atMs })
    else if (stage === 'delivery' && detail.outcome !== 'delivered')
      await noteFailure(db, { detail, fingerprint, atMs })
    else if (stage === 'resolved' && typeof detail.endsAtMs === 'number')
      await db
        .updateTable('alerting_episodes')
        .set({ ended_at_ms: Math.round(detail.endsAtMs) })
        .where('fingerprint', '=', fingerprint)
        .where('fired_at_ms', '<=', Math.round(detail.endsAtMs))
        .where('ended_at_ms', '>', Math.round(detail.endsAtMs))
        .execute()
  }
}

type Step = Pick<JournalEntry, 'detail' | 'fingerprint' | 'atMs'>

/** Given back, it was not answered. */
async function noteTaken(db: Kysely<EpisodeTables>, { detail, fingerprint, atMs }: Step): Promise<void> {
  const isReleased = detail.released !== undefined
  const taken = {
    acknowledged_at_ms: Math.round(atMs),
    acknowledged_by: String(detail.by ?? ''),
    acknowledged_via: String(detail.via ?? ''),
  }
  await db
    .updateTable('alerting_episodes')
    .set(isReleased ? { acknowledged_at_ms: null, acknowledged_by: null, acknowledged_via: null } : taken)
    .where('fingerprint', '=', fingerprint)
    .where('fired_at_ms', '<=', Math.round(atMs))
    .where('acknowledged_at_ms', isReleased ? 'is not' : 'is', null)
    .where((where) => where.or([where('ended_at_ms', 'is', null), where('ended_at_ms', '>=', Math.round(atMs))]))
    .execute()
}

async function noteFailure(db: Kysely<EpisodeTables>, { detail, fingerprint }: Step): Promise<void> {
  const latest = db
    .selectFrom('alerting_episodes')
    .select('id')
    .where('fingerprint', '=', fingerprint)
    .orderBy('fired_at_ms', 'desc')
    .limit(1)
  await db
    .updateTable('alerting_episode_messages')
    .set({ failures: sql<number>`failures + 1` })
    .where('integration', '=', String(detail.integration ?? ''))
    .where('episode_id', '=', latest)
    .execute()
}

/** What is too old goes; what fires stays. */
export async function trimEpisodes(db: Kysely<EpisodeTables>, nowMs: number): Promise<void> {
  const old = db
    .selectFrom('alerting_episodes')
    .select('id')
    .where('fired_at_ms', '<', Math.round(nowMs - keptMs))
    .where('ended_at_ms', 'is not', null)
  await db.deleteFrom('alerting_episode_messages').where('episode_id', 'in', old).execute()
  await db
    .deleteFrom('alerting_episodes')
    .where('fired_at_ms', '<', Math.round(nowMs - keptMs))
    .where('ended_at_ms', 'is not', null)
    .execute()
}

function* slices<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += rowsPerStatement) yield all.slice(i, i + rowsPerStatement)
}
