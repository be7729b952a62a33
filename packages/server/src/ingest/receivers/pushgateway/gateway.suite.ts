// Groups on a state of their own: run on SQLite beside this file, on Postgres in tests/counterparts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { isStaleHistogram, type NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '../../../self/logger.ts'
import { createTaskGroup } from '../../../self/task-group.ts'
import type { StateStore } from '../../../state/port.ts'
import { createStateStore } from '../../../state/store.ts'
import { fakeParts } from '../../fakes.ts'
import { exposeText } from './expose.ts'
import type { FamilyType, Pushed } from './families.ts'
import { Gateway } from './gateway.ts'
import { pushgatewayState } from './state.ts'

const signal = new AbortController().signal
const put = { replaces: true, signal }
const post = { replaces: false, signal }
const stale = '7ff0000000000002'

const native: NativeHistogram = {
  ...{ schema: 3, counterResetHint: 'unknown', count: 6, sum: 1.5, zeroThreshold: 0.001, zeroCount: 1 },
  ...{ positiveSpans: [{ offset: -2, length: 2 }], positiveBuckets: Float64Array.of(2, 3) },
  ...{ negativeSpans: [], negativeBuckets: new Float64Array(0), customValues: [], isInteger: true },
}

/** `name{...}` to value; a histogram's family is named by `of`. */
function pushedOf(
  samples: Readonly<Record<string, number>>,
  { type = 'untyped', of, hasTimes = false }: { type?: FamilyType; of?: string; hasTimes?: boolean } = {},
): Pushed {
  const families = Object.entries(samples).map(([name, value]) => ({
    name: of ?? name,
    type,
    help: `Help of ${name}.`,
    samples: [{ flat: ['__name__', name, 'pushed', 'yes', 'job', 'overwritten'], value }],
  }))
  return { families, hasTimes }
}

export function gatewaySuite(title: string, freshDatabase: () => string | undefined): void {
  describe(`pushed groups on ${title}`, () => {
    let dataDir: string
    let databaseUrl: string | undefined
    let parts: ReturnType<typeof fakeParts>
    let state: StateStore
    let gateway: Gateway
    const logger = createLogger({ clock: fakeParts().clock, format: 'json', level: 'error', write: () => undefined })

    const open = async (): Promise<Gateway> => {
      state = await createStateStore({
        ...{ dataDir, databaseUrl, env: {}, features: [pushgatewayState], clock: parts.clock, logger },
      })
      return another()
    }
    const another = ({ acceptor } = parts, countLeftOut = (): void => undefined): Gateway =>
      new Gateway({
        ...{ acceptor, clock: parts.clock, countLeftOut, state, wantsZeroSamples: () => false },
        tasks: createTaskGroup({ clock: parts.clock, logger, onFatal: () => undefined }),
        readExposition: async () => undefined,
        otlp: () => expect.unreachable('a push is no OTLP'),
      })
    const group = (labels: Readonly<Record<string, string>>, project = defaultProject) => ({
      project,
      grouping: Object.entries(labels),
    })
    /** What was stored since the last call, without the times of pushes. */
    const stored = (): string[] =>
      parts.inHead
        .splice(0)
        .map(({ ref, bits }) => ({ labels: parts.index.labels(ref as never), bits }))
        .filter(({ labels }) => !labels.get('__name__').endsWith('_time_seconds'))
        .map(({ labels, bits }) => `${labels} ${bits === stale ? 'stale' : numberOf(bits)}`)

    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-pushgateway-'))
      databaseUrl = freshDatabase()
      parts = fakeParts()
      gateway = await open()
    })
    afterEach(async () => {
      await state[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true })
    })

    test('a push is stored at once, under the labels of its path', async () => {
      await gateway.push(group({ job: 'backup', path: '/var' }), pushedOf({ size: 3 }), put)
      expect(parts.inHead.map(({ timeMs }) => timeMs)).toEqual(Array(3).fill(parts.clock.nowMs()))
      expect(stored()).toEqual(['size{job="backup", path="/var", pushed="yes"} 3'])
    })

    test('POST replaces metrics of the same names, PUT the whole group; what is gone is stale', async () => {
      const to = group({ job: 'a' })
      await gateway.push(to, pushedOf({ one: 1, two: 2 }), put)
      stored()
      await gateway.push(to, pushedOf({ two: 22 }), post)
      expect(stored()).toEqual(['one{job="a", pushed="yes"} 1', 'two{job="a", pushed="yes"} 22'])
      await gateway.push(to, pushedOf({ two: 222 }), put)
      expect(stored()).toEqual(['two{job="a", pushed="yes"} 222', 'one{job="a", pushed="yes"} stale'])
    })

    test('DELETE ends the series of that group alone, and a second one does nothing', async () => {
      await gateway.push(group({ job: 'a' }), pushedOf({ one: 1 }), put)
      await gateway.push(group({ job: 'a', instance: 'b' }), pushedOf({ one: 2 }), put)
      stored()
      await gateway.delete(defaultProject, group({ job: 'a' }).grouping)
      expect(stored()).toEqual(['one{job="a", pushed="yes"} stale'])
      await gateway.delete(defaultProject, group({ job: 'a' }).grouping)
      expect(stored()).toEqual([])
      expect((await gateway.groups(defaultProject)).map(({ grouping }) => grouping)).toEqual([
        group({ job: 'a', instance: 'b' }).grouping,
      ])
    })

    test('a native histogram is stored as that, kept over a restart, repeated, and ended', async () => {
      const to = group({ job: 'native' })
      const pushed = pushedOf({ seconds: 6 }, { type: 'histogram' })
      const families = pushed.families.map((family) => ({
        ...family,
        samples: family.samples.map((sample) => ({ ...sample, histogram: native })),
      }))
      await gateway.push(to, { ...pushed, families }, put)
      const [{ ref, histogram }] = parts.histogramsInHead
      expect(parts.index.labels(ref as never).toString()).toBe('seconds{job="native", pushed="yes"}')
      expect(histogram).toEqual(native)
      await state[Symbol.asyncDispose]()
      gateway = await open()
      const [{ families: kept }] = await gateway.groups(defaultProject)
      expect(kept[0].series[0].histogram).toEqual(native)
      expect(await exposeText(await gateway.groups(defaultProject))).not.toContain('\nseconds{')
      await gateway.delete(defaultProject, to.grouping)
      expect(parts.histogramsInHead.map((one) => isStaleHistogram(one.histogram))).toEqual([false, true])
    })

    test('times of pushes: zero before the first, and kept where only the other changes', async () => {
      const times = async (): Promise<unknown> =>
        (await gateway.groups(defaultProject)).map(({ pushedAtMs, failedAtMs }) => [pushedAtMs, failedAtMs])
      const startMs = parts.clock.nowMs()
      const to = group({ job: 'a' })
      expect(await gateway.push(to, pushedOf({ one: 1 }, { hasTimes: true }), put)).toBe(
        'pushed metrics must not have timestamps',
      )
      expect(await times()).toEqual([[0, startMs]])
      await parts.clock.advance(1000)
      await gateway.push(to, pushedOf({ one: 1 }), put)
      expect(await times()).toEqual([[startMs + 1000, startMs]])
      await parts.clock.advance(1000)
      await gateway.push(to, pushedOf({ one: 1 }, { hasTimes: true }), put)
      expect(await times()).toEqual([[startMs + 1000, startMs + 2000]])
      expect((await gateway.groups(defaultProject))[0].families).toHaveLength(1)
    })

    test.each([
      [
        'another type',
        pushedOf({ one: 1 }, { type: 'gauge' }),
        'metric "one" is a gauge, but a counter in another group',
      ],
      [
        'a name that a histogram needs',
        pushedOf({ h_count: 1 }, { type: 'gauge' }),
        'metric "h_count" collides with the histogram "h"',
      ],
      [
        'a summary of a name whose count is there',
        pushedOf({ g_sum: 1 }, { type: 'summary', of: 'g' }),
        'summary "g" collides with the metric "g_count"',
      ],
      [
        'a series twice',
        { ...pushedOf({}), families: [...pushedOf({ x: 1 }).families, ...pushedOf({ x: 2 }).families] },
        'x{job="b", pushed="yes"} comes twice with the same name and label values',
      ],
    ])('%s is refused and changes nothing', async (_, pushed, complaint) => {
      await gateway.push(group({ job: 'a' }), pushedOf({ one: 1 }, { type: 'counter' }), post)
      await gateway.push(group({ job: 'a' }), pushedOf({ h_sum: 1 }, { type: 'histogram', of: 'h' }), post)
      await gateway.push(group({ job: 'a' }), pushedOf({ g_count: 1 }, { type: 'counter' }), post)
      await gateway.push(group({ job: 'b' }), pushedOf({ other: 1 }), put)
      stored()
      expect(await gateway.push(group({ job: 'b' }), pushed, put)).toBe(complaint)
      expect(stored()).toEqual(['other{job="b", pushed="yes"} 1'])
    })

    test('a series of another group is refused, and groups of other projects do not count', async () => {
      await gateway.push(group({ job: 'a', pushed: 'yes' }), pushedOf({ one: 1 }), put)
      const same = group({ job: 'a', pushed: 'yes', instance: '' })
      expect(await gateway.push(same, pushedOf({ one: 1 }), put)).toBe(
        'one{job="a", pushed="yes"} is in another group already',
      )
      const elsewhere = group({ job: 'a' }, 7 as ProjectId)
      expect(await gateway.push(elsewhere, pushedOf({ one: 1 }, { type: 'gauge' }), put)).toBeUndefined()
      expect(await gateway.groups(defaultProject)).toHaveLength(1)
    })

    test('a type may change once the other group is gone', async () => {
      await gateway.push(group({ job: 'a' }), pushedOf({ one: 1 }, { type: 'counter' }), put)
      const push = () => gateway.push(group({ job: 'b' }), pushedOf({ one: 1 }, { type: 'gauge' }), put)
      expect(await push()).toBeDefined()
      await gateway.delete(defaultProject, group({ job: 'a' }).grouping)
      expect(await push()).toBeUndefined()
    })

    test('what cannot be stored is not kept either', async () => {
      parts.spool.refuseAppends = true
      await expect(gateway.push(group({ job: 'a' }), pushedOf({ one: 1 }), put)).rejects.toMatchObject({
        code: 'spool.disk_full',
      })
      parts.spool.refuseAppends = false
      expect(await gateway.groups(defaultProject)).toEqual([])
      await gateway.push(group({ job: 'a' }), pushedOf({ one: 1 }), put)
      expect(await gateway.groups(defaultProject)).toHaveLength(1)
    })

    test('groups are there after a restart, with values that JSON does not have', async () => {
      const values = { inf: Number.NEGATIVE_INFINITY, nan: Number.NaN, zero: -0, small: 5e-324 }
      await gateway.push(group({ job: 'a', empty: '' }), pushedOf(values), put)
      const before = await gateway.groups(defaultProject)
      await state[Symbol.asyncDispose]()
      gateway = await open()
      expect(await gateway.groups(defaultProject)).toEqual(before)
      expect(before[0].families.map(({ series }) => series[0].value)).toEqual(Object.values(values))
    })

    test('is repeated every 15 s, after a restart too; what another process deleted is marked stale', async () => {
      const other = another()
      await other.push(group({ job: 'a' }), pushedOf({ one: 1 }), put)
      const stop = new AbortController()
      const keeping = gateway.keep(stop.signal)
      await untilSleeping()
      stored()
      await advance()
      expect(stored()).toEqual(['one{job="a", pushed="yes"} 1'])
      await advance()
      expect(stored()).toEqual(['one{job="a", pushed="yes"} 1'])
      await other.delete(defaultProject, group({ job: 'a' }).grouping)
      stored()
      await advance()
      expect(stored()).toEqual(['one{job="a", pushed="yes"} stale'])
      await advance()
      expect(stored()).toEqual([])
      stop.abort()
      await keeping
    })

    test('a series that there is no room for after a start does not keep the others from being repeated', async () => {
      await gateway.push(group({ job: 'a' }), pushedOf({ one: 1, two: 2 }), put)
      const small = fakeParts()
      small.index.maxSeries = 3
      let leftOut = 0
      const stop = new AbortController()
      const keeping = another(small, () => void leftOut++).keep(stop.signal)
      await untilSleeping()
      await advance()
      expect([small.inHead.length, leftOut]).toEqual([3, 1])
      stop.abort()
      await keeping
    })

    test('wipe deletes the groups of the project', async () => {
      await gateway.push(group({ job: 'a' }), pushedOf({ one: 1 }), put)
      await gateway.push(group({ job: 'b' }), pushedOf({ one: 2 }), put)
      await gateway.push(group({ job: 'b' }, 7 as ProjectId), pushedOf({ one: 2 }), put)
      stored()
      await gateway.wipe(defaultProject)
      expect(stored()).toEqual(['one{job="a", pushed="yes"} stale', 'one{job="b", pushed="yes"} stale'])
      expect(await gateway.groups(defaultProject)).toEqual([])
      expect(await another().groups(defaultProject)).toEqual([])
      expect(await another().groups(7 as ProjectId)).toHaveLength(1)
    })

    test('pushes side by side, of several processes, are all there', async () => {
      const other = another()
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? gateway : other).push(group({ job: `j${i % 10}` }), pushedOf({ [`m${i}`]: i }), post),
        ),
      )
      for (const one of [gateway, other, another()]) {
        const groups = await one.groups(defaultProject)
        expect(groups.map(({ families }) => families.length)).toEqual(Array(10).fill(2))
      }
    })

    test('a group too large is refused', async () => {
      const samples = Array.from({ length: 10_001 }, (_, i) => ({ flat: ['__name__', 'm', 'i', String(i)], value: i }))
      const pushed = {
        families: [{ name: 'm', type: 'gauge' as const, help: '', samples }],
        hasTimes: false,
      }
      await expect(gateway.push(group({ job: 'a' }), pushed, put)).rejects.toMatchObject({
        code: 'ingest.too_many_series',
        message: 'the group has more than 10000 series',
      })
    })

    /** Real I/O lies between two sleeps: the repeating has done its work when it sleeps again. */
    async function untilSleeping(): Promise<void> {
      while (parts.clock.sleeping === 0) await new Promise((done) => setImmediate(done))
    }
    async function advance(): Promise<void> {
      await parts.clock.advance(15_000)
      await untilSleeping()
    }
  })
}

function numberOf(bits: string): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt(`0x${bits}`))
  return view.getFloat64(0)
}
