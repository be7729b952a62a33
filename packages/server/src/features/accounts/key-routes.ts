// API tokens, for whoever may do what they allow, and ingest keys, for editors.
import {
  createdIngestKey,
  createdToken,
  createIngestKey,
  createToken,
  idParams,
  ingestKeyList,
  tokenList,
} from '@tidewatch/api/accounts.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { defineRoute, type Identity, type Route } from '../../http/port.ts'
import type { Accounts } from './accounts.ts'
import { describeIngestKey, describeToken, type ListedKey } from './keys.ts'
import { mayGrant } from './permissions.ts'

const tokensPath = '/api/tidewatch/v1/tokens'
const keysPath = '/api/tidewatch/v1/keys'
const common = { errors: 'tidewatch' } as const

export function keyRoutes(accounts: Accounts): readonly Route[] {
  return [
    listTokens(accounts),
    makeToken(accounts),
    revoke(accounts, 'token', tokensPath),
    listKeys(accounts),
    makeKey(accounts),
    revoke(accounts, 'ingest_key', keysPath),
  ]
}

function listTokens({ keys }: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: tokensPath,
    permission: 'view',
    summary: "One's own API tokens; for administrators all.",
    response: tokenList,
    async handle({ identity }) {
      const rows = await keys.list('token')
      return { body: { tokens: rows.filter((row) => mayManage(identity, row)).map(describeToken) } }
    },
  })
}

function makeToken({ keys, audit, clock }: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: tokensPath,
    permission: 'view',
    summary: 'A new API token; its secret is in this answer and nowhere else.',
    body: createToken,
    response: createdToken,
    async handle({ body, identity }) {
      const mayMake = identity.kind === 'session' || identity.permissions.has('admin')
      // a token that leaked must not be able to outlive its revocation
      if (!mayMake)
        throw new AppError('access.denied', 'a token cannot make tokens.', {
          fix: 'Sign in, or use a token with the scope admin.',
        })
      for (const scope of body.scopes) {
        if (!mayGrant(identity.permissions, scope)) {
          throw new AppError('access.denied', `${identity.name} may not give the scope ${scope}.`, {
            where: { key: 'body.scopes' },
            fix: 'Leave it out, or ask an administrator.',
          })
        }
      }
      const expiresAtMs = body.expiresAtMs ?? null
      if (expiresAtMs !== null && expiresAtMs <= clock.nowMs()) {
        throw new AppError('http.invalid', 'body.expiresAtMs is in the past.', {
          where: { key: 'body.expiresAtMs' },
          fix: 'Give a later time, in ms since 1970.',
        })
      }
      const userId = identity.userId ?? null
      const { row, secret } = await keys.create({
        kind: 'token',
        name: body.name,
        scopes: body.scopes,
        userId,
        project: defaultProject,
        expiresAtMs,
      })
      await audit.record({
        who: identity.name,
        action: 'token.create',
        subject: row.name,
        detail: { prefix: row.prefix, scopes: body.scopes, expiresAtMs },
      })
      return { status: 201, body: { token: describeToken(row), secret } }
    },
  })
}

function listKeys({ keys }: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: keysPath,
    permission: 'edit',
    summary: 'All ingest keys.',
    response: ingestKeyList,
    handle: async () => ({ body: { keys: (await keys.list('ingest_key')).map(describeIngestKey) } }),
  })
}

function makeKey({ keys, audit }: Accounts): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: keysPath,
    permission: 'edit',
    summary: 'A new ingest key, which can only bring data; its secret is in this answer and nowhere else.',
    body: createIngestKey,
    response: createdIngestKey,
    async handle({ body, identity }) {
      const project = body.project ?? defaultProject
      const { row, secret } = await keys.create({
        kind: 'ingest_key',
        name: body.name,
        scopes: ['write'],
        userId: null,
        project,
        expiresAtMs: null,
      })
      await audit.record({
        who: identity.name,
        action: 'key.create',
        subject: row.name,
        detail: { prefix: row.prefix, project },
      })
      return { status: 201, body: { key: describeIngestKey(row), secret } }
    },
  })
}

function revoke({ keys, audit, authenticator }: Accounts, kind: ListedKey['kind'], path: string): Route {
  return defineRoute({
    ...common,
    method: 'DELETE',
    path: `${path}/:id`,
    permission: kind === 'token' ? 'view' : 'edit',
    summary: kind === 'token' ? 'Revoke an API token.' : 'Revoke an ingest key.',
    params: idParams,
    async handle({ params, identity }) {
      const row = await keys.find(params.id)
      // what one may not see is not there
      if (row.kind !== kind || !mayManage(identity, row))
        throw new AppError('state.not_found', 'there is no such token or key.', { where: { key: 'id' } })
      await keys.remove(row.id)
      authenticator.forget()
      await audit.record({
        who: identity.name,
        action: kind === 'token' ? 'token.revoke' : 'key.revoke',
        subject: row.name,
        detail: { prefix: row.prefix },
      })
      return { status: 204 }
    },
  })
}

function mayManage(identity: Identity, row: ListedKey): boolean {
  if (row.kind === 'ingest_key') return identity.permissions.has('edit')
  return identity.permissions.has('admin') || (row.user_id !== null && row.user_id === identity.userId)
}
