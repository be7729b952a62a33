// What was sent, what could not be sent, and what a person does about it.

import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Kysely } from 'kysely'
import type { StateStore } from '../state/port.ts'
import type { Delivery, DeliveryOutcome } from './outbox.ts'
import { logDelivery, toOutboxRow } from './outbox-rows.ts'
import type { Notification } from './port.ts'
import type { NotifyTables } from './state.ts'

export interface DeliveryFilter {
  readonly integration?: string | undefined
  readonly outcome?: DeliveryOutcome | undefined
  readonly outboxId?: string | undefined
  readonly groupKey?: string | undefined
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
  /** A former answer's `next`. */
  readonly after?: string | undefined
  readonly limit: number
}

export interface LoggedDelivery extends Delivery {
  readonly id: string
}

/** A notification that was given up; kept for 30 days. */
export interface DeadLetter {
  readonly id: string
  readonly integration: string
  readonly attempts: number
  readonly createdAtMs: number
  readonly failedAtMs: number
  readonly notification: Notification
  /** What the receiver said last. */
  readonly detail: string
}

export interface DeliveryLog {
  /** Newest first. */
  deliveries(
    filter: DeliveryFilter,
  ): Promise<{ readonly entries: readonly LoggedDelivery[]; readonly next: string | undefined }>
  /** The newest attempt of each integration. */
  latest(): Promise<ReadonlyMap<string, LoggedDelivery>>
  deadLetters(filter: {
    readonly integration?: string | undefined
    readonly after?: string | undefined
    readonly limit: number
  }): Promise<{ readonly entries: readonly DeadLetter[]; readonly next: string | undefined }>
  /** Puts it back under the same key. Throws `http.not_found`. */
  resend(id: string): Promise<void>
  /** Throws `http.not_found`. */
  drop(id: string, by: string): Promise<void>
  record(delivery: Delivery): Promise<void>
  counts(): Promise<{
    readonly waiting: number
    readonly failed: number
    readonly byIntegration: ReadonlyMap<string, Kept>
  }>
}

export interface Kept {
  readonly waiting: number
  readonly failed: number
}

export function createDeliveryLog(state: StateStore, clock: Clock): DeliveryLog {
  const db = state.database<NotifyTables>()
  return {
    deliveries: (filter) => readDeliveries(db, filter),
    latest: () => readLatest(db),
    deadLetters: (filter) => readDeadLetters(db, filter),
    async resend(id) {
      await deadRow(db, id)
      const nowMs = clock.nowMs()
      // its age counts from now, else it would be given up after the first attempt
      await db
        .updateTable('notify_outbox')
        .set({ status: 'waiting', next_at_ms: nowMs, created_at_ms: nowMs, failed_at_ms: null })
        .where('id', '=', id)
        .where('status', '=', 'failed')
        .execute()
    },
    async drop(id, by) {
      const { receiver, group_key: groupKey, attempts } = await deadRow(db, id)
      await db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('notify_outbox').where('id', '=', id).execute()
        await logDelivery(transaction, {
          ...{ outboxId: id, integration: receiver, groupKey, atMs: clock.nowMs(), attempt: attempts },
          ...{ outcome: 'dropped', detail: `by ${by}`, status: 0, durationMs: 0, perhapsTwice: false },
        })
      })
    },
    record: (delivery) => logDelivery(db, delivery),
    counts: () => countRows(db),
  }
}

type Database = Kysely<NotifyTables>

async function readDeliveries(db: Database, filter: DeliveryFilter): ReturnType<DeliveryLog['deliveries']> {
  let query = db.selectFrom('notify_deliveries').selectAll()
  const { integration, outcome, outboxId, groupKey, fromMs, toMs, after, limit } = filter
  if (integration !== undefined) query = query.where('receiver', '=', integration)
  if (outcome !== undefined) query = query.where('outcome', '=', outcome)
  if (outboxId !== undefined) query = query.where('outbox_id', '=', outboxId)
  if (groupKey !== undefined) query = query.where('group_key', '=', groupKey)
  if (fromMs !== undefined) query = query.where('at_ms', '>=', fromMs)
  if (toMs !== undefined) query = query.where('at_ms', '<=', toMs)
  const place = readPlace(after)
  if (place !== undefined)
    query = query.where((eb) =>
      eb.or([eb('at_ms', '<', place.atMs), eb.and([eb('at_ms', '=', place.atMs), eb('id', '<', place.id)])]),
    )
  const rows = await query
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  const entries = rows.slice(0, limit).map(toDelivery)
  return { entries, next: rows.length > limit ? placeOf(entries.at(-1)) : undefined }
}

async function readLatest(db: Database): ReturnType<DeliveryLog['latest']> {
  const newest = db
    .selectFrom('notify_deliveries')
    .select(({ fn }) => ['receiver as newest_receiver', fn.max('at_ms').as('newest_ms')])
    .groupBy('receiver')
    .as('newest')
  const rows = await db
    .selectFrom('notify_deliveries')
    .innerJoin(newest, (join) =>
      join
        .onRef('newest.newest_receiver', '=', 'notify_deliveries.receiver')
        .onRef('newest.newest_ms', '=', 'notify_deliveries.at_ms'),
    )
    .selectAll('notify_deliveries')
    .execute()
  return new Map(rows.map((row) => [row.receiver, toDelivery(row)]))
}

async function readDeadLetters(
  db: Database,
  { integration, after, limit }: Parameters<DeliveryLog['deadLetters']>[0],
): ReturnType<DeliveryLog['deadLetters']> {
  let query = db.selectFrom('notify_outbox').selectAll().where('status', '=', 'failed')
  if (integration !== undefined) query = query.where('receiver', '=', integration)
  if (after !== undefined) query = query.where('id', '>', after)
  const rows = await query
    .orderBy('id')
    .limit(limit + 1)
    .execute()
  const shown = rows.slice(0, limit)
  const entries = await Promise.all(
    shown.map(async (row) => ({ ...toDeadLetter(row), detail: await lastWord(db, row.id) })),
  )
  return { entries, next: rows.length > limit ? entries.at(-1)?.id : undefined }
}

async function deadRow(db: Database, id: string): Promise<NotifyTables['notify_outbox']> {
  const row = await db
    .selectFrom('notify_outbox')
    .selectAll()
    .where('id', '=', id)
    .where('status', '=', 'failed')
    .executeTakeFirst()
  if (row === undefined)
    throw new AppError('http.not_found', 'no notification of this id has been given up.', {
      fix: 'Look at the list again: somebody may have sent or dropped it meanwhile.',
    })
  return row
}

async function lastWord(db: Database, id: string): Promise<string> {
  const row = await db
    .selectFrom('notify_deliveries')
    .select('detail')
    .where('outbox_id', '=', id)
    .orderBy('at_ms', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.detail ?? ''
}

async function countRows(db: Database): ReturnType<DeliveryLog['counts']> {
  const rows = await db
    .selectFrom('notify_outbox')
    .select(({ fn }) => ['receiver', 'status', fn.countAll().as('count')])
    .groupBy(['receiver', 'status'])
    .execute()
  const byIntegration = new Map<string, Kept>()
  const total = { waiting: 0, failed: 0 }
  for (const { receiver, status, count } of rows) {
    const which = status === 'failed' ? 'failed' : 'waiting'
    const former = byIntegration.get(receiver) ?? { waiting: 0, failed: 0 }
    byIntegration.set(receiver, { ...former, [which]: Number(count) })
    total[which] += Number(count)
  }
  return { ...total, byIntegration }
}

function toDelivery(row: NotifyTables['notify_deliveries']): LoggedDelivery {
  return {
    id: row.id,
    outboxId: row.outbox_id,
    integration: row.receiver,
    groupKey: row.group_key,
    atMs: Number(row.at_ms),
    attempt: row.attempt,
    outcome: row.outcome as DeliveryOutcome,
    detail: row.detail,
    status: row.status,
    durationMs: row.duration_ms,
    perhapsTwice: row.perhaps_twice === 1,
  }
}

function toDeadLetter(row: NotifyTables['notify_outbox']): Omit<DeadLetter, 'detail'> {
  const { id, integration, attempts, createdAtMs, notification } = toOutboxRow(row)
  return {
    id,
    integration,
    attempts,
    createdAtMs,
    notification,
    failedAtMs: Number(row.failed_at_ms ?? row.next_at_ms),
  }
}

const placeOf = (entry: LoggedDelivery | undefined): string | undefined =>
  entry === undefined ? undefined : `${entry.atMs}~${entry.id}`

function readPlace(after: string | undefined): { readonly atMs: number; readonly id: string } | undefined {
  if (after === undefined) return undefined
  const match = /^(\d{1,16})~(.+)$/s.exec(after)
  if (match === null)
    throw new AppError('http.invalid', '`after` is not what an answer gave as `next`.', { where: { key: 'after' } })
  return { atMs: Number(match[1]), id: match[2] ?? '' }
}
