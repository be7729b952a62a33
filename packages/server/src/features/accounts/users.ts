import { randomUUID } from 'node:crypto'
import { type Role, type User, userName } from '@tidewatch/api/accounts.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { Kysely, Transaction } from 'kysely'
import type { StateKind } from '../../state/port.ts'
import { hashSecret, newSecret } from './credentials.ts'
import type { SignInToken } from './port.ts'
import type { AccountsTables, UserRow } from './state.ts'

const maxUsers = 5000
const linkMs = 24 * 3_600_000

export interface Users {
  list(): Promise<readonly UserRow[]>
  byId(id: string): Promise<UserRow>
  /** Undefined where there is none. */
  byName(name: string): Promise<UserRow | undefined>
  create(options: {
    readonly name: string
    readonly role: Role
    readonly passwordHash: string | null
  }): Promise<UserRow>
  /** Throws `state.conflict` where no administrator would be left. */
  change(
    id: string,
    change: { readonly role?: Role | undefined; readonly disabled?: boolean | undefined },
  ): Promise<UserRow>
  remove(id: string): Promise<UserRow>
  setPassword(id: string, hash: string | null): Promise<void>
  /** A link that signs in once within a day; former ones end. */
  newLink(id: string): Promise<SignInToken>
  /** The user whose link it is; the link is used up. Throws `access.link_expired`. */
  redeem(token: string): Promise<UserRow>
  /** The administrator of a new installation, with a link; undefined once somebody has signed in. */
  firstAdministrator(): Promise<{ readonly user: UserRow; readonly link: SignInToken } | undefined>
  dropOldLinks(): Promise<void>
}

interface UsersOptions {
  readonly db: Kysely<AccountsTables>
  readonly kind: StateKind
  readonly clock: Clock
}

export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase()

export function createUsers(options: UsersOptions): Users {
  const { db, clock } = options
  const users: Users = {
    list: () => db.selectFrom('users').selectAll().orderBy('name_key').limit(maxUsers).execute(),
    byId: (id) => userById(db, id),
    byName: (name) => db.selectFrom('users').selectAll().where('name_key', '=', nameKey(name)).executeTakeFirst(),
    create: (user) => createUser(options, user),
    change: (id, { role, disabled }) =>
      keepingAnAdministrator(options, async (tx) => {
        const change = {
          ...(role === undefined ? {} : { role }),
          ...(disabled === undefined ? {} : { disabled: disabled ? 1 : 0 }),
        }
        if (Object.keys(change).length > 0) await tx.updateTable('users').set(change).where('id', '=', id).execute()
        if (disabled === true) await tx.deleteFrom('sessions').where('user_id', '=', id).execute()
        return userById(tx, id)
      }),
    remove: (id) =>
      keepingAnAdministrator(options, async (tx) => {
        const user = await userById(tx, id)
        await tx.deleteFrom('users').where('id', '=', id).execute()
        return user
      }),
    async setPassword(id, hash) {
      await db.updateTable('users').set({ password_hash: hash }).where('id', '=', id).execute()
    },
    newLink: (id) => newLink(options, id),
    redeem: (token) => redeem(options, token),
    async firstAdministrator() {
      const all = await users.list()
      if (all.some((user) => user.last_sign_in_at_ms !== null || user.password_hash !== null)) return undefined
      const known = all.find(({ role, disabled }) => role === 'admin' && disabled === 0)
      const user = known ?? (await users.create({ name: 'admin', role: 'admin', passwordHash: null }))
      return { user, link: await users.newLink(user.id) }
    },
    async dropOldLinks() {
      await db.deleteFrom('sign_in_links').where('expires_at_ms', '<', clock.nowMs()).execute()
    },
  }
  return users
}

export function describeUser(row: UserRow): User {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    disabled: row.disabled !== 0,
    hasPassword: row.password_hash !== null,
    createdAtMs: row.created_at_ms,
    lastSignInAtMs: row.last_sign_in_at_ms,
  }
}

async function userById(db: Kysely<AccountsTables>, id: string): Promise<UserRow> {
  const user = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
  if (user === undefined) throw new AppError('state.not_found', 'there is no such user.', { where: { key: 'id' } })
  return user
}

async function createUser(
  { db, clock }: UsersOptions,
  { name, role, passwordHash }: { readonly name: string; readonly role: Role; readonly passwordHash: string | null },
): Promise<UserRow> {
  const checked = userName.safeParse(name.normalize('NFC'))
  if (!checked.success) {
    throw new AppError(
      'http.invalid',
      `the name ${quoteValue(name)} ${checked.error.issues[0]?.message ?? 'is not valid'}.`,
      { where: { key: 'name' } },
    )
  }
  const row: UserRow = {
    id: randomUUID(),
    name: checked.data,
    name_key: nameKey(checked.data),
    role,
    password_hash: passwordHash,
    disabled: 0,
    created_at_ms: clock.nowMs(),
    last_sign_in_at_ms: null,
  }
  const { count } = await db
    .selectFrom('users')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) >= maxUsers)
    throw new AppError('state.conflict', `there are ${maxUsers} users; that is the limit.`, { fix: 'Remove some.' })
  const made = await db
    .insertInto('users')
    .values(row)
    .onConflict((conflict) => conflict.column('name_key').doNothing())
    .returning('id')
    .execute()
  if (made.length > 0) return row
  throw new AppError('state.conflict', `there is a user ${quoteValue(name)} already.`, {
    where: { key: 'name' },
    fix: 'Choose another name.',
  })
}

/** Runs a change in a transaction that is undone where nobody could administrate afterwards. */
function keepingAnAdministrator<T>(
  { db, kind }: UsersOptions,
  work: (tx: Transaction<AccountsTables>) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    const administrators = tx.selectFrom('users').select('id').where('role', '=', 'admin').where('disabled', '=', 0)
    // two administrators who remove each other at once must meet; SQLite has one writer anyway
    const before = await (kind === 'postgres' ? administrators.forUpdate() : administrators).execute()
    const result = await work(tx)
    const after = await administrators.execute()
    if (before.length === 0 || after.length > 0) return result
    throw new AppError('state.conflict', 'this would leave no administrator.', {
      fix: 'Make somebody else an administrator first.',
    })
  })
}

async function newLink({ db, clock }: UsersOptions, userId: string): Promise<SignInToken> {
  const token = newSecret('link')
  const nowMs = clock.nowMs()
  const row = { secret_hash: hashSecret(token), user_id: userId, created_at_ms: nowMs, expires_at_ms: nowMs + linkMs }
  await db.transaction().execute(async (tx) => {
    await userById(tx, userId)
    await tx.deleteFrom('sign_in_links').where('user_id', '=', userId).execute()
    await tx.insertInto('sign_in_links').values(row).execute()
  })
  return { token, expiresAtMs: row.expires_at_ms }
}

async function redeem({ db, clock }: UsersOptions, token: string): Promise<UserRow> {
  // taken out by the one statement that finds it: of two who come at once, one gets in
  const link = await db
    .deleteFrom('sign_in_links')
    .where('secret_hash', '=', hashSecret(token))
    .returningAll()
    .executeTakeFirst()
  if (link !== undefined && link.expires_at_ms > clock.nowMs()) {
    const user = await userById(db, link.user_id)
    if (user.disabled === 0) return user
  }
  throw new AppError('access.link_expired', 'this sign-in link was used already, has expired, or never was one.', {
    fix: 'Ask an administrator for a new one, or run on the server: tidewatch user link NAME',
  })
}
