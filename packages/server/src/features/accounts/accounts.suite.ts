// What accounts must do, whichever database they are in: run on SQLite beside this file, on Postgres in tests/counterparts.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  auditList,
  createdIngestKey,
  createdToken,
  createdUser,
  ingestKeyList,
  sessionAnswer,
  sessionList,
  signedInAnswer,
  tokenList,
  userList,
} from '@tidewatch/api/accounts.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { describe, expect, test } from 'vitest'
import { defineRoute, type Permission } from '../../http/port.ts'
import { type CallOptions, type ServedForTest, serveForTest } from '../../http/testing/serve.ts'
import { createLogger } from '../../self/logger.ts'
import { createTaskGroup } from '../../self/task-group.ts'
import { createStateStore } from '../../state/store.ts'
import { createAccounts } from './accounts.ts'
import { createAccountsCommands } from './commands.ts'
import type { AccountsCommands } from './port.ts'
import { accountsTables } from './state.ts'

const api = '/api/tidewatch/v1'
const password = 'correct horse battery'

interface Started extends AsyncDisposable {
  readonly served: ServedForTest
  readonly clock: FakeClock
  /** Days pass, but no timer between: as on a machine that slept. */
  jump(ms: number): void
  nowMs(): number
  readonly commands: AccountsCommands
  readonly firstUrl: string | undefined
  again(): Promise<string | undefined>
  call(
    method: string,
    path: string,
    options?: { body?: unknown; as?: string; headers?: Record<string, string> },
  ): ReturnType<ServedForTest['call']>
  /** Redeems a link's token and answers the cookie. */
  enter(token: string): Promise<string>
}

const probe = (permission: Permission) =>
  defineRoute({
    method: 'GET',
    path: `/probe/${permission}`,
    permission,
    errors: 'tidewatch',
    summary: '',
    handle: ({ identity }) => ({ body: { kind: identity.kind, name: identity.name, project: identity.project } }),
  })

async function startOn(databaseUrl: string | undefined, { auth = true } = {}): Promise<Started> {
  const stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'tidewatch-accounts-'))
  stack.defer(() => rm(dataDir, { recursive: true }))
  const time = new FakeClock()
  let jumpedMs = 0
  const clock: Clock = {
    nowMs: () => time.nowMs() + jumpedMs,
    monotonicMs: () => time.monotonicMs(),
    sleep: (ms, options) => time.sleep(ms, options),
  }
  const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
  const state = stack.use(
    await createStateStore({ dataDir, databaseUrl, env: {}, features: [accountsTables], clock, logger }),
  )
  const tasks = stack.use(createTaskGroup({ clock, logger, onFatal: () => undefined }))
  const accounts = createAccounts({ state, clock, tasks, auth, url: () => 'http://127.0.0.1:4900' })
  const routes = [...accounts.routes, probe('ingest'), probe('view'), probe('edit'), probe('admin')]
  const served = stack.use(await serveForTest(routes, { authenticator: accounts.authenticator }))
  const call: Started['call'] = (method, path, { body, as, headers = {} } = {}) => {
    const credentials: Record<string, string> =
      as === undefined ? {} : as.startsWith('tw') ? { authorization: `Bearer ${as}` } : { cookie: as }
    const options: CallOptions = {
      method,
      headers: { ...credentials, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
    return served.call(path, options)
  }
  const enter = async (token: string): Promise<string> => {
    const answer = await call('POST', `${api}/session/link`, { body: { token } })
    return String(answer.headers['set-cookie']).split(';')[0] as string
  }
  return {
    served,
    clock: time,
    nowMs: () => clock.nowMs(),
    jump: (ms) => {
      jumpedMs += ms
    },
    commands: createAccountsCommands({ state, clock }),
    firstUrl: await accounts.firstSignInUrl(),
    again: () => accounts.firstSignInUrl(),
    call,
    enter,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const tokenOf = (url: string | undefined): string => (url ?? '').split('#token=')[1] ?? ''

/** `fresh` gives an empty Postgres each time it is called; undefined for SQLite. */
export function accountsSuite(name: string, fresh: () => string | undefined): void {
  const start = (options?: { auth: boolean }): Promise<Started> => startOn(fresh(), options)

  describe(`accounts on ${name}`, () => {
    describe('the first start', () => {
      test('makes an administrator, who signs in once by the link and then has a password', async () => {
        await using at = await start()
        expect(at.firstUrl).toMatch(/^http:\/\/127\.0\.0\.1:4900\/sign-in#token=twl_[0-9a-f]{48}$/)
        expect((await at.call('GET', `${api}/session`)).json()).toEqual({ user: null, authRequired: true })
        const entered = await at.call('POST', `${api}/session/link`, { body: { token: tokenOf(at.firstUrl) } })
        expect(signedInAnswer.parse(entered.json())).toMatchObject({
          user: { name: 'admin', role: 'admin', hasPassword: false },
          authRequired: true,
        })
        const cookie = String(entered.headers['set-cookie'])
        expect(cookie).toMatch(
          /^tidewatch_session_\d+=tws_[0-9a-f]{48}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=7776000$/,
        )
        const as = cookie.split(';')[0] as string
        expect(
          (await at.call('POST', `${api}/session/link`, { body: { token: tokenOf(at.firstUrl) } })).json(),
        ).toMatchObject({ error: { code: 'access.link_expired' } })
        expect(await at.again()).toBeUndefined()
        expect((await at.call('PUT', `${api}/session/password`, { as, body: { password } })).status).toBe(204)
        const signedIn = await at.call('POST', `${api}/session`, { body: { name: 'Admin', password } })
        expect(signedIn.status).toBe(200)
        expect(sessionAnswer.parse((await at.call('GET', `${api}/session`, { as })).json()).user?.hasPassword).toBe(
          true,
        )
        expect(
          (await at.call('PUT', `${api}/session/password`, { as, body: { password: 'another long one' } })).status,
        ).toBe(400)
      })

      test('a start before anybody signed in makes a new link and ends the former', async () => {
        await using at = await start()
        const second = await at.again()
        expect(second).not.toBe(at.firstUrl)
        expect((await at.call('POST', `${api}/session/link`, { body: { token: tokenOf(at.firstUrl) } })).status).toBe(
          401,
        )
        expect((await at.call('POST', `${api}/session/link`, { body: { token: tokenOf(second) } })).status).toBe(200)
      })

      test('a link ends after a day', async () => {
        await using at = await start()
        at.jump(24 * 3_600_000)
        expect((await at.call('POST', `${api}/session/link`, { body: { token: tokenOf(at.firstUrl) } })).status).toBe(
          401,
        )
      })
    })

    describe('sessions', () => {
      test('are kept while used, end after 14 days without, and after 90 in any case', async () => {
        await using at = await start()
        const as = await at.enter(tokenOf(at.firstUrl))
        const status = async () => (await at.call('GET', '/probe/admin', { as })).status
        const day = 86_400_000
        const tenDaysAfterUse = async () => {
          const usedAtMs = at.nowMs()
          expect(await status()).toBe(200)
          // the use is written down on a beat, in the background
          const lastSeenAtMs = async () => {
            await at.clock.advance(61_000)
            return sessionList.parse((await at.call('GET', `${api}/sessions`, { as })).json()).sessions[0]?.lastSeenAtMs
          }
          await expect.poll(lastSeenAtMs).toBeGreaterThanOrEqual(usedAtMs)
          at.jump(10 * day)
        }
        for (let days = 0; days < 90; days += 10) await tenDaysAfterUse()
        expect(await status()).toBe(401)
        const other = await at.enter((await at.commands.newLink('admin')).token)
        at.jump(14 * day + 1)
        expect((await at.call('GET', '/probe/view', { as: other })).status).toBe(401)
      })

      test('sign out for good, also by another session', async () => {
        await using at = await start()
        const as = await at.enter(tokenOf(at.firstUrl))
        await at.call('PUT', `${api}/session/password`, { as, body: { password } })
        const signedIn = await at.call('POST', `${api}/session`, {
          body: { name: 'admin', password },
          headers: { 'user-agent': 'phone' },
        })
        const phone = String(signedIn.headers['set-cookie']).split(';')[0] as string
        const { sessions } = sessionList.parse((await at.call('GET', `${api}/sessions`, { as })).json())
        expect(sessions.map(({ current, agent }) => [current, agent]).sort()).toEqual([
          [false, 'phone'],
          [true, ''],
        ])
        const id = sessions.find(({ current }) => !current)?.id
        expect((await at.call('DELETE', `${api}/sessions/${id}`, { as })).status).toBe(204)
        expect((await at.call('GET', '/probe/view', { as: phone })).status).toBe(401)
        const out = await at.call('DELETE', `${api}/session`, { as })
        expect([out.status, String(out.headers['set-cookie'])]).toEqual([204, expect.stringContaining('Max-Age=0')])
        expect((await at.call('GET', '/probe/view', { as })).status).toBe(401)
      })

      test('wrong passwords and unknown names are told alike, and too many are refused', async () => {
        await using at = await start()
        const as = await at.enter(tokenOf(at.firstUrl))
        await at.call('PUT', `${api}/session/password`, { as, body: { password } })
        const attempt = (name: string, tried: string) =>
          at.call('POST', `${api}/session`, { body: { name, password: tried } })
        const wrong = await attempt('admin', 'wrong')
        const unknown = await attempt('nobody', 'wrong')
        expect([wrong.status, unknown.status]).toEqual([401, 401])
        const message = (answer: { json(): unknown }) => (answer.json() as { error: { message: string } }).error.message
        expect(message(wrong)).toBe(message(unknown))
        for (let i = 1; i < 8; i++) expect((await attempt('ADMIN', 'wrong')).status).toBe(401)
        const refused = await attempt('admin', password)
        expect([refused.status, refused.headers['retry-after']]).toEqual([429, '900'])
        await at.clock.advance(900_000)
        expect((await attempt('admin', password)).status).toBe(200)
      })
    })

    describe('users', () => {
      test('are made with a link, changed, disabled and removed by administrators, and every change is in the log', async () => {
        await using at = await start()
        const as = await at.enter(tokenOf(at.firstUrl))
        const made = createdUser.parse(
          (await at.call('POST', `${api}/users`, { as, body: { name: 'Zoë', role: 'viewer' } })).json(),
        )
        expect((await at.call('POST', `${api}/users`, { as, body: { name: 'zoë', role: 'viewer' } })).status).toBe(409)
        expect((await at.call('POST', `${api}/users`, { as, body: { name: 'a b', role: 'viewer' } })).status).toBe(400)
        const zoe = await at.enter(tokenOf(made.link?.url))
        const may = async (permission: Permission) => (await at.call('GET', `/probe/${permission}`, { as: zoe })).status
        expect([await may('view'), await may('edit'), await may('ingest')]).toEqual([200, 403, 403])
        expect((await at.call('GET', `${api}/users`, { as: zoe })).status).toBe(403)
        await at.call('PATCH', `${api}/users/${made.user.id}`, { as, body: { role: 'editor' } })
        expect([await may('edit'), await may('admin')]).toEqual([200, 403])
        await at.call('PATCH', `${api}/users/${made.user.id}`, { as, body: { disabled: true } })
        expect(await may('view')).toBe(401)
        expect((await at.call('DELETE', `${api}/users/${made.user.id}`, { as })).status).toBe(204)
        expect(
          userList.parse((await at.call('GET', `${api}/users`, { as })).json()).users.map(({ name }) => name),
        ).toEqual(['admin'])
        const { entries } = auditList.parse((await at.call('GET', `${api}/audit`, { as })).json())
        expect(entries.map(({ who, action, subject }) => `${who} ${action} ${subject}`)).toEqual([
          'admin user.remove Zoë',
          'admin user.change Zoë',
          'admin user.change Zoë',
          'Zoë session.begin Zoë',
          'admin user.create Zoë',
          'admin session.begin admin',
        ])
        const older = auditList.parse(
          (await at.call('GET', `${api}/audit?limit=2&before=${entries[3]?.id}`, { as })).json(),
        )
        expect(older.entries.map(({ id }) => id)).toEqual(entries.slice(4, 6).map(({ id }) => id))
      })

      test('always leave an administrator', async () => {
        await using at = await start()
        const as = await at.enter(tokenOf(at.firstUrl))
        const id = userList.parse((await at.call('GET', `${api}/users`, { as })).json()).users[0]?.id
        for (const change of [{ role: 'viewer' }, { disabled: true }]) {
          const answer = await at.call('PATCH', `${api}/users/${id}`, { as, body: change })
          expect(answer.json()).toMatchObject({
            error: { code: 'state.conflict', message: 'this would leave no administrator.' },
          })
        }
        expect((await at.call('DELETE', `${api}/users/${id}`, { as })).status).toBe(409)
        expect((await at.call('GET', '/probe/admin', { as })).status).toBe(200)
      })
    })

    describe('tokens and ingest keys', () => {
      test('allow what their scopes say, by every way a client can send them', async () => {
        await using at = await start()
        const as = await at.enter(tokenOf(at.firstUrl))
        const token = createdToken.parse(
          (await at.call('POST', `${api}/tokens`, { as, body: { name: 'grafana', scopes: ['read'] } })).json(),
        )
        const key = createdIngestKey.parse(
          (await at.call('POST', `${api}/keys`, { as, body: { name: 'shop', project: 7 } })).json(),
        )
        const ask = async (path: string, authorization?: string) =>
          (await at.call('GET', path, authorization === undefined ? {} : { headers: { authorization } })).status
        const basic = (user: string, secret: string) => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
        expect(await ask('/probe/view', `Bearer ${token.secret}`)).toBe(200)
        expect(await ask('/probe/view', basic('anyone', token.secret))).toBe(200)
        expect(await ask('/probe/view', `ApiKey ${token.secret}`)).toBe(200)
        expect(await ask('/probe/view', `ApiKey ${Buffer.from(`id:${token.secret}`).toString('base64')}`)).toBe(200)
        expect(await ask('/probe/ingest', `Bearer ${token.secret}`)).toBe(403)
        expect(await ask('/probe/view', `Bearer ${key.secret}`)).toBe(403)
        expect((await at.call('GET', `${api}/session`, { as: key.secret })).json()).toEqual({
          user: null,
          authRequired: true,
        })
        expect(await ask(`/probe/ingest?key=${key.secret}`)).toBe(200)
        expect(await ask(`/probe/view?key=${token.secret}`)).toBe(401)
        expect(await ask('/probe/ingest?key=other')).toBe(401)
        expect(await ask('/probe/view', 'Bearer nonsense')).toBe(401)
        expect((await at.call('GET', '/probe/ingest', { as: key.secret })).json()).toEqual({
          kind: 'ingest_key',
          name: 'key:shop',
          project: 7,
        })
        expect(at.served.log.join('')).not.toContain(key.secret.slice(4))
      })

      test('end when they expire, are revoked, or their owner goes', async () => {
        await using at = await start()
        const as = await at.enter(tokenOf(at.firstUrl))
        const make = async (as: string, body: unknown) =>
          createdToken.parse((await at.call('POST', `${api}/tokens`, { as, body })).json())
        const status = async (secret: string) => (await at.call('GET', '/probe/view', { as: secret })).status
        const short = await make(as, { name: 'short', scopes: ['read'], expiresAtMs: at.clock.nowMs() + 60_000 })
        const revoked = await make(as, { name: 'revoked', scopes: ['admin'] })
        expect([await status(short.secret), await status(revoked.secret)]).toEqual([200, 200])
        await at.clock.advance(60_000)
        await at.call('DELETE', `${api}/tokens/${revoked.token.id}`, { as })
        expect([await status(short.secret), await status(revoked.secret)]).toEqual([401, 401])
        const user = createdUser.parse(
          (await at.call('POST', `${api}/users`, { as, body: { name: 'eve', role: 'editor' } })).json(),
        )
        const eve = await at.enter(tokenOf(user.link?.url))
        const hers = await make(eve, { name: 'hers', scopes: ['edit'] })
        expect(
          (await at.call('POST', `${api}/tokens`, { as: eve, body: { name: 'x', scopes: ['admin'] } })).status,
        ).toBe(403)
        expect((await at.call('GET', '/probe/edit', { as: hers.secret })).status).toBe(200)
        await at.call('PATCH', `${api}/users/${user.user.id}`, { as, body: { role: 'viewer' } })
        expect((await at.call('GET', '/probe/edit', { as: hers.secret })).status).toBe(403)
        await at.call('DELETE', `${api}/users/${user.user.id}`, { as })
        expect(await status(hers.secret)).toBe(401)
      })

      test('are listed to their owner and to administrators, without their secrets', async () => {
        await using at = await start()
        const as = await at.enter(tokenOf(at.firstUrl))
        const user = createdUser.parse(
          (await at.call('POST', `${api}/users`, { as, body: { name: 'eve', role: 'editor' } })).json(),
        )
        const eve = await at.enter(tokenOf(user.link?.url))
        const mine = createdToken.parse(
          (await at.call('POST', `${api}/tokens`, { as, body: { name: 'mine', scopes: ['read'] } })).json(),
        )
        const hers = createdToken.parse(
          (await at.call('POST', `${api}/tokens`, { as: eve, body: { name: 'hers', scopes: ['read'] } })).json(),
        )
        await at.call('POST', `${api}/keys`, { as: eve, body: { name: 'shop' } })
        await at.call('GET', '/probe/view', { as: hers.secret })
        const list = async (as: string) => (await at.call('GET', `${api}/tokens`, { as })).text
        const hersUsedAtMs = async () => {
          await at.clock.advance(60_000)
          const { tokens } = tokenList.parse(JSON.parse(await list(eve)))
          expect(tokens.map(({ name }) => name)).toEqual(['hers'])
          return tokens[0]?.lastUsedAtMs
        }
        await expect.poll(hersUsedAtMs).toBeGreaterThan(0)
        const all = await list(as)
        expect(tokenList.parse(JSON.parse(all)).tokens.map(({ name }) => name)).toEqual(['mine', 'hers'])
        for (const { secret } of [mine, hers]) expect(all).not.toContain(secret)
        expect((await at.call('DELETE', `${api}/tokens/${mine.token.id}`, { as: eve })).status).toBe(404)
        expect(ingestKeyList.parse((await at.call('GET', `${api}/keys`, { as: eve })).json()).keys).toHaveLength(1)
        expect(
          (await at.call('POST', `${api}/tokens`, { as: hers.secret, body: { name: 'child', scopes: ['read'] } }))
            .status,
        ).toBe(403)
      })
    })

    describe('without signing in', () => {
      test('everybody here is local and may do everything, but no page of another origin', async () => {
        await using at = await start({ auth: false })
        expect(at.firstUrl).toBeUndefined()
        expect((await at.call('GET', `${api}/session`)).json()).toEqual({
          user: { id: null, name: 'local', role: 'admin', hasPassword: false },
          authRequired: false,
        })
        const key = createdIngestKey.parse(
          (await at.call('POST', `${api}/keys`, { body: { name: 'shop', project: 7 } })).json(),
        )
        expect((await at.call('GET', '/probe/ingest', { as: key.secret })).json()).toMatchObject({
          kind: 'local',
          project: 7,
        })
        expect((await at.call('GET', '/probe/view', { as: 'twt_wrong' })).status).toBe(200)
        expect(
          (
            await at.call('GET', '/probe/view', {
              headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
            })
          ).status,
        ).toBe(401)
        expect(
          (await at.call('POST', `${api}/keys`, { body: { name: 'x' }, headers: { origin: 'https://evil.example' } }))
            .status,
        ).toBe(403)
      })
    })

    describe('the command line', () => {
      test('makes users, links and tokens that a running server takes, and revokes them', async () => {
        await using at = await start()
        const link = await at.commands.createUser('ops', 'editor')
        const as = await at.enter(link.token)
        expect((await at.call('GET', '/probe/edit', { as })).status).toBe(200)
        const token = await at.commands.createToken('ci', ['write'], undefined)
        expect((await at.call('GET', '/probe/ingest', { as: token.secret })).status).toBe(200)
        await at.commands.revoke(token.secret.slice(0, 12))
        await at.clock.advance(5000)
        expect((await at.call('GET', '/probe/ingest', { as: token.secret })).status).toBe(401)
        await at.commands.newLink('OPS')
        await at.clock.advance(5000)
        expect((await at.call('GET', '/probe/view', { as })).status).toBe(401)
        await expect(at.commands.newLink('nobody')).rejects.toMatchObject({ code: 'state.not_found' })
        expect((await at.commands.listUsers()).map(({ name }) => name)).toEqual(['admin', 'ops'])
        const key = await at.commands.createIngestKey('shop')
        expect(await at.commands.listTokens()).toMatchObject([
          { id: key.id, kind: 'ingest key', name: 'shop', scopes: ['write'] },
        ])
        await at.commands.setDisabled('ops', true)
        expect((await at.commands.listUsers())[1]?.disabled).toBe(true)
      })
    })
  })
}
