import { describe, expect, it } from 'vitest'
import { pushBody, valuesOf } from './body.ts'
import { namespacedName } from './names.ts'

const nowMs = Date.UTC(2026, 10, 21)
const read = (body: unknown) => valuesOf(pushBody.parse(body), nowMs).map(({ where: _, ...rest }) => rest)

describe('the body of a push', () => {
  it('is one value', () => {
    expect(read({ name: 'orders_open', value: 12 })).toEqual([
      { name: 'orders_open', labels: {}, value: 12, timeMs: nowMs },
    ])
    expect(
      read({
        namespace: 'MalarMarket',
        name: 'RequestCount',
        value: 1,
        timestamp: '2026-11-20T10:00:00Z',
        labels: { a: 1 },
      }),
    ).toEqual([
      { name: 'malar_market_request_count', labels: { a: '1' }, value: 1, timeMs: Date.UTC(2026, 10, 20, 10) },
    ])
  })

  it('is a group that shares labels and time', () => {
    expect(read({ labels: { run: '7' }, timestamp: 1_700_000_000.5, values: { jobs: 1, failed: 'NaN' } })).toEqual([
      { name: 'jobs', labels: { run: '7' }, value: 1, timeMs: 1_700_000_000_500 },
      { name: 'failed', labels: { run: '7' }, value: Number.NaN, timeMs: 1_700_000_000_500 },
    ])
    const metrics = [{ name: 'a', value: 1, labels: { run: '8' }, type: 'counter', timestamp: 1_700_000_000_000 }]
    expect(read({ labels: { run: '7', x: 'y' }, metrics })).toEqual([
      {
        ...{ name: 'a', labels: { run: '8', x: 'y' }, value: 1, timeMs: 1_700_000_000_000 },
        metadata: { type: 'counter', help: '', unit: '' },
      },
    ])
  })

  it('is a list', () => {
    expect(
      read([
        { name: 'a', value: 1 },
        { name: 'b', value: 2 },
      ]).map(({ name }) => name),
    ).toEqual(['a', 'b'])
  })

  it.each([
    [{ name: 'a' }, 'value'],
    [{ name: 'a', value: '1' }, 'value'],
    [{ name: 'a', value: 1, timestamp: '2026-11-20T10:00:00' }, 'timestamp'],
    [{ name: 'a', value: 1, timestamp: 'yesterday' }, 'timestamp'],
    [{ name: 'a', value: 1, lables: {} }, ''],
    [
      [
        { name: 'a', value: 1 },
        { name: '', value: 1 },
      ],
      '1.name',
    ],
    [[], ''],
    ['text', ''],
  ])('%j is refused at %s', (body, path) => {
    const found = pushBody.safeParse(body)
    expect(found.error?.issues[0]?.path.join('.')).toBe(path)
  })

  it('needs something of a name', () => {
    expect(() => read({ namespace: 'N', name: '///', value: 1 })).toThrow('nothing is left of the name')
  })
})

it.each([
  ['MalarMarket', 'RequestCount', 'malar_market_request_count'],
  ['AWS/EC2', 'CPUUtilization', 'aws_ec2_cpuutilization'],
  ['My App', 'p99 Latency (ms)', 'my_app_p99_latency_ms'],
  ['N', '4xxErrors', 'n_4xx_errors'],
  ['', '4xx', '_4xx'],
  ['N', 'Disk%', 'n_disk_percent'],
])('%s %s is %s', (namespace, name, made) => {
  expect(namespacedName(namespace, name)).toBe(made)
})
