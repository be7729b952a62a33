import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, it } from 'vitest'
import type { Episode } from '../history/read.ts'
import { type Change, type Deployed, describePast, type PastParts } from './past.ts'

const minute = 60_000
const nowMs = Date.UTC(2026, 10, 21, 12)
const unused = (): never => expect.unreachable('not asked')

const episode = (name: string, agoMs: number, labels: Record<string, string> = {}): Episode => ({
  ...{ id: `${name}-${agoMs}`, fingerprint: name, name, severity: 'high', labels: { alertname: name, ...labels } },
  ...{ firedAtMs: nowMs - agoMs, endedAtMs: undefined, acknowledgedAtMs: undefined, acknowledgedBy: undefined },
  ...{ acknowledgedVia: undefined, flapped: false, notifications: 0, failures: 0, receivers: [] },
})

function partsOf(
  all: readonly Episode[],
  changes: readonly Change[] = [],
  deploys: readonly Deployed[] = [],
): PastParts {
  return {
    ...{
      groups: () => [],
      configured: () => [],
      defaults: () => ({ intervalMs: minute, queryOffsetMs: 0 }),
      machine: unused,
      context: unused,
    },
    ...{ silences: { silencesOf: unused, find: unused }, acknowledgements: unused },
    ...{ journal: { read: unused, readRule: unused }, queries: { vector: unused, matrix: unused } },
    clock: new FakeClock(nowMs),
    episodes: {
      page: async ({ fromMs, toMs, fingerprint }) => ({
        episodes: all
          .filter((one) => fingerprint === undefined || one.fingerprint === fingerprint)
          .filter(({ firedAtMs }) => firedAtMs <= toMs && firedAtMs >= fromMs)
          .sort((a, b) => b.firedAtMs - a.firedAtMs),
      }),
    },
    deploys: async (fromMs, toMs) => deploys.filter(({ atMs }) => atMs >= fromMs && atMs < toMs),
    changes: async (fromMs, toMs) => changes.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs),
  }
}

it('names what happened in the half hour before: changes and what is about the same thing first, then what is rare', async () => {
  const all = [
    episode('SlowApi', 10 * minute, { service: 'api' }),
    episode('SlowApi', 50_000 * minute, { service: 'api' }),
    episode('SlowApi', 9000 * minute, { service: 'api' }),
    episode('DbDown', 15 * minute, { service: 'api', zone: 'a' }),
    episode('Noise', 12 * minute),
    episode('Noise', 100 * minute),
    episode('Rare', 30 * minute),
    episode('Old', 45 * minute),
    episode('Later', 5 * minute),
  ]
  const change = { atMs: nowMs - 20 * minute, who: 'mara', action: 'silence.end', subject: 's1' }
  const early = { ...change, atMs: nowMs - 90 * minute }
  const past = await describePast('SlowApi', partsOf(all, [change, early]))
  expect(past.suspects.map(({ title, timesBefore, text }) => [title, timesBefore, text])).toEqual([
    ['DbDown', 0, 'high, also of service=api'],
    ['silence.end', undefined, 'mara: s1'],
    ['Rare', 0, 'high'],
    ['Noise', 1, 'high'],
  ])
  expect(past.beganMs).toBe(nowMs - 10 * minute)
  expect(past.episodes.map(({ firedAtMs }) => (nowMs - firedAtMs) / minute)).toEqual([10, 9000])
})

it('knows nothing of what never fired', async () => {
  expect(await describePast('New', partsOf([]))).toMatchObject({ suspects: [], episodes: [] })
})

it('names deploys: of the service before all others, and of others behind what is about the same thing', async () => {
  const all = [
    episode('SlowApi', 10 * minute, { service: 'api', env: 'live' }),
    episode('DbDown', 15 * minute, { service: 'api' }),
  ]
  const deploy = { service: 'api', environment: 'live', release: '2.0', atMs: nowMs - 20 * minute }
  const deploys = [
    deploy,
    { ...deploy, environment: 'test', atMs: nowMs - 12 * minute },
    { ...deploy, service: 'web', environment: '', atMs: nowMs - 11 * minute },
    { ...deploy, atMs: nowMs - 50 * minute },
  ]
  const past = await describePast('SlowApi', partsOf(all, [], deploys))
  expect(past.suspects.map(({ kind, title, text }) => [kind, title, text])).toEqual([
    ['deploy', 'deploy of api', '2.0 in live'],
    ['alert', 'DbDown', 'high, also of service=api'],
    ['deploy', 'deploy of web', '2.0'],
    ['deploy', 'deploy of api', '2.0 in test'],
  ])
})
