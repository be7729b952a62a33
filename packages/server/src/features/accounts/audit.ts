// Who changed what, and when. Entries are added and, after a year, dropped; nothing changes them.
import { randomBytes } from 'node:crypto'
import type { AuditEntry } from '@tidewatch/api/accounts.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Kysely } from 'kysely'
import type { AuditLog } from '../../http/port.ts'
import type { AccountsTables } from './state.ts'

const keptMs = 400 * 86_400_000
const maxDetailLength = 10_000
/** Actions that change nothing but who may come in. */
const ofPeople = ['session', 'user', 'token', 'key']
const mostChanges = 50

export interface AuditStore extends AuditLog {
  /** Newest first; `before` is the id of the last entry seen. */
  list(options: { readonly limit: number; readonly before: string | undefined }): Promise<readonly AuditEntry[]>
  /** What was done to this installation between two moments, the newest first; who came and went, and with which key, is left out. */
  changes(fromMs: number, toMs: number): Promise<readonly Pick<AuditEntry, 'atMs' | 'who' | 'action' | 'subject'>[]>
  dropOld(): Promise<void>
}

export function createAuditStore({
  db,
  clock,
}: {
  readonly db: Kysely<AccountsTables>
  readonly clock: Clock
}): AuditStore {
  let count = 0
  const newId = (): string => {
    count = (count + 1) % 36 ** 4
    // sorts by time, then by order within a process, and differs between processes
    return [
      clock.nowMs().toString(36).padStart(9, '0'),
      count.toString(36).padStart(4, '0'),
      randomBytes(4).toString('hex'),
    ].join('-')
  }
  return {
    async record({ who, action, subject, detail }) {
      const text = JSON.stringify(detail ?? null)
      const kept = text.length <= maxDetailLength ? text : JSON.stringify({ cut: text.slice(0, maxDetailLength) })
      await db
        .insertInto('audit')
        .values({ id: newId(), at_ms: clock.nowMs(), who, action, subject, detail: kept })
        .execute()
    },
    async list({ limit, before }) {
      let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit)
      if (before !== undefined) query = query.where('id', '<', before)
      const rows = await query.execute()
      return rows.map(({ id, at_ms: atMs, who, action, subject, detail }) => ({
        id,
        atMs,
        who,
        action,
        subject,
        detail: JSON.parse(detail),
      }))
    },
    async changes(fromMs, toMs) {
      let query = db
        .selectFrom('audit')
        .select(['at_ms', 'who', 'action', 'subject'])
        .where('at_ms', '>=', Math.round(fromMs))
        .where('at_ms', '<=', Math.round(toMs))
      for (const kind of ofPeople) query = query.where('action', 'not like', `${kind}.%`)
      const rows = await query.orderBy('id', 'desc').limit(mostChanges).execute()
      return rows.map(({ at_ms, who, action, subject }) => ({ atMs: Number(at_ms), who, action, subject }))
    },
    async dropOld() {
      await db
        .deleteFrom('audit')
        .where('at_ms', '<', clock.nowMs() - keptMs)
        .execute()
    },
  }
}
