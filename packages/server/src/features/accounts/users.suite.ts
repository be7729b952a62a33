// Users, the command line, and a server without signing in. Run by accounts.suite.ts.
import { auditList, createdIngestKey, createdUser, userList } from '@tidewatch/api/accounts.ts'
import { describe, expect, test } from 'vitest'
import type { Permission } from '../../http/port.ts'
import { api, type Start, tokenOf } from './accounts-for-test.ts'

export function usersSuite(start: Start): void {
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
}
