// Users, for administrators, and the audit log.
import {
  auditList,
  auditQuery,
  changeUser,
  createdUser,
  createUser,
  idParams,
  signInLink,
  userList,
  user as userSchema,
} from '@tidewatch/api/accounts.ts'
import { defineRoute, type Route } from '../../http/port.ts'
import type { Accounts } from './accounts.ts'
import type { SignInToken } from './port.ts'
import { describeUser } from './users.ts'

const path = '/api/tidewatch/v1/users'
const common = { errors: 'tidewatch', permission: 'admin' } as const
const usualAuditEntries = 100

export function userRoutes(accounts: Accounts): readonly Route[] {
  return [
    listRoute(accounts),
    createRoute(accounts),
    changeRoute(accounts),
    removeRoute(accounts),
    linkRoute(accounts),
    auditRoute(accounts),
  ]
}

function listRoute({ users }: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path,
    summary: 'All users.',
    response: userList,
    handle: async () => ({ body: { users: (await users.list()).map(describeUser) } }),
  })
}

function createRoute(accounts: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path,
    summary: 'A new user, with a one-time sign-in link where no password is given.',
    body: createUser,
    response: createdUser,
    async handle({ body, identity }) {
      const { users, passwords, audit } = accounts
      const passwordHash = body.password === undefined ? null : await passwords.hash(body.password)
      const user = await users.create({ name: body.name, role: body.role, passwordHash })
      await audit.record({ who: identity.name, action: 'user.create', subject: user.name, detail: { role: user.role } })
      const link = passwordHash === null ? linkOf(accounts, await users.newLink(user.id)) : null
      return { status: 201, body: { user: describeUser(user), link } }
    },
  })
}

function changeRoute({ users, audit, authenticator }: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'PATCH',
    path: `${path}/:id`,
    summary: 'Change the role of a user, or disable one: sessions end, tokens stop.',
    params: idParams,
    body: changeUser,
    response: userSchema,
    async handle({ params, body, identity }) {
      const user = await users.change(params.id, body)
      authenticator.forget()
      await audit.record({ who: identity.name, action: 'user.change', subject: user.name, detail: body })
      return { body: describeUser(user) }
    },
  })
}

function removeRoute({ users, audit, authenticator }: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'DELETE',
    path: `${path}/:id`,
    summary: 'Remove a user with all sessions and tokens.',
    params: idParams,
    async handle({ params, identity }) {
      const user = await users.remove(params.id)
      authenticator.forget()
      await audit.record({ who: identity.name, action: 'user.remove', subject: user.name })
      return { status: 204 }
    },
  })
}

function linkRoute(accounts: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: `${path}/:id/link`,
    summary: 'A new one-time sign-in link for a user; former links end.',
    params: idParams,
    response: signInLink,
    async handle({ params, identity }) {
      const { users, audit } = accounts
      const user = await users.byId(params.id)
      const link = await users.newLink(user.id)
      await audit.record({ who: identity.name, action: 'user.link', subject: user.name })
      return { status: 201, body: linkOf(accounts, link) }
    },
  })
}

function auditRoute({ audit }: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/api/tidewatch/v1/audit',
    summary: 'Who changed what, newest first.',
    query: auditQuery,
    response: auditList,
    handle: async ({ query }) => ({
      body: { entries: await audit.list({ limit: query.limit ?? usualAuditEntries, before: query.before }) },
    }),
  })
}

function linkOf({ signInUrl }: Accounts, { token, expiresAtMs }: SignInToken) {
  return { url: signInUrl(token), expiresAtMs }
}
