import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Labels } from '@tidewatch/core/labels.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Acknowledgement, Alert } from '../../alerting/port.ts'
import { createLogger } from '../../self/logger.ts'
import type { StateStore } from '../../state/port.ts'
import { createStateStore } from '../../state/store.ts'
import { Drills } from './drills.ts'
import { Heartbeat } from './heartbeat.ts'
import { MissedEvaluations } from './missed-evaluations.ts'
import type { Drill, EvaluatedGroup, SeenDelivery } from './port.ts'
import { createDrillRows, type DrillRows, type DrillTables, drillState } from './state.ts'
import { nextDrillMs } from './timetable.ts'

const minuteMs = 60_000
const drill: Drill = {
  ...{ name: 'pager', timeZone: 'Europe/Berlin', weekdays: [1], atMinute: 600, labels: { severity: 'critical' } },
  ...{ acknowledgeWithinMs: 15 * minuteMs, otherwise: undefined },
}
const fingerprint = '00000000000000aa'

export function drillSuite(name: string, freshDatabase: () => string | undefined): void {
  describe(name, () => {
    let dataDir: string
    let state: StateStore
    let clock: FakeClock
    let rows: DrillRows
    let delivered: Alert[]
    const sink = { deliver: async (alerts: readonly Alert[]) => void delivered.push(...alerts) }

    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-drill-'))
      clock = new FakeClock(Date.UTC(2026, 0, 5, 8))
      delivered = []
      const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
      state = await createStateStore({
        dataDir,
        databaseUrl: freshDatabase(),
        env: {},
        features: [drillState],
        clock,
        logger,
      })
      rows = createDrillRows(state.database<DrillTables>())
    })
    afterEach(async () => {
      await state[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true })
    })

    it('comes at its local time, in summer and in winter', () => {
      const next = (after: string): string => new Date(nextDrillMs(drill, Date.parse(`${after}Z`))).toISOString()
      expect(next('2026-01-05T08:59')).toBe('2026-01-05T09:00:00.000Z')
      expect(next('2026-01-05T09:00')).toBe('2026-01-12T09:00:00.000Z')
      expect(next('2026-03-27T00:00')).toBe('2026-03-30T08:00:00.000Z')
    })

    describe('a fire drill', () => {
      let samples: number[]
      let lastRun = ''
      let taken: Acknowledgement | undefined
      const open = (): Drills => {
        const drills = new Drills({
          ...{
            rows,
            sink,
            clock,
            externalUrl: () => 'http://t',
            channels: () => ['ops', 'sms'],
            onEnd: () => undefined,
          },
          acknowledgements: { of: (one) => (one === fingerprint ? taken : undefined) },
          async write(labels: Labels, value: number) {
            lastRun = labels.get('run')
            samples.push(value)
          },
        })
        drills.follow([drill])
        return drills
      }
      const seen = (over: Partial<SeenDelivery>): SeenDelivery => ({
        ...{ atMs: clock.nowMs(), integration: 'oncall/ada/0', receiver: 'oncall/ada', outcome: 'delivered' },
        ...{ isFiring: true, isOnCall: false },
        alerts: [{ fingerprint, labels: { alertname: 'FireDrill', drill: 'pager', run: lastRun } }],
        ...over,
      })
      const last = async () => (await rows.list({ limit: 1 }))[0]
      beforeEach(() => {
        samples = []
        taken = undefined
      })

      it('begins by the timetable, passes by the acknowledgement, and keeps how long both took', async () => {
        const drills = open()
        await drills.step()
        expect(await last()).toBeUndefined()
        await clock.advance(60 * minuteMs)
        await drills.step()
        expect(samples).toEqual([1])
        await clock.advance(2000)
        await drills.seen(seen({ isOnCall: true, integration: 'channels/pager', receiver: 'pager' }))
        expect((await last())?.deliveredAtMs).toBeUndefined()
        await drills.seen(seen({}))
        await clock.advance(3000)
        taken = { fingerprint, by: 'ada', via: 'link', note: '', atMs: clock.nowMs() }
        await drills.step()
        const run = await last()
        expect(run).toMatchObject({ status: 'passed', acknowledgedBy: 'ada', startedBy: 'timetable' })
        expect((run?.deliveredAtMs ?? 0) - (run?.startedAtMs ?? 0)).toBe(2000)
        expect((run?.acknowledgedAtMs ?? 0) - (run?.startedAtMs ?? 0)).toBe(5000)
        expect(samples).toEqual([1, 0])
        expect(delivered).toEqual([])
      })

      it('that nobody takes alerts by the other channels, also after a restart in between', async () => {
        await open().start('pager', 'grace')
        await open().seen(seen({ outcome: 'failed', integration: 'channels/sms', receiver: 'sms' }))
        await clock.advance(15 * minuteMs)
        await open().step()
        expect(await last()).toMatchObject({ status: 'missed', reason: 'it reached nobody; tried: channels/sms.' })
        expect(delivered.map(({ labels, channels }) => [labels.get('alertname'), channels])).toEqual([
          ['FireDrillMissed', ['ops']],
        ])
      })

      it('is not begun twice at once, and an acknowledgement of an earlier one does not count', async () => {
        const drills = open()
        taken = { fingerprint, by: 'ada', via: 'link', note: '', atMs: clock.nowMs() - minuteMs }
        await drills.start('pager', 'grace')
        await expect(drills.start('pager', 'ben')).rejects.toThrow('is running')
        await expect(drills.start('other', 'ben')).rejects.toThrow('there is no drill "other"')
        await drills.seen(seen({}))
        await drills.step()
        expect(await last()).toMatchObject({ status: 'running' })
      })
    })

    describe('missed evaluations', () => {
      let groups: EvaluatedGroup[]
      const group = (over: Partial<EvaluatedGroup>): EvaluatedGroup => ({
        ...{ name: 'a', intervalMs: 30_000, lastEvaluationMs: undefined, missed: 0, isFailing: false, ...over },
      })
      const open = (): MissedEvaluations =>
        new MissedEvaluations({
          ...{ rows, sink, clock, groups: () => groups, externalUrl: () => 'http://t', onMissed: () => undefined },
        })
      const summaries = (): (string | undefined)[] => delivered.map(({ annotations }) => annotations.summary)

      it('of an outage are told with from and to; a restart is none', async () => {
        groups = [group({}), group({ name: 'b', intervalMs: minuteMs })]
        await open().step()
        await clock.advance(20_000)
        await open().step()
        expect(delivered).toEqual([])
        await clock.advance(30 * minuteMs)
        await open().step()
        expect(summaries()).toEqual([
          'Rules were not evaluated from 2026-01-05 08:00:20 UTC to 2026-01-05 08:30:20 UTC (30m).',
        ])
        expect(delivered[0]?.annotations.description).toContain('90 evaluations of 2 rule groups')
      })

      it('that groups counted while the server ran are told too', async () => {
        groups = [group({ missed: 3 })]
        const watch = open()
        await watch.step()
        await clock.advance(15_000)
        groups = [group({ missed: 4 })]
        await watch.step()
        expect(delivered).toEqual([])
        await clock.advance(5 * minuteMs)
        groups = [group({ missed: 14 })]
        await watch.step()
        expect(summaries()[0]).toContain('(5m)')
      })
    })

    describe('the heartbeat', () => {
      it('stops when rules are not evaluated, all fail, or nothing can be delivered; and goes on after', async () => {
        const called: string[] = []
        const outcomes: string[] = []
        const well: EvaluatedGroup = {
          ...{ name: 'a', intervalMs: 15_000, lastEvaluationMs: clock.nowMs(), missed: 0, isFailing: false },
        }
        let groups = [well]
        const target = { url: 'https://beat.example.org/secret', intervalMs: minuteMs }
        const heartbeat = new Heartbeat({
          ...{ clock, target: () => target, groups: () => groups },
          call: async (url) => {
            called.push(url)
            return 200
          },
          onBeat: (outcome, reason) => void outcomes.push(`${outcome} ${reason}`.trim()),
        })
        const beat = () => heartbeat.beat(target, new AbortController().signal)
        await beat()
        await clock.advance(2 * minuteMs)
        await beat()
        groups = [{ ...well, lastEvaluationMs: clock.nowMs(), isFailing: true }]
        await beat()
        expect(heartbeat.status()).toEqual({
          ...{ receiver: 'https://beat.example.org', intervalMs: minuteMs },
          ...{ lastSentAtMs: clock.nowMs() - 2 * minuteMs },
          last: { atMs: clock.nowMs(), outcome: 'withheld', reason: 'all rules fail.' },
        })
        groups = [{ ...well, lastEvaluationMs: clock.nowMs() }]
        heartbeat.seen({ outcome: 'retry', atMs: clock.nowMs() - 6 * minuteMs })
        await beat()
        heartbeat.seen({ outcome: 'delivered', atMs: clock.nowMs() })
        await beat()
        expect(outcomes).toEqual([
          'sent',
          'withheld the rules of a were not evaluated since 2026-01-05T08:00:00.000Z.',
          'withheld all rules fail.',
          'withheld nothing could be delivered since 2026-01-05T07:56:00.000Z.',
          'sent',
        ])
        expect(called).toHaveLength(2)
      })
    })
  })
}
