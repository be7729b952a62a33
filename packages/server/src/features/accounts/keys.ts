// API tokens and ingest keys.
import { randomUUID } from 'node:crypto'
import type { IngestKey, Token, TokenScope } from '@tidewatch/api/accounts.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Kysely } from 'kysely'
import { hashSecret, newSecret, prefixOf } from './credentials.ts'
import { parseScopes } from './permissions.ts'
import type { AccountsTables, KeyRow } from './state.ts'

const maxPerUser = 200
const maxShared = 1000
/** How long an expired key is still listed. */
const listedAfterEndMs = 30 * 86_400_000

export interface NewKey {
  readonly kind: KeyRow['kind']
  readonly name: string
  readonly scopes: readonly TokenScope[]
  readonly userId: string | null
  readonly project: number
  readonly expiresAtMs: number | null
}

export interface ListedKey extends KeyRow {
  readonly owner_name: string | null
}

export interface Keys {
  list(kind?: KeyRow['kind']): Promise<readonly ListedKey[]>
  create(key: NewKey): Promise<{ readonly row: ListedKey; readonly secret: string }>
  find(idOrPrefix: string): Promise<ListedKey>
  remove(id: string): Promise<void>
  used(id: string, atMs: number): Promise<void>
  dropOld(): Promise<void>
}

export function createKeys({ db, clock }: { readonly db: Kysely<AccountsTables>; readonly clock: Clock }): Keys {
  const listed = () =>
    db
      .selectFrom('access_keys')
      .leftJoin('users', 'users.id', 'access_keys.user_id')
      .selectAll('access_keys')
      .select('users.name as owner_name')
  const keys: Keys = {
    list(kind) {
      const query = listed().orderBy('access_keys.created_at_ms')
      return (kind === undefined ? query : query.where('access_keys.kind', '=', kind)).execute()
    },
    async create(key) {
      await refuseTooMany(db, key.userId)
      const secret = newSecret(key.kind)
      const row: KeyRow = {
        id: randomUUID(),
        kind: key.kind,
        name: key.name,
        prefix: prefixOf(secret),
        secret_hash: hashSecret(secret),
        scopes: key.scopes.join(','),
        user_id: key.userId,
        project: key.project,
        created_at_ms: clock.nowMs(),
        expires_at_ms: key.expiresAtMs,
        last_used_at_ms: null,
      }
      await db.insertInto('access_keys').values(row).execute()
      return { row: await keys.find(row.id), secret }
    },
    async find(idOrPrefix) {
      const rows = await listed()
        .where((eb) => eb.or([eb('access_keys.id', '=', idOrPrefix), eb('access_keys.prefix', '=', idOrPrefix)]))
        .limit(2)
        .execute()
      if (rows.length === 1 && rows[0] !== undefined) return rows[0]
      if (rows.length > 1)
        throw new AppError('state.conflict', 'several keys begin so.', { where: { key: 'id' }, fix: 'Name the id.' })
      throw new AppError('state.not_found', 'there is no such token or key.', { where: { key: 'id' } })
    },
    async remove(id) {
      await db.deleteFrom('access_keys').where('id', '=', id).execute()
    },
    async used(id, atMs) {
      await db.updateTable('access_keys').set({ last_used_at_ms: atMs }).where('id', '=', id).execute()
    },
    async dropOld() {
      await db
        .deleteFrom('access_keys')
        .where('expires_at_ms', '<', clock.nowMs() - listedAfterEndMs)
        .execute()
    },
  }
  return keys
}

async function refuseTooMany(db: Kysely<AccountsTables>, userId: string | null): Promise<void> {
  const query = db.selectFrom('access_keys').select((eb) => eb.fn.countAll<number>().as('count'))
  const own = userId === null ? query.where('user_id', 'is', null) : query.where('user_id', '=', userId)
  const count = Number((await own.executeTakeFirstOrThrow()).count)
  const max = userId === null ? maxShared : maxPerUser
  if (count >= max)
    throw new AppError('state.conflict', `there are ${count} of them; the limit is ${max}.`, {
      fix: 'Revoke some that are not used.',
    })
}

export function describeToken(row: ListedKey): Token {
  return {
    id: row.id,
    name: row.name,
    scopes: parseScopes(row.scopes),
    owner: row.owner_name,
    prefix: row.prefix,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
  }
}

export function describeIngestKey(row: ListedKey): IngestKey {
  return {
    id: row.id,
    name: row.name,
    project: row.project,
    prefix: row.prefix,
    createdAtMs: row.created_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
  }
}
