import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Labels } from '@tidewatch/core/labels.ts'
import { Secret } from '@tidewatch/core/secret.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Called, type ServedForTest, serveForTest } from '../../http/testing/serve.ts'
import { createLogger } from '../../self/logger.ts'
import type { StateStore } from '../../state/port.ts'
import { createStateStore } from '../../state/store.ts'
import type { FiringAlert, FiringAlerts, JournalEntry } from '../port.ts'
import { createAcknowledgements, type OpenAcknowledgements } from './acknowledge.ts'
import { type AcknowledgeLinks, createAcknowledgeLinks, tokenOf } from './links.ts'
import { createReplyRoutes } from './replies.ts'
import { acknowledgementsPath, createAcknowledgeRoutes } from './routes.ts'
import { type AcknowledgeTables, acknowledgeState, createAcknowledgementRows } from './state.ts'
import { createAcknowledgeTokens } from './token.ts'

const fingerprint = (n: number): string => n.toString(16).padStart(16, '0')
const group = '{}:{alertname="DiskFull"}'
const slackSecret = 'slack-signing-secret'
const telegramSecret = 'telegram-secret-token'
const twilioSecret = 'twilio-auth-token'

/** What fires, by fingerprint. */
class Firing implements FiringAlerts {
  readonly alerts = new Map<string, FiringAlert>()
  fire(n: number, startsAtMs: number): void {
    const labels = Labels.from({ alertname: 'DiskFull', disk: `<b>${n}</b>` })
    this.alerts.set(fingerprint(n), { fingerprint: fingerprint(n), startsAtMs, labels })
  }
  find(one: string): FiringAlert | undefined {
    return this.alerts.get(one)
  }
  heldBy(): undefined {
    return undefined
  }
  inGroup(key: string): readonly FiringAlert[] {
    return key === group ? [...this.alerts.values()] : []
  }
  groupKeys(): Iterable<string> {
    return [group]
  }
}

export function acknowledgeSuite(name: string, freshDatabase: () => string | undefined): void {
  describe(name, () => {
    let dataDir: string
    let state: StateStore
    let clock: FakeClock
    let firing: Firing
    let journal: JournalEntry[]
    let taken: OpenAcknowledgements
    let links: AcknowledgeLinks
    let served: ServedForTest

    const open = (): OpenAcknowledgements =>
      createAcknowledgements({
        ...{ alerts: firing, clock, journal: { record: (entries) => journal.push(...entries) } },
        rows: createAcknowledgementRows(state.database<AcknowledgeTables>()),
      })

    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-acknowledge-'))
      clock = new FakeClock()
      journal = []
      firing = new Firing()
      const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
      state = await createStateStore({
        dataDir,
        databaseUrl: freshDatabase(),
        env: {},
        features: [acknowledgeState],
        clock,
        logger,
      })
      taken = open()
      const tokens = createAcknowledgeTokens(state.sealer.derive('acknowledge links'))
      const externalUrl = () => 'https://tidewatch.example.org'
      links = createAcknowledgeLinks({ tokens, acknowledgements: taken, alerts: firing, clock, externalUrl })
      const parts = { acknowledgements: () => taken, links: () => links }
      const people = {
        find: (kind: string, address: string) => (kind === 'phone' && address === '+4915112345678' ? 'ada' : undefined),
        openGroups: () => [group],
      }
      served = await serveForTest([
        ...createAcknowledgeRoutes(parts),
        ...createReplyRoutes({
          ...{ ...parts, clock, externalUrl, people: () => people },
          secrets: () => ({
            slack: new Secret(slackSecret),
            telegram: new Secret(telegramSecret),
            telegramBot: undefined,
            twilio: new Secret(twilioSecret),
          }),
        }),
      ])
      firing.fire(1, clock.nowMs() - 60_000)
      firing.fire(2, clock.nowMs() - 30_000)
    })
    afterEach(async () => {
      await served[Symbol.asyncDispose]()
      await state[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true })
    })

    const me = { by: 'ada', via: 'page', note: '' }
    const takers = (): (string | undefined)[] => [1, 2].map((n) => taken.of(fingerprint(n))?.by)
    const form = (
      path: string,
      fields: Record<string, string>,
      headers: Record<string, string> = {},
    ): Promise<Called> =>
      served.call(path, {
        method: 'POST',
        body: String(new URLSearchParams(fields)),
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      })

    describe('acknowledging', () => {
      it('takes all that fire in a group, once, and says so in the journal', async () => {
        expect(await taken.acknowledge({ groupKey: group }, me)).toHaveLength(2)
        expect(await taken.acknowledge({ groupKey: group }, { ...me, by: 'ben' })).toEqual([])
        expect(takers()).toEqual(['ada', 'ada'])
        expect(journal.map(({ stage, text }) => `${stage}: ${text}`)).toEqual([
          'acknowledged: ada took it (page).',
          'acknowledged: ada took it (page).',
        ])
      })

      it('holds over a restart, and ends with the alert: when it fires anew it is another one', async () => {
        await taken.acknowledge({ fingerprints: [fingerprint(1)] }, me)
        taken = open()
        await taken.refresh()
        expect(takers()).toEqual(['ada', undefined])
        await clock.advance(60_000)
        firing.fire(1, clock.nowMs())
        expect(takers()).toEqual([undefined, undefined])
        await taken.acknowledge({ fingerprints: [fingerprint(1)] }, { ...me, by: 'ben' })
        expect(takers()).toEqual(['ben', undefined])
        firing.alerts.clear()
        await taken.sweep()
        expect(taken.all()).toEqual([])
      })

      it('is given back', async () => {
        await taken.acknowledge({ groupKey: group }, me)
        await taken.release([fingerprint(1)], 'ada')
        expect(takers()).toEqual([undefined, 'ada'])
      })

      it('refuses what does not fire, and a name that is nothing', async () => {
        await expect(taken.acknowledge({ fingerprints: ['0000000000000099'] }, me)).rejects.toThrow('none of these')
        await expect(taken.acknowledge({ groupKey: '{}:{}' }, me)).rejects.toThrow('nothing fires in this group')
        await expect(taken.acknowledge({ groupKey: group }, { ...me, by: '\u202e\n' })).rejects.toThrow(
          'who takes them',
        )
      })

      it('goes by HTTP, and says what is wrong', async () => {
        const json = { 'content-type': 'application/json' }
        const post = (body: unknown) =>
          served.call(acknowledgementsPath, { method: 'POST', body: JSON.stringify(body), headers: json })
        expect((await post({ groupKey: group, note: 'on it' })).json()).toMatchObject({
          acknowledgements: [{ fingerprint: fingerprint(1), by: 'local', via: 'api', note: 'on it' }, {}],
        })
        expect((await post({})).text).toContain('name either fingerprints or groupKey')
        expect((await post({ fingerprints: ['zz'] })).text).toContain('16 hex digits')
        const path = `${acknowledgementsPath}/${fingerprint(1)}`
        expect((await served.call(path, { method: 'DELETE' })).status).toBe(204)
        expect((await served.call(path, { method: 'DELETE' })).status).toBe(404)
      })
    })

    describe('a link', () => {
      const pathOf = (url: string): string => url.slice('https://tidewatch.example.org'.length)

      it('shows one button when it is opened, and takes the alerts when that is pressed', async () => {
        const url = links.url(group, 'ada')
        const page = await served.call(pathOf(url))
        expect(page.headers['content-type']).toContain('text/html')
        expect(page.headers['content-security-policy']).toContain("form-action 'self'")
        expect(page.text.match(/<button/g)).toHaveLength(1)
        expect(page.text).toContain('&lt;b&gt;1&lt;/b&gt;')
        expect(page.text).not.toContain('<b>1</b>')
        expect(takers()).toEqual([undefined, undefined])
        const done = await form('/acknowledge', { t: tokenOf(url) })
        expect(done.text).toContain('Taken by ada')
        expect(takers()).toEqual(['ada', 'ada'])
        expect(taken.of(fingerprint(1))?.via).toBe('link')
        expect((await served.call(pathOf(url))).text).not.toContain('<button')
      })

      it('asks for a name where it was sent to many', async () => {
        await form('/acknowledge', { t: tokenOf(links.url(group)), name: 'Grace' })
        expect(takers()).toEqual(['Grace', 'Grace'])
      })

      it('takes only what its message told: what began later needs a newer one', async () => {
        const url = links.url(group, 'ada')
        await clock.advance(120_000)
        firing.fire(2, clock.nowMs())
        await form('/acknowledge', { t: tokenOf(url) })
        expect(takers()).toEqual(['ada', undefined])
      })

      it('does not work forged, cut, of another installation or too old', async () => {
        const token = tokenOf(links.url(group, 'ada'))
        const other = createAcknowledgeTokens(new Uint8Array(32)).issue(group, clock.nowMs(), 'ada')
        const bytes = Buffer.from(token, 'base64url')
        const flipped = [...bytes.keys()].map((i) => {
          const changed = Buffer.from(bytes)
          changed[i] = (changed[i] ?? 0) ^ 1
          return changed.toString('base64url')
        })
        for (const bad of [other, token.slice(0, -4), `${token}AAAA`, '', 'x'.repeat(200), '../../etc', ...flipped]) {
          const answer = await form('/acknowledge', { t: bad })
          expect(answer.status, bad).toBe(403)
          expect((await served.call(`/acknowledge?t=${encodeURIComponent(bad)}`)).status, bad).toBe(403)
        }
        await clock.advance(73 * 3_600_000)
        expect((await form('/acknowledge', { t: token })).text).toContain('too old')
        expect(takers()).toEqual([undefined, undefined])
      })

      it('fits a button of Telegram and refuses huge bodies', async () => {
        expect(tokenOf(links.url(group)).length).toBeLessThanOrEqual(64)
        expect((await form('/acknowledge', { t: 'x'.repeat(100_000) })).status).toBe(413)
      })
    })

    describe("Slack's button", () => {
      const call = (payload: unknown, over: { secret?: string; atMs?: number } = {}) => {
        const body = String(new URLSearchParams({ payload: JSON.stringify(payload) }))
        const at = String(Math.floor((over.atMs ?? clock.nowMs()) / 1000))
        const mac = createHmac('sha256', over.secret ?? slackSecret).update(`v0:${at}:${body}`)
        const headers = {
          ...{ 'content-type': 'application/x-www-form-urlencoded', 'x-slack-request-timestamp': at },
          'x-slack-signature': `v0=${mac.digest('hex')}`,
        }
        return served.call(`${acknowledgementsPath}/slack`, { method: 'POST', body, headers })
      }
      const press = (value: string) => ({
        type: 'interactive_message',
        user: { id: 'U012AB3CD', name: 'grace' },
        actions: [{ name: 'acknowledge', type: 'button', value }],
      })

      it('takes the alerts and answers in the channel', async () => {
        const answer = await call(press(links.url(group)))
        expect(answer.json()).toMatchObject({ text: 'grace took 2 alerts.', replace_original: false })
        expect(takers()).toEqual(['grace', 'grace'])
      })

      it('is refused forged, old and again', async () => {
        const payload = press(links.url(group))
        expect((await call(payload, { secret: 'another-secret-here' })).status).toBe(403)
        expect((await call(payload, { atMs: clock.nowMs() - 600_000 })).status).toBe(403)
        expect(takers()).toEqual([undefined, undefined])
        expect((await call(payload)).status).toBe(200)
        await taken.release([fingerprint(1), fingerprint(2)], 'grace')
        expect((await call(payload)).status).toBe(403)
        expect(takers()).toEqual([undefined, undefined])
      })

      it('is refused where it is none, or huge', async () => {
        expect((await call({ type: 'block_actions' })).status).toBe(400)
        expect((await call({ ...press('x'), padding: 'x'.repeat(600_000) })).status).toBe(413)
        expect((await call(press('not a token'))).json()).toMatchObject({
          text: expect.stringContaining('not made by'),
        })
      })
    })

    describe("Telegram's button", () => {
      const call = (data: string, update: number, secret = telegramSecret) =>
        served.call(`${acknowledgementsPath}/telegram`, {
          method: 'POST',
          body: JSON.stringify({
            update_id: update,
            callback_query: { id: '4382', from: { id: 5, first_name: 'Ada' }, message: {}, data },
          }),
          headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret },
        })

      it('takes the alerts; a repeated update is heard once, and a wrong secret not at all', async () => {
        const token = tokenOf(links.url(group))
        expect((await call(token, 1, 'wrong-secret-token')).status).toBe(403)
        expect(takers()).toEqual([undefined, undefined])
        expect((await call(token, 1)).json()).toMatchObject({
          ...{ method: 'answerCallbackQuery', callback_query_id: '4382', text: 'Ada took 2 alerts.' },
        })
        await taken.release([fingerprint(1), fingerprint(2)], 'Ada')
        expect((await call(token, 1)).status).toBe(200)
        expect(takers()).toEqual([undefined, undefined])
      })
    })

    describe('a text message', () => {
      const call = (fields: Record<string, string>, secret = twilioSecret) => {
        const url = `https://tidewatch.example.org${acknowledgementsPath}/twilio`
        const signed = Object.keys(fields)
          .sort()
          .map((name) => `${name}${fields[name]}`)
        const signature = createHmac('sha1', secret)
          .update(url + signed.join(''))
          .digest('base64')
        return form(`${acknowledgementsPath}/twilio`, fields, { 'x-twilio-signature': signature })
      }
      const text = (body: string, sid = 'SM1', from = '+4915112345678') => ({ Body: body, From: from, MessageSid: sid })

      it('with ack takes what its sender was called for, with the rest as a note', async () => {
        expect((await call(text('Ack: on my way'))).text).toContain('You took 2 alert(s), ada.')
        expect(taken.of(fingerprint(1))).toMatchObject({ by: 'ada', via: 'sms', note: 'on my way' })
      })

      it('of a stranger, with other words, forged or again takes nothing', async () => {
        expect((await call(text('ack', 'SM2', '+4400000000'))).text).toContain('not in the on-call list')
        expect((await call(text('who is this?', 'SM3'))).text).toContain('Reply ACK')
        expect((await call(text('ack', 'SM4'), 'another-auth-token')).status).toBe(403)
        expect(takers()).toEqual([undefined, undefined])
        await call(text('ack', 'SM5'))
        await taken.release([fingerprint(1), fingerprint(2)], 'ada')
        expect((await call(text('ack', 'SM5'))).status).toBe(403)
        expect(takers()).toEqual([undefined, undefined])
      })
    })
  })
}
