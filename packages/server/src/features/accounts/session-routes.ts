// Signing in and out, one's own password and sessions.
import {
  changePassword,
  idParams,
  type Role,
  redeemLink,
  type SessionAnswer,
  type SignedInAnswer,
  sessionAnswer,
  sessionList,
  signedInAnswer,
  signIn,
} from '@tidewatch/api/accounts.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type Answer, defineRoute, type Identity, type RequestContext, type Route } from '../../http/port.ts'
import type { Accounts } from './accounts.ts'
import { hashSecret, sessionCookie, sessionOf } from './credentials.ts'
import { longestSessionMs } from './sessions.ts'
import type { UserRow } from './state.ts'
import { nameKey } from './users.ts'

const path = '/api/tidewatch/v1/session'
const common = { errors: 'tidewatch' } as const

export function sessionRoutes(accounts: Accounts): readonly Route[] {
  return [
    whoRoute(accounts),
    signInRoute(accounts),
    redeemRoute(accounts),
    signOutRoute(accounts),
    passwordRoute(accounts),
    ...listRoutes(accounts),
  ]
}

function whoRoute(accounts: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path,
    permission: 'public',
    summary: 'Who is signed in; null where nobody is.',
    response: sessionAnswer,
    handle: async ({ identity }) => ({ body: await describe(accounts, identity) }),
  })
}

function signInRoute(accounts: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path,
    permission: 'public',
    summary: 'Sign in by name and password; sets the session cookie.',
    body: signIn,
    response: signedInAnswer,
    async handle(context) {
      const { name, password } = context.body
      const { attempts, users, passwords } = accounts
      const key = nameKey(name)
      attempts.check(context.remoteAddress, key)
      // counted before it is known to be wrong: else many at once would all be let through
      attempts.failed(context.remoteAddress, key)
      const user = await users.byName(name)
      const isRight = await passwords.verify(password, user?.password_hash ?? null)
      if (user === undefined || !isRight || user.disabled !== 0) {
        throw new AppError('access.bad_credentials', 'the name or the password is wrong.', {
          fix: 'Try again. If it is forgotten, ask an administrator for a sign-in link.',
        })
      }
      attempts.succeeded(context.remoteAddress, key)
      return begin(accounts, user, context)
    },
  })
}

function redeemRoute(accounts: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: `${path}/link`,
    permission: 'public',
    summary: 'Sign in by a one-time link; sets the session cookie.',
    body: redeemLink,
    response: signedInAnswer,
    handle: async (context) => begin(accounts, await accounts.users.redeem(context.body.token), context),
  })
}

function signOutRoute(accounts: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'DELETE',
    path,
    permission: 'public',
    summary: 'Sign out.',
    async handle({ headers, identity }) {
      const secret = sessionOf(headers)
      if (secret !== undefined) {
        await accounts.sessions.end(secret)
        accounts.authenticator.forget()
        if (identity.kind === 'session')
          await accounts.audit.record({ who: identity.name, action: 'session.end', subject: identity.name })
      }
      return {
        status: 204,
        headers: {
          'set-cookie': sessionCookie(headers, { secret: '', maxAgeSeconds: 0, isSecure: accounts.isSecure() }),
        },
      }
    },
  })
}

function passwordRoute(accounts: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'PUT',
    path: `${path}/password`,
    permission: 'view',
    summary: "Change one's own password; all other sessions end.",
    body: changePassword,
    async handle({ body, identity, headers, remoteAddress }) {
      const user = await ownUser(accounts, identity)
      const { attempts, passwords } = accounts
      if (user.password_hash !== null) {
        attempts.check(remoteAddress, user.name_key)
        attempts.failed(remoteAddress, user.name_key)
        if (!(await passwords.verify(body.current ?? '', user.password_hash))) {
          throw new AppError('http.invalid', 'the current password is wrong.', {
            where: { key: 'body.current' },
            fix: 'Give the password you have now.',
          })
        }
        attempts.succeeded(remoteAddress, user.name_key)
      }
      await accounts.users.setPassword(user.id, await passwords.hash(body.password))
      await accounts.sessions.endOthers(user.id, sessionOf(headers))
      accounts.authenticator.forget()
      await accounts.audit.record({ who: identity.name, action: 'user.password', subject: user.name })
      return { status: 204 }
    },
  })
}

function listRoutes(accounts: Accounts): readonly Route[] {
  const list = defineRoute({
    ...common,
    method: 'GET',
    path: '/api/tidewatch/v1/sessions',
    permission: 'view',
    summary: "One's own sessions.",
    response: sessionList,
    async handle({ identity, headers }) {
      const current = hashSecret(sessionOf(headers) ?? '')
      const rows = identity.userId === undefined ? [] : await accounts.sessions.list(identity.userId)
      const sessions = rows.map((row) => ({
        id: row.id,
        current: row.secret_hash === current,
        createdAtMs: row.created_at_ms,
        lastSeenAtMs: row.last_seen_at_ms,
        expiresAtMs: row.expires_at_ms,
        address: row.address,
        agent: row.agent,
      }))
      return { body: { sessions } }
    },
  })
  const end = defineRoute({
    ...common,
    method: 'DELETE',
    path: '/api/tidewatch/v1/sessions/:id',
    permission: 'view',
    summary: "End one of one's own sessions.",
    params: idParams,
    async handle({ identity, params }) {
      const user = await ownUser(accounts, identity)
      await accounts.sessions.endById(user.id, params.id)
      accounts.authenticator.forget()
      await accounts.audit.record({ who: identity.name, action: 'session.end', subject: user.name })
      return { status: 204 }
    },
  })
  return [list, end]
}

async function begin(
  accounts: Accounts,
  user: UserRow,
  { headers, remoteAddress }: RequestContext<unknown, unknown, unknown>,
): Promise<Answer> {
  const agent = headers['user-agent']
  const secret = await accounts.sessions.begin(user.id, {
    address: remoteAddress,
    agent: typeof agent === 'string' ? agent : '',
  })
  accounts.authenticator.forget()
  await accounts.audit.record({
    who: user.name,
    action: 'session.begin',
    subject: user.name,
    detail: { address: remoteAddress },
  })
  const cookie = sessionCookie(headers, {
    secret,
    maxAgeSeconds: longestSessionMs / 1000,
    isSecure: accounts.isSecure(),
  })
  return { headers: { 'set-cookie': cookie }, body: answerFor(accounts, user) }
}

function answerFor({ auth }: Accounts, user: UserRow): SignedInAnswer {
  return {
    user: { id: user.id, name: user.name, role: user.role, hasPassword: user.password_hash !== null },
    authRequired: auth,
  }
}

async function describe(accounts: Accounts, identity: Identity): Promise<SessionAnswer> {
  if (identity.kind === 'session' && identity.userId !== undefined)
    return answerFor(accounts, await accounts.users.byId(identity.userId))
  // nobody, or a key that only writes
  if (!identity.permissions.has('view')) return { user: null, authRequired: accounts.auth }
  const role: Role = identity.permissions.has('admin')
    ? 'admin'
    : identity.permissions.has('edit')
      ? 'editor'
      : 'viewer'
  return { user: { id: null, name: identity.name, role, hasPassword: false }, authRequired: accounts.auth }
}

/** Tokens are for programs: what is about a person is done by the person. */
async function ownUser(accounts: Accounts, identity: Identity): Promise<UserRow> {
  if (identity.kind === 'session' && identity.userId !== undefined) return accounts.users.byId(identity.userId)
  throw new AppError('access.denied', `${identity.name} is not a person who signed in.`, {
    fix: 'Sign in on the page.',
  })
}
