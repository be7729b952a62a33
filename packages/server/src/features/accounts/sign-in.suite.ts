// Links, passwords and sessions. Run by accounts.suite.ts.
import { sessionAnswer, sessionList, signedInAnswer } from '@tidewatch/api/accounts.ts'
import { describe, expect, test } from 'vitest'
import { api, password, type Start, tokenOf } from './accounts-for-test.ts'

export function signInSuite(start: Start): void {
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
      expect(sessionAnswer.parse((await at.call('GET', `${api}/session`, { as })).json()).user?.hasPassword).toBe(true)
      expect(
        (await at.call('PUT', `${api}/session/password`, { as, body: { password: 'another long one' } })).status,
      ).toBe(400)
    })

    test('a start before anybody signed in makes a new link and ends the former', async () => {
      await using at = await start()
      const second = await at.again()
      expect(second).not.toBe(at.firstUrl)
      expect((await at.call('POST', `${api}/session/link`, { body: { token: tokenOf(at.firstUrl) } })).status).toBe(401)
      expect((await at.call('POST', `${api}/session/link`, { body: { token: tokenOf(second) } })).status).toBe(200)
    })

    test('a link ends after a day', async () => {
      await using at = await start()
      at.jump(24 * 3_600_000)
      expect((await at.call('POST', `${api}/session/link`, { body: { token: tokenOf(at.firstUrl) } })).status).toBe(401)
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
}
