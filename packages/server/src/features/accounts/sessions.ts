import { randomUUID } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Kysely } from 'kysely'
import { hashSecret, newSecret } from './credentials.ts'
import type { AccountsTables, SessionRow } from './state.ts'

/** A session ends this long after it was last used, */
const idleMs = 14 * 86_400_000
/** and this long after it began, whatever happens. */
export const longestSessionMs = 90 * 86_400_000
const maxPerUser = 50

export interface Sessions {
  /** The secret goes into the cookie. */
  begin(userId: string, from: { readonly address: string; readonly agent: string }): Promise<string>
  list(userId: string): Promise<readonly SessionRow[]>
  end(secret: string): Promise<void>
  endById(userId: string, id: string): Promise<void>
  /** All of the user's but the one with this secret. */
  endOthers(userId: string, secret: string | undefined): Promise<void>
  /** Moves the end of a session that is in use. */
  touch(id: string, createdAtMs: number, seenAtMs: number): Promise<void>
  dropOld(): Promise<void>
}

export function createSessions({
  db,
  clock,
}: {
  readonly db: Kysely<AccountsTables>
  readonly clock: Clock
}): Sessions {
  return {
    async begin(userId, { address, agent }) {
      const secret = newSecret('session')
      const nowMs = clock.nowMs()
      await db.transaction().execute(async (tx) => {
        const row = {
          id: randomUUID(),
          secret_hash: hashSecret(secret),
          user_id: userId,
          created_at_ms: nowMs,
          last_seen_at_ms: nowMs,
          expires_at_ms: nowMs + idleMs,
          address: address.slice(0, 64),
          agent: agent.slice(0, 200),
        }
        await tx.insertInto('sessions').values(row).execute()
        await tx.updateTable('users').set({ last_sign_in_at_ms: nowMs }).where('id', '=', userId).execute()
        const kept = tx
          .selectFrom('sessions')
          .select('id')
          .where('user_id', '=', userId)
          .orderBy('last_seen_at_ms', 'desc')
          .limit(maxPerUser)
        await tx.deleteFrom('sessions').where('user_id', '=', userId).where('id', 'not in', kept).execute()
      })
      return secret
    },
    list: (userId) =>
      db
        .selectFrom('sessions')
        .selectAll()
        .where('user_id', '=', userId)
        .where('expires_at_ms', '>', clock.nowMs())
        .orderBy('last_seen_at_ms', 'desc')
        .execute(),
    async end(secret) {
      await db.deleteFrom('sessions').where('secret_hash', '=', hashSecret(secret)).execute()
    },
    async endById(userId, id) {
      const ended = await db
        .deleteFrom('sessions')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .returning('id')
        .execute()
      if (ended.length === 0)
        throw new AppError('state.not_found', 'you have no such session.', { where: { key: 'id' } })
    },
    async endOthers(userId, secret) {
      let query = db.deleteFrom('sessions').where('user_id', '=', userId)
      if (secret !== undefined) query = query.where('secret_hash', '!=', hashSecret(secret))
      await query.execute()
    },
    async touch(id, createdAtMs, seenAtMs) {
      const expires = Math.min(seenAtMs + idleMs, createdAtMs + longestSessionMs)
      await db
        .updateTable('sessions')
        .set({ last_seen_at_ms: seenAtMs, expires_at_ms: expires })
        .where('id', '=', id)
        .execute()
    },
    async dropOld() {
      await db.deleteFrom('sessions').where('expires_at_ms', '<', clock.nowMs()).execute()
    },
  }
}
