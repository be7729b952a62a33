// What the dispatcher, the silences and the journal keep, on SQLite and on Postgres.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '../../self/logger.ts'
import type { StateStore } from '../../state/port.ts'
import { createStateStore } from '../../state/store.ts'
import { Journal, journalState } from '../journal.ts'
import type { Silence } from '../silences/silence.ts'
import { createSilenceRows, silenceState } from '../silences/state.ts'
import type { DispatchChange } from './change.ts'
import { holdAlert } from './held-alert.ts'
import { createDispatchStore, dispatchState } from './state.ts'
import { alertOf, policyOf, seconds, simpleYaml, startMs, testMachine, told } from './testing-machine.ts'

export function dispatchSuite(name: string, freshDatabase: () => string | undefined): void {
  let dir: string
  let state: StateStore
  const clock = new FakeClock()
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tidewatch-dispatch-'))
    const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
    const features = [dispatchState, silenceState, journalState]
    state = await createStateStore({ dataDir: dir, databaseUrl: freshDatabase(), env: {}, features, clock, logger })
  })
  afterEach(async () => {
    await state[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })
  const enqueued: string[] = []
  const open = (fails = false) =>
    createDispatchStore(state, {
      enqueue: async (_transaction, id) => {
        if (fails) throw new Error('no room in the outbox')
        enqueued.push(id)
      },
    })

  describe(`what the dispatcher keeps on ${name}`, () => {
    test('a second process goes on where the first was', async () => {
      const store = open()
      const first = testMachine(policyOf(simpleYaml))
      const hard = { alertname: 'A', odd: 'quote " slash \\ null \u0000 emoji 🌊' }
      first.machine.receive([alertOf(hard), alertOf({ alertname: 'A', i: '2' })], seconds(0))
      first.until(seconds(10))
      first.machine.receive([alertOf({ alertname: 'A', i: '2' }, { endsAtMs: seconds(20) })], seconds(20))
      const { change } = first.recorder.take()
      await store.save(change)
      // the same once more changes nothing
      await store.save({ ...change, news: [] })
      const second = testMachine(policyOf(simpleYaml))
      second.machine.restore(await store.load(), seconds(30))
      expect(told(second.until(seconds(100)))).toEqual(['70s team changed A2! A'])
      expect([...second.machine.alerts.values()].map(({ alert }) => alert.labels.toObject())).toEqual([hard])
    })

    test('what was decided and what is sent are kept together or not at all', async () => {
      const { machine, until, recorder } = testMachine(policyOf(simpleYaml))
      machine.receive([alertOf({ alertname: 'A' })], seconds(0))
      until(seconds(10))
      const { change } = recorder.take()
      expect(change.news).toHaveLength(1)
      await expect(open(true).save(change)).rejects.toThrow('no room in the outbox')
      const { alerts, groups, told: kept } = await open().load()
      expect([[...alerts], [...groups], [...kept]]).toEqual([[], [], []])
    })

    test('many rows at once, and all of them go', async () => {
      const alerts = new Map(
        Array.from({ length: 1234 }, (_, i) => {
          const alert = holdAlert(alertOf({ alertname: 'A', i: String(i) }), 1000, startMs)
          return [alert.fingerprint, alert] as const
        }),
      )
      const none = { groups: new Map(), told: new Map(), news: [] }
      await open().save({ ...none, alerts })
      expect([...(await open().load()).alerts]).toHaveLength(1234)
      const gone: DispatchChange['alerts'] = new Map([...alerts.keys()].map((key) => [key, undefined]))
      await open().save({ ...none, alerts: gone })
      expect([...(await open().load()).alerts]).toEqual([])
    })

    test('silences and lines of the journal', async () => {
      const rows = createSilenceRows(state)
      const silence: Silence = {
        ...{ id: 's', matcherSets: [[{ name: 'a', value: 'b', isRegex: false, isEqual: true }]], startsAtMs: 1 },
        ...{ endsAtMs: 5, updatedAtMs: 1, createdBy: 'kim', comment: 'why', annotations: {} },
      }
      await rows.save([silence, { ...silence, id: 't', endsAtMs: 9 }])
      await rows.save([{ ...silence, comment: 'because' }])
      expect(await rows.count()).toBe(2)
      await rows.removeEndedBefore(9)
      expect((await rows.all()).map(({ id }) => id)).toEqual(['t'])
      const journal = new Journal({ state, clock })
      const entry = { atMs: 7, fingerprint: 'f', stage: 'routed', text: 'x', detail: { a: 1, b: true } } as const
      journal.record([entry])
      expect(await journal.read('f', { fromMs: 0, toMs: 10, limit: 5 })).toEqual([entry])
    })
  })
}
