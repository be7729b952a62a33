// API tokens and ingest keys. Run by accounts.suite.ts.
import { createdIngestKey, createdToken, createdUser, ingestKeyList, tokenList } from '@tidewatch/api/accounts.ts'
import { describe, expect, test } from 'vitest'
import { api, type Start, tokenOf } from './accounts-for-test.ts'

export function tokensSuite(start: Start): void {
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
      expect((await at.call('POST', `${api}/tokens`, { as: eve, body: { name: 'x', scopes: ['admin'] } })).status).toBe(
        403,
      )
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
        (await at.call('POST', `${api}/tokens`, { as: hers.secret, body: { name: 'child', scopes: ['read'] } })).status,
      ).toBe(403)
    })
  })
}
