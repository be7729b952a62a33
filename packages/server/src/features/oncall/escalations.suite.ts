import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Labels } from '@tidewatch/core/labels.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Acknowledgement, Alert, FiringAlert, JournalEntry } from '../../alerting/port.ts'
import type { AnyChannel, Integration, Notification } from '../../notify/port.ts'
import { createLogger } from '../../self/logger.ts'
import type { StateStore } from '../../state/port.ts'
import { createStateStore } from '../../state/store.ts'
import { OnCall } from './oncall.ts'
import type { OnCallPlan } from './port.ts'
import { onCallState } from './state.ts'

const minuteMs = 60_000
const groupKey = '{}:{alertname="DiskFull"}'
const fingerprint = '00000000000000aa'
const plan: OnCallPlan = {
  people: ['ada', 'ben'].map((name) => ({ name, timeZone: undefined, contacts: [] })),
  schedules: [],
  policies: [
    {
      name: 'main',
      repeats: 0,
      steps: ['ada', 'ben'].map((name) => ({ targets: [{ kind: 'person', name }], waitMs: 5 * minuteMs })),
    },
  ],
}

export function escalationsSuite(name: string, freshDatabase: () => string | undefined): void {
  describe(name, () => {
    let dataDir: string
    let state: StateStore
    let clock: FakeClock
    let sent: { readonly id: string; readonly to: string; readonly notification: Notification }[]
    let firing: Map<string, FiringAlert>
    let taken: Map<string, Acknowledgement>
    /** What holds the alert back. */
    let held: 'silenced' | 'inhibited' | undefined
    let journal: JournalEntry[]
    let own: Alert[]
    /** Where a kill falls: nothing after it is kept. */
    let failAt: string | undefined

    const phone = (name: string): Integration => ({
      ...{ key: `oncall/${name}/0`, receiver: `oncall/${name}`, config: {}, sendsResolved: true },
      channel: { kind: 'webhook' } as AnyChannel,
    })

    /** As after a start: all it knows is in the store. */
    async function open(): Promise<OnCall> {
      const onCall = new OnCall({
        ...{ state, clock, externalUrl: () => 'http://t', onEvent: () => undefined },
        notifications: {
          enqueue: async (_, id, to, notification) => {
            if (failAt === to) throw new Error('killed')
            if (!sent.some((one) => one.id === id)) sent.push({ id, to, notification })
          },
          wake: () => undefined,
          integrations: () => Map.groupBy([phone('ada'), phone('ben')], ({ receiver }) => receiver),
        },
        acknowledgements: { of: (one) => taken.get(one) },
        alerts: { find: (one) => firing.get(one), heldBy: () => held },
        linkFor: (key, person) => `http://t/acknowledge?t=${key}/${person}`,
        journal: { record: (entries) => void journal.push(...entries) },
        sink: { deliver: async (alerts) => void own.push(...alerts) },
      })
      await onCall.follow(plan)
      return onCall
    }

    const notification = (over: Partial<Notification> = {}): Notification => ({
      ...{ receiver: 'pager', status: 'firing', reason: 'firing', severity: 'critical', groupKey, truncatedAlerts: 0 },
      ...{ groupLabels: { alertname: 'DiskFull' }, commonLabels: {}, commonAnnotations: {}, externalUrl: 'http://t' },
      links: { alert: 'http://t/a', acknowledge: 'http://t/b', silence: 'http://t/c' },
      alerts: [
        {
          ...{
            status: 'firing',
            labels: { alertname: 'DiskFull' },
            annotations: {},
            startsAtMs: 0,
            endsAtMs: undefined,
          },
          ...{ generatorUrl: '', fingerprint },
        },
      ],
      ...over,
    })
    const told = (): string[] => sent.map(({ to, notification: { reason } }) => `${to} ${reason}`)

    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-oncall-'))
      clock = new FakeClock()
      ;[sent, journal, own] = [[], [], []]
      taken = new Map()
      held = undefined
      firing = new Map([[fingerprint, { fingerprint, startsAtMs: 0, labels: Labels.empty }]])
      failAt = undefined
      const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
      state = await createStateStore({
        dataDir,
        databaseUrl: freshDatabase(),
        env: {},
        features: [onCallState],
        clock,
        logger,
      })
    })
    afterEach(async () => {
      await state[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true })
    })

    const step = async (): Promise<OnCall> => {
      const onCall = await open()
      await onCall.escalationDesk.step()
      return onCall
    }

    it('goes on over restarts where it was, with a link of each person', async () => {
      const onCall = await open()
      await onCall.escalationDesk.tell('main', notification(), 'k1')
      await onCall.escalationDesk.tell('main', notification(), 'k1')
      await step()
      await step()
      expect(told()).toEqual(['oncall/ada/0 escalation'])
      expect(sent[0]?.notification.links.acknowledge).toContain('/ada')
      await clock.advance(5 * minuteMs)
      await step()
      await step()
      expect(told()).toEqual(['oncall/ada/0 escalation', 'oncall/ben/0 escalation'])
      expect(journal.map(({ stage, text }) => `${stage} ${text}`)).toEqual([
        'escalated Step 1 of main: ada.',
        'escalated Step 2 of main: ben.',
      ])
    })

    it('a step that was cut off is taken again, and nobody is called twice', async () => {
      await (await open()).escalationDesk.tell('main', notification(), 'k1')
      failAt = 'oncall/ada/0'
      await expect(step()).rejects.toThrow('killed')
      expect(sent).toEqual([])
      failAt = undefined
      await step()
      await step()
      expect(told()).toEqual(['oncall/ada/0 escalation'])
    })

    it('pauses while what nobody has is silenced or inhibited, and goes on at once when it is loud again', async () => {
      const onCall = await open()
      await onCall.escalationDesk.tell('main', notification(), 'k1')
      await onCall.escalationDesk.step()
      held = 'silenced'
      await clock.advance(20 * minuteMs)
      await onCall.escalationDesk.step()
      await onCall.escalationDesk.step()
      await step()
      expect(told()).toEqual(['oncall/ada/0 escalation'])
      expect(journal.map(({ text }) => text)).toEqual([
        'Step 1 of main: ada.',
        'Step 2 of main waits: what nobody has taken is silenced.',
        // another process knows nothing of what was said
        'Step 2 of main waits: what nobody has taken is silenced.',
      ])
      held = undefined
      await onCall.escalationDesk.step()
      expect(told()).toEqual(['oncall/ada/0 escalation', 'oncall/ben/0 escalation'])
      // a pause is no missed escalation: the time of the last step begins when it was taken
      held = 'inhibited'
      await clock.advance(60 * minuteMs)
      await onCall.escalationDesk.step()
      await onCall.tellMissed()
      expect(own).toEqual([])
    })

    it('stops by an acknowledgement, and tells those who were called of the end alone', async () => {
      const onCall = await open()
      await onCall.escalationDesk.tell('main', notification(), 'k1')
      await step()
      taken.set(fingerprint, { fingerprint, by: 'ada', via: 'link', note: '', atMs: clock.nowMs() })
      await clock.advance(60 * minuteMs)
      await step()
      expect((await onCall.escalations({ open: true, limit: 9 }))[0]).toMatchObject({ acknowledgedBy: 'ada' })
      await onCall.escalationDesk.tell('main', notification({ status: 'resolved', reason: 'resolved' }), 'k2')
      expect(told()).toEqual(['oncall/ada/0 escalation', 'oncall/ada/0 resolved'])
      expect(await onCall.escalations({ open: true, limit: 9 })).toEqual([])
    })

    it('begins anew for an alert that joins after somebody took the others', async () => {
      const onCall = await open()
      await onCall.escalationDesk.tell('main', notification(), 'k1')
      await step()
      taken.set(fingerprint, { fingerprint, by: 'ada', via: 'link', note: '', atMs: clock.nowMs() })
      await step()
      const other = '00000000000000bb'
      firing.set(other, { fingerprint: other, startsAtMs: 0, labels: Labels.empty })
      const [alert] = notification().alerts
      const both = alert === undefined ? [] : [alert, { ...alert, fingerprint: other }]
      await onCall.escalationDesk.tell('main', notification({ reason: 'changed', alerts: both }), 'k2')
      await clock.advance(1000)
      await step()
      expect(told()).toEqual(['oncall/ada/0 escalation', 'oncall/ada/0 escalation'])
    })

    it('calls nobody for what has ended already', async () => {
      await (await open()).escalationDesk.tell('main', notification(), 'k1')
      firing.clear()
      await step()
      expect(sent).toEqual([])
    })

    it('that nobody takes is an alert until somebody does', async () => {
      const onCall = await open()
      await onCall.escalationDesk.tell('main', notification(), 'k1')
      for (let i = 0; i < 3; i++) {
        await onCall.escalationDesk.step()
        await clock.advance(5 * minuteMs)
      }
      await onCall.tellMissed()
      expect(own.map(({ labels, annotations }) => [labels.get('alertname'), annotations.summary])).toEqual([
        ['EscalationMissed', 'Nobody took DiskFull: ada, ben were called.'],
      ])
      taken.set(fingerprint, { fingerprint, by: 'ada', via: 'link', note: '', atMs: clock.nowMs() })
      await onCall.escalationDesk.step()
      await onCall.tellMissed()
      expect(own[1]?.endsAtMs).toBe(clock.nowMs())
    })

    it('an unknown policy and unknown names are refused with what there is', async () => {
      const onCall = await open()
      await expect(onCall.escalationDesk.tell('other', notification(), 'k')).rejects.toThrow(
        'no escalation policy "other"',
      )
      const override = { schedule: 'nights', person: 'ada', startMs: 0, endMs: 1, note: '' }
      await expect(onCall.writeOverride(undefined, override, 'x')).rejects.toThrow('there is no schedule "nights"')
      await expect(onCall.feedUrl('person', 'eve')).rejects.toThrow('there is no person "eve"')
      await expect(onCall.calendar('person', 'ada', '')).rejects.toThrow('there is no such calendar')
    })
  })
}
