// What the outbox holds over any state store.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@tidewatch/testkit/server.ts'
import { describe, expect, it } from 'vitest'
import type { Notification, SendResult } from './port.ts'
import { channelThat, type Office, type OfficeOptions, openOffice } from './testing/office.ts'
import { notificationOf, resolvedOf } from './testing/send.ts'

const ok: SendResult = { status: 200, answer: 'ok' }

/** Waits without the fake clock until all of it has come. */
const until = (check: () => void | Promise<void>): Promise<void> => eventually(async () => check(), { everyMs: 5 })

const outcomes = async ({ notify }: Office): Promise<string[]> =>
  (await notify.log.deliveries({ limit: 100 })).entries
    .map(({ outboxId, outcome, attempt }) => `${outboxId} ${attempt} ${outcome}`)
    .reverse()

const group = (groupKey: string, more: Partial<Notification> = {}): Notification =>
  notificationOf({ groupKey, ...more })

/** `freshDatabase` gives the URL of an empty Postgres; undefined: SQLite in a directory of its own. */
export function outboxSuite(name: string, freshDatabase: () => string | undefined): void {
  const open = (options: OfficeOptions = {}): Promise<Office> =>
    openOffice({ databaseUrl: freshDatabase(), ...options })

  describe(`outbox on ${name}`, () => {
    describe('order', () => {
      it('is critical first, then as written, and side by side for receivers: one that hangs holds up nobody', async () => {
        await using office = await open()
        const sent: string[] = []
        const hanging = channelThat(
          'hanging',
          (_notification, { signal }) =>
            new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        )
        const quick = channelThat('quick', async ({ groupKey }) => {
          sent.push(groupKey)
          return ok
        })
        await office.notify.follow([hanging, quick])
        await office.enqueue('h', 'hanging', group('h'))
        for (const [id, severity] of [
          ['a', 'low'],
          ['b', 'medium'],
          ['c', 'critical'],
          ['d', 'medium'],
        ] as const) {
          await office.enqueue(id, 'quick', group(id, { severity }))
          office.clock.jump(1)
        }
        office.run()
        await until(() => expect(sent).toEqual(['c', 'b', 'd', 'a']))
        expect(await outcomes(office)).not.toContain('h 1 retry')
      })

      it('within a group holds an end until its beginning was told', async () => {
        await using office = await open()
        const sent: string[] = []
        let fails = true
        await office.notify.follow([
          channelThat('ops', async ({ status }) => {
            if (fails) return { status: 500, answer: 'not now' }
            sent.push(status)
            return ok
          }),
        ])
        await office.enqueue('fires', 'ops', group('g', { severity: 'low' }))
        office.run()
        await until(async () => expect(await outcomes(office)).toEqual(['fires 1 retry']))
        fails = false
        office.clock.jump(1)
        await office.enqueue('ends', 'ops', resolvedOf({ groupKey: 'g' }))
        office.notify.writer.wake()
        await until(async () => {
          await office.clock.advance(1000)
          expect(sent).toEqual(['firing', 'resolved'])
        })
      })

      it('lets newer news of what fires pass older that did not arrive, which is then not sent any more', async () => {
        await using office = await open()
        let fails = true
        const sent: string[] = []
        await office.notify.follow([
          channelThat('ops', async ({ reason }) => {
            if (fails) return { status: 500, answer: '' }
            sent.push(reason)
            return ok
          }),
        ])
        await office.enqueue('old', 'ops', group('g'))
        office.run()
        await until(async () => expect(await outcomes(office)).toEqual(['old 1 retry']))
        fails = false
        office.clock.jump(1)
        await office.enqueue('new', 'ops', group('g', { reason: 'changed' }))
        office.notify.writer.wake()
        await until(async () =>
          expect(await outcomes(office)).toEqual(['old 1 retry', 'new 1 delivered', 'old 1 superseded']),
        )
        expect(sent).toEqual(['changed'])
      })
    })

    describe('failures', () => {
      it('are tried again with growing pauses, under the same key, and given up after a day', async () => {
        await using office = await open()
        const tries: { readonly key: string; readonly atMs: number }[] = []
        const beganMs = office.clock.nowMs()
        await office.notify.follow([
          channelThat('ops', async (_notification, { idempotencyKey: key, clock }) => {
            tries.push({ key, atMs: clock.nowMs() - beganMs })
            return { status: 502, answer: 'bad gateway' }
          }),
        ])
        await office.enqueue('row', 'ops', group('g'))
        office.run()
        await until(async () => {
          await office.clock.advance(1000)
          expect(tries.length).toBeGreaterThanOrEqual(4)
        })
        expect(new Set(tries.map(({ key }) => key))).toEqual(new Set(['row']))
        const gaps = tries.slice(1).map(({ atMs }, i) => atMs - (tries[i]?.atMs ?? 0))
        expect(gaps[0]).toBeGreaterThanOrEqual(2000)
        expect(gaps[2]).toBeGreaterThanOrEqual(8000)
        office.clock.jump(25 * 3_600_000)
        await until(async () => {
          await office.clock.advance(60_000)
          expect((await office.notify.log.deadLetters({ limit: 10 })).entries).toHaveLength(1)
        })
        const [letter] = (await office.notify.log.deadLetters({ limit: 10 })).entries
        expect(letter).toMatchObject({ id: 'row', integration: 'ops', detail: '502 bad gateway' })
        expect(office.metrics()).toContain(
          'alertmanager_notifications_failed_total{integration="webhook",reason="serverError"} 1',
        )
      })

      it('for good go to the dead letters at once, from where a person sends them again or drops them', async () => {
        await using office = await open()
        let status = 400
        await office.notify.follow([channelThat('ops', async () => ({ status, answer: 'answer' }))])
        for (const id of ['one', 'two']) await office.enqueue(id, 'ops', group(id))
        office.run()
        const dead = async () => (await office.notify.log.deadLetters({ limit: 10 })).entries.map(({ id }) => id)
        await until(async () => expect(await dead()).toEqual(['one', 'two']))
        status = 200
        await office.notify.resend('one')
        await office.notify.log.drop('two', 'ann')
        await until(async () =>
          expect(await outcomes(office)).toEqual(expect.arrayContaining(['one 2 delivered', 'two 1 dropped'])),
        )
        expect(await dead()).toEqual([])
        await expect(office.notify.resend('one')).rejects.toThrow('no notification of this id has been given up')
      })

      it('honour Retry-After for the whole channel, critical alerts too', async () => {
        await using office = await open()
        const beganMs = office.clock.nowMs()
        const tries: [string, number][] = []
        await office.notify.follow([
          channelThat('ops', async ({ groupKey }, { clock }) => {
            tries.push([groupKey, clock.nowMs() - beganMs])
            return tries.length === 1 ? { status: 429, answer: '', pauseMs: 30_000 } : ok
          }),
        ])
        await office.enqueue('a', 'ops', group('a'))
        office.run()
        await until(async () => expect(await outcomes(office)).toEqual(['a 1 retry']))
        await office.enqueue('b', 'ops', group('b'))
        office.notify.writer.wake()
        await until(async () => {
          await office.clock.advance(1000)
          expect(tries).toHaveLength(3)
        })
        expect(tries.slice(1).every(([, atMs]) => atMs >= 30_000)).toBe(true)
      })

      it('of a channel that is gone are kept for a person', async () => {
        await using office = await open()
        await office.enqueue('row', 'nobody', group('g'))
        office.run()
        await until(async () => expect(await outcomes(office)).toEqual(['row 1 failed']))
      })
    })

    it('sends no faster than the receiver takes', async () => {
      await using office = await open()
      const times: number[] = []
      const limits = () => [{ messages: 2, perMs: 10_000 }]
      const channel = channelThat(
        'ops',
        async (_notification, { clock }) => {
          times.push(clock.monotonicMs())
          return ok
        },
        { limits },
      )
      await office.notify.follow([channel])
      for (const id of ['a', 'b', 'c', 'd', 'e']) await office.enqueue(id, 'ops', group(id))
      office.run()
      await until(async () => {
        await office.clock.advance(500)
        expect(times).toHaveLength(5)
      })
      for (let i = 2; i < 5; i++) expect((times[i] ?? 0) - (times[i - 2] ?? 0)).toBeGreaterThanOrEqual(10_000)
    })

    it('sends no faster than the receiver takes by two integrations of one address, and holds up no other', async () => {
      await using office = await open()
      const times: { readonly to: string; readonly atMs: number }[] = []
      const channelTo = (name: string, address: string) =>
        channelThat(
          name,
          async (_notification, { clock }) => {
            times.push({ to: address, atMs: clock.monotonicMs() })
            return ok
          },
          { limits: () => [{ messages: 1, perMs: 10_000 }], address: () => [address, undefined] },
        )
      await office.notify.follow([channelTo('ops', 'room'), channelTo('team', 'room'), channelTo('boss', 'elsewhere')])
      for (const name of ['ops', 'team', 'boss']) await office.enqueue(name, name, group(name))
      await office.enqueue('again', 'team', group('again'))
      office.run()
      await until(async () => {
        await office.clock.advance(500)
        expect(times).toHaveLength(4)
      })
      const room = times.filter(({ to }) => to === 'room').map(({ atMs }) => atMs)
      for (let i = 1; i < 3; i++) expect((room[i] ?? 0) - (room[i - 1] ?? 0)).toBeGreaterThanOrEqual(10_000)
      const elsewhere = times.find(({ to }) => to === 'elsewhere')?.atMs ?? Number.POSITIVE_INFINITY
      expect(elsewhere).toBeLessThan(room[1] ?? 0)
    })

    describe('after a stop in the middle of a send', () => {
      it.each([
        ['perhaps twice', true],
        ['once', false],
      ] as const)(
        'a channel that repeats %s is sent to again under the same key, and the log says so: %s',
        async (repeats, perhapsTwice) => {
          const dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-notify-'))
          const database = { databaseUrl: freshDatabase() }
          try {
            const keys: string[] = []
            {
              await using office = await open({ dataDir, ...database })
              const begun = Promise.withResolvers<void>()
              await office.notify.follow([
                channelThat('ops', async (_notification, { idempotencyKey, signal }) => {
                  keys.push(idempotencyKey)
                  begun.resolve()
                  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
                }),
              ])
              await office.enqueue('row', 'ops', group('g'))
              const stop = office.run()
              await begun.promise
              await stop()
              expect(await outcomes(office)).toEqual([])
            }
            await using office = await open({ dataDir, ...database })
            await office.notify.follow([
              channelThat(
                'ops',
                async (_notification, { idempotencyKey }) => {
                  keys.push(idempotencyKey)
                  return ok
                },
                { repeats },
              ),
            ])
            office.run()
            await until(async () => expect(await outcomes(office)).toEqual(['row 1 delivered']))
            expect(keys).toEqual(['row', 'row'])
            const [entry] = (await office.notify.log.deliveries({ limit: 1 })).entries
            expect(entry).toMatchObject({ perhapsTwice })
            expect(entry?.detail.startsWith('perhaps twice')).toBe(perhapsTwice)
          } finally {
            rmSync(dataDir, { recursive: true })
          }
        },
      )
    })

    it('tests a channel past the outbox, and answers what the receiver said', async () => {
      await using office = await open()
      const channel = channelThat('ops', async ({ reason }) => ({ status: 403, answer: `${reason} refused` }), {
        takes: () => false,
      })
      await office.notify.follow([channel])
      const signal = new AbortController().signal
      expect(await office.notify.test('ops', { signal, by: 'ann' })).toMatchObject({
        outcome: 'failed',
        detail: '403 test refused',
      })
      expect((await office.notify.log.latest()).get('ops')).toMatchObject({ outcome: 'failed' })
      await expect(office.notify.test('x', { signal, by: 'ann' })).rejects.toThrow('there is no channel "x"')
    })

    it('pages through the log', async () => {
      await using office = await open()
      await office.notify.follow([channelThat('ops', async () => ok)])
      for (let i = 0; i < 7; i++) await office.enqueue(`row-${i}`, 'ops', group(String(i)))
      office.run()
      await until(async () => expect(await outcomes(office)).toHaveLength(7))
      const seen: string[] = []
      let after: string | undefined
      do {
        const { entries, next } = await office.notify.log.deliveries({ limit: 3, after })
        seen.push(...entries.map(({ outboxId }) => outboxId))
        after = next
      } while (after !== undefined)
      expect(new Set(seen).size).toBe(7)
      expect(seen).toHaveLength(7)
    })
  })
}
