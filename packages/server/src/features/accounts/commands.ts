import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import type { AuditLog } from '../../http/port.ts'
import type { StateStore } from '../../state/port.ts'
import { createAuditStore } from './audit.ts'
import { createKeys, type Keys } from './keys.ts'
import { parseScopes } from './permissions.ts'
import type { AccountsCommands, ListedToken } from './port.ts'
import { createSessions } from './sessions.ts'
import type { AccountsTables, UserRow } from './state.ts'
import { createUsers } from './users.ts'

const who = 'command line'

/** What the command line does with accounts, straight on the state; a running server notices within seconds. */
export function createAccountsCommands({
  state,
  clock,
}: {
  readonly state: StateStore
  readonly clock: Clock
}): AccountsCommands {
  const db = state.database<AccountsTables>()
  const users = createUsers({ db, kind: state.kind, clock })
  const sessions = createSessions({ db, clock })
  const keys = createKeys({ db, clock })
  const audit = createAuditStore({ db, clock })
  const userNamed = async (name: string): Promise<UserRow> => {
    const user = await users.byName(name)
    if (user !== undefined) return user
    throw new AppError('state.not_found', `there is no user ${quoteValue(name)}.`, {
      fix: 'List them: tidewatch user list',
    })
  }
  return {
    async listUsers() {
      const all = await users.list()
      return all.map((user) => ({
        name: user.name,
        role: user.role,
        disabled: user.disabled !== 0,
        createdAtMs: user.created_at_ms,
        lastSignInAtMs: user.last_sign_in_at_ms ?? undefined,
      }))
    },
    async createUser(name, role) {
      const user = await users.create({ name, role, passwordHash: null })
      await audit.record({ who, action: 'user.create', subject: user.name, detail: { role } })
      return users.newLink(user.id)
    },
    async newLink(name) {
      const user = await userNamed(name)
      await users.setPassword(user.id, null)
      await sessions.endOthers(user.id, undefined)
      await audit.record({ who, action: 'user.link', subject: user.name })
      return users.newLink(user.id)
    },
    async setDisabled(name, disabled) {
      const user = await userNamed(name)
      await users.change(user.id, { disabled })
      await audit.record({ who, action: disabled ? 'user.disable' : 'user.enable', subject: user.name })
    },
    ...keyCommands(keys, audit),
  }
}

function keyCommands(
  keys: Keys,
  audit: AuditLog,
): Pick<AccountsCommands, 'listTokens' | 'createToken' | 'createIngestKey' | 'revoke'> {
  return {
    async listTokens() {
      const all = await keys.list()
      return all.map(
        (row): ListedToken => ({
          id: row.id,
          kind: row.kind === 'token' ? 'token' : 'ingest key',
          name: row.name,
          scopes: parseScopes(row.scopes),
          owner: row.owner_name ?? undefined,
          prefix: row.prefix,
          createdAtMs: row.created_at_ms,
          expiresAtMs: row.expires_at_ms ?? undefined,
          lastUsedAtMs: row.last_used_at_ms ?? undefined,
        }),
      )
    },
    async createToken(name, scopes, expiresAtMs) {
      const common = { userId: null, project: defaultProject, expiresAtMs: expiresAtMs ?? null }
      const { row, secret } = await keys.create({ ...common, kind: 'token', name, scopes })
      await audit.record({ who, action: 'token.create', subject: name, detail: { prefix: row.prefix, scopes } })
      return { id: row.id, secret }
    },
    async createIngestKey(name) {
      const common = { userId: null, project: defaultProject, expiresAtMs: null }
      const { row, secret } = await keys.create({ ...common, kind: 'ingest_key', name, scopes: ['write'] })
      await audit.record({ who, action: 'key.create', subject: name, detail: { prefix: row.prefix } })
      return { id: row.id, secret }
    },
    async revoke(idOrPrefix) {
      const row = await keys.find(idOrPrefix)
      await keys.remove(row.id)
      await audit.record({
        who,
        action: row.kind === 'token' ? 'token.revoke' : 'key.revoke',
        subject: row.name,
        detail: { prefix: row.prefix },
      })
    },
  }
}
