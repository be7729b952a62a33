// Who may do what: users, sessions, tokens, ingest keys, and the log of changes.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { AuditLog, Authenticator, Route } from '../../http/port.ts'
import type { TaskGroup } from '../../self/port.ts'
import type { StateStore } from '../../state/port.ts'
import { Attempts } from './attempts.ts'
import { type AuditStore, createAuditStore } from './audit.ts'
import { type AccountsAuthenticator, createAuthenticator } from './authenticator.ts'
import { keyRoutes } from './key-routes.ts'
import { createKeys, type Keys } from './keys.ts'
import { createPasswords, type Passwords } from './password.ts'
import { sessionRoutes } from './session-routes.ts'
import { createSessions, type Sessions } from './sessions.ts'
import type { AccountsTables } from './state.ts'
import { userRoutes } from './user-routes.ts'
import { createUsers, type Users } from './users.ts'

export interface AccountsOptions {
  readonly state: StateStore
  readonly clock: Clock
  readonly tasks: TaskGroup
  /** False for `--no-auth`. */
  readonly auth: boolean
  /** Where people find the page, without a slash at the end; asked when a link is made, since the port may be chosen late. */
  readonly url: () => string
}

/** The parts as the routes of this folder use them. */
export interface Accounts {
  readonly auth: boolean
  readonly clock: Clock
  readonly users: Users
  readonly sessions: Sessions
  readonly keys: Keys
  readonly audit: AuditStore
  readonly passwords: Passwords
  readonly attempts: Attempts
  readonly authenticator: AccountsAuthenticator
  /** Whether cookies are for https alone. */
  isSecure(): boolean
  signInUrl(token: string): string
}

export interface CreatedAccounts {
  readonly authenticator: Authenticator
  readonly audit: AuditLog & Pick<AuditStore, 'changes'>
  readonly routes: readonly Route[]
  /** A one-time sign-in link for the administrator, made anew at each start until somebody has signed in; undefined afterwards and without auth. */
  firstSignInUrl(): Promise<string | undefined>
}

const useFlushMs = 60_000
const tidyMs = 3_600_000

export function createAccounts({ state, clock, tasks, auth, url }: AccountsOptions): CreatedAccounts {
  const db = state.database<AccountsTables>()
  const users = createUsers({ db, kind: state.kind, clock })
  const sessions = createSessions({ db, clock })
  const keys = createKeys({ db, clock })
  const audit = createAuditStore({ db, clock })
  const authenticator = createAuthenticator({ db, clock, keys, sessions, auth })
  const signInUrl = (token: string): string => `${url()}/sign-in#token=${token}`
  const accounts: Accounts = {
    auth,
    clock,
    users,
    sessions,
    keys,
    audit,
    passwords: createPasswords(),
    attempts: new Attempts(clock),
    authenticator,
    isSecure: () => url().startsWith('https:'),
    signInUrl,
  }
  tasks.every('last use of sessions and keys', useFlushMs, () => authenticator.flushUse())
  tasks.every('old sessions, links, keys and audit entries', tidyMs, async () => {
    await sessions.dropOld()
    await users.dropOldLinks()
    await keys.dropOld()
    await audit.dropOld()
  })
  return {
    authenticator,
    audit,
    routes: [...sessionRoutes(accounts), ...userRoutes(accounts), ...keyRoutes(accounts)],
    async firstSignInUrl() {
      if (!auth) return undefined
      const first = await users.firstAdministrator()
      return first === undefined ? undefined : signInUrl(first.link.token)
    },
  }
}
