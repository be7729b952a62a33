import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import type { Head } from '../../head/head.ts'
import { createHead } from '../../head/head.ts'
import { createCardinality } from './cardinality.ts'
import type { CardinalityContext } from './port.ts'

const hourMs = 3_600_000
const startMs = Date.UTC(2026, 10, 21, 12)
const { signal } = new AbortController()

function makeHead(): Head {
  return createHead({
    ...{ clock: new FakeClock(startMs), hashKey: new Uint8Array(16), budgetBytes: 4 << 20, maxSeries: 100_000 },
  })
}

/** One sample at each of the times, hours from the start. */
function put(head: Head, labels: Readonly<Record<string, string>>, ...hours: number[]): void {
  const ref = head.index.resolve(defaultProject, Labels.from(labels))
  head.writer.append({
    length: hours.length,
    refs: new Uint32Array(hours.length).fill(ref),
    timesMs: Float64Array.from(hours, (hour) => startMs + hour * hourMs),
    values: new Float64Array(hours.length),
  })
}

function open(head: Head, context: Partial<CardinalityContext> = {}, nowHours = 0.01) {
  const clock = new FakeClock(startMs + nowHours * hourMs)
  const { survey, stats } = head
  return createCardinality({
    ...{ survey, stats, clock, knownProjects: () => [defaultProject] },
    context: () => ({ limits: new Map(), rules: [], ...context }),
  })
}

test('tells the TSDB status as Prometheus does, cut to a limit', async () => {
  using head = makeHead()
  for (let i = 0; i < 5; i++) put(head, { __name__: 'requests', job: 'api', path: `/p${i}` }, 0, 0.01)
  put(head, { __name__: 'up', job: 'api' }, -1, 0)
  const status = await open(head).tsdbStatus('all', { limit: 2, signal })
  expect(status).toEqual({
    headStats: {
      ...{ numSeries: 6, numLabelPairs: 8, chunkCount: 6 },
      ...{ minTime: startMs - hourMs, maxTime: startMs + 0.01 * hourMs },
    },
    seriesCountByMetricName: [
      { name: 'requests', value: 5 },
      { name: 'up', value: 1 },
    ],
    labelValueCountByLabelName: [
      { name: 'path', value: 5 },
      { name: '__name__', value: 2 },
    ],
    memoryInBytesByLabelName: [
      { name: '__name__', value: 42 },
      { name: 'job', value: 18 },
    ],
    seriesCountByLabelValuePair: [
      { name: 'job=api', value: 6 },
      { name: '__name__=requests', value: 5 },
    ],
  })
})

test('an empty head has a status too', async () => {
  using head = makeHead()
  const status = await open(head).tsdbStatus('all', { limit: 10, signal })
  expect(status).toMatchObject({ headStats: { numSeries: 0, chunkCount: 0 }, seriesCountByMetricName: [] })
  const report = await open(head).report(defaultProject, { limit: 10, signal })
  expect(report).toMatchObject({ series: 0, metrics: [], jobs: [], proposals: [] })
})

test('counts new series by hour, metric and job', async () => {
  using head = makeHead()
  put(head, { __name__: 'old', job: 'api' }, -30, 0)
  for (let i = 0; i < 3; i++) put(head, { __name__: 'pod_up', job: 'pods', pod: `a${i}` }, -2.5, -2.4)
  put(head, { __name__: 'pod_up', job: 'pods', pod: 'b' }, 0)
  const { churn, active, series } = await open(head).report(defaultProject, { limit: 10, signal })
  expect({ active, series }).toEqual({ active: 2, series: 5 })
  expect(churn.hours).toHaveLength(24)
  expect(churn.hours.filter(({ created }) => created > 0)).toEqual([
    { startMs: startMs - 3 * hourMs, created: 3 },
    { startMs, created: 1 },
  ])
  expect(churn.metrics).toEqual([{ name: 'pod_up', count: 4 }])
  expect(churn.jobs).toEqual([{ name: 'pods', count: 4 }])
})

test('holds jobs against their limits, by their largest target', async () => {
  using head = makeHead()
  for (let i = 0; i < 4; i++) put(head, { __name__: 'm', job: 'api', instance: 'a:1', i: String(i) }, 0)
  put(head, { __name__: 'm', job: 'api', instance: 'b:1', long_name: 'long value' }, 0)
  put(head, { __name__: 'pushed' }, -3)
  const limits = { samples: 10, labels: 4, labelNameLength: 0, labelValueLength: 200 }
  const { jobs } = await open(head, { limits: new Map([['api', limits]]) }).report(defaultProject, {
    limit: 10,
    signal,
  })
  expect(jobs).toEqual([
    {
      ...{ job: 'api', series: 5, active: 5, targets: 2, largestTarget: { instance: 'a:1', active: 4 } },
      ...{ labels: 4, labelNameLength: 9, labelValueLength: 10, limits },
    },
    {
      ...{ job: '', series: 1, active: 0, targets: 1, largestTarget: { instance: '', active: 0 } },
      ...{ labels: 1, labelNameLength: 8, labelValueLength: 6 },
    },
  ])
})

test('proposes to drop a label that only changes over time, and says what is saved', async () => {
  using head = makeHead()
  for (let i = 0; i < 150; i++)
    for (const path of ['/a', '/b'])
      put(head, { __name__: 'requests', job: 'api', build: `build-${i}`, path }, i * 0.1 - 20, i * 0.1 - 19.95)
  const limits = new Map([['api', { samples: 0, labels: 0, labelNameLength: 0, labelValueLength: 0 }]])
  const { proposals } = await open(head, { limits }).report(defaultProject, { limit: 10, signal })
  expect(proposals).toEqual([
    {
      ...{ kind: 'labeldrop', job: 'api', label: 'build', values: 150, series: 300, saved: 298, scraped: true },
      rule: '# scrape_configs, job_name: api\nmetric_relabel_configs:\n  - regex: build\n    action: labeldrop\n',
    },
  ])
})

test('where a label tells series apart that live side by side, the metric goes, and only one that no rule reads', async () => {
  using head = makeHead()
  for (let i = 0; i < 200; i++) put(head, { __name__: 'by_user', job: 'push', user: `u${i}` }, 0)
  for (let i = 0; i < 300; i++) put(head, { __name__: 'read', job: 'push', user: `u${i}` }, 0)
  const rules = [{ expr: 'sum by (job) (rate(read[5m])) > 1', texts: [] }]
  const { proposals } = await open(head, { rules }).report(defaultProject, { limit: 10, signal })
  expect(proposals).toMatchObject([{ kind: 'drop', metric: 'by_user', label: 'user', saved: 200, scraped: false }])
  expect(proposals[0]?.rule).toBe(
    '# at the sender of the job push, in its remote_write\nwrite_relabel_configs:\n  - source_labels: [__name__]\n    regex: by_user\n    action: drop\n',
  )
})

test('a label without which a series would become one that has none of it is not taken for harmless', async () => {
  using head = makeHead()
  put(head, { __name__: 'm', job: 'a' }, -3, 0)
  for (let i = 0; i < 120; i++) put(head, { __name__: 'm', job: 'a', shard: `s${i}` }, i * 0.02 - 3, i * 0.02 - 2.99)
  const { proposals } = await open(head).report(defaultProject, { limit: 10, signal })
  expect(proposals).toMatchObject([{ kind: 'drop', metric: 'm' }])
})

test('keeps labels that rules speak of, in matchers, groupings, joins, texts and templates', async () => {
  using head = makeHead()
  const names = ['matched', 'grouped', 'joined', 'replaced', 'told', 'free']
  for (const name of names) for (let i = 0; i < 120; i++) put(head, { __name__: 'm', job: 'a', [name]: `v${i}` }, 0)
  const rules = [
    { expr: 'sum by (grouped) (x{matched="1"}) / on (joined) group_left () y', texts: ['on {{ $labels.told }}'] },
    { expr: 'label_replace(y, "a", "$1", "replaced", "(.*)")', texts: [] },
  ]
  const { proposals } = await open(head, { rules }).report(defaultProject, { limit: 10, signal })
  expect(proposals.map(({ label }) => label)).toEqual(['free'])
})

test('tells the values of a label', () => {
  using head = makeHead()
  put(head, { __name__: 'a', path: '/x' }, 0)
  put(head, { __name__: 'b', path: '/x' }, 0)
  put(head, { __name__: 'b', path: '/y' }, 0)
  expect(open(head).labelValues(defaultProject, 'path', { limit: 1, signal })).toEqual({
    ...{ name: 'path', values: 2, top: [{ name: '/x', count: 2 }] },
  })
  expect(open(head).labelValues(defaultProject, 'none', { limit: 1, signal })).toMatchObject({ values: 0, top: [] })
})

test('never keeps the thread for long, also with many series', async () => {
  using head = makeHead()
  for (let i = 0; i < 60_000; i++) put(head, { __name__: `m${i % 50}`, job: 'a', user: `u${i}`, path: `/${i % 7}` }, 0)
  let turns = 0
  let counting = true
  const tick = (): void => {
    turns++
    if (counting) setImmediate(tick)
  }
  setImmediate(tick)
  await open(head).report(defaultProject, { limit: 20, signal })
  counting = false
  // the work is some 50 ms: others had their turns in between
  expect(turns).toBeGreaterThan(3)
})

test('stops where nobody waits any more', async () => {
  using head = makeHead()
  for (let i = 0; i < 50_000; i++) put(head, { __name__: 'm', i: String(i) }, 0)
  const abort = new AbortController()
  const counted = open(head).report(defaultProject, { limit: 20, signal: abort.signal })
  abort.abort(new Error('gone'))
  await expect(counted).rejects.toThrow('gone')
})
