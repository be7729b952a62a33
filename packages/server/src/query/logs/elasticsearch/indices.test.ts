import { logRecord } from '@tidewatch/core/log-record.ts'
import { compilePredicate } from '@tidewatch/logquery/match.ts'
import { everything, nothing } from '@tidewatch/logquery/predicate.ts'
import { describe, expect, test } from 'vitest'
import { indexOf, resolveDates, selectIndices } from './indices.ts'

const nowMs = Date.UTC(2026, 10, 22, 12)
const own = logRecord({ timeNs: BigInt(nowMs) * 1_000_000n })
const yesterday = logRecord({ timeNs: BigInt(nowMs - 86_400_000) * 1_000_000n })
const sent = (index: string) => logRecord({ ...own, resource: new Map([['index', index]]) })
const all = [own, yesterday, sent('wagob-logs-2026.11.22'), sent('wagob-logs-2026.11.21'), sent('audit')]

const alias = { index: 'wagob-logs-2026.11.22', filter: undefined, isWriteIndex: undefined }
const aliases = [
  { ...alias, name: 'today', predicate: everything },
  { ...alias, name: 'failed', predicate: nothing },
]

describe('indices', () => {
  test('every line has one', () => {
    expect(all.map(indexOf)).toEqual([
      'logs-2026.11.22',
      'logs-2026.11.21',
      'wagob-logs-2026.11.22',
      'wagob-logs-2026.11.21',
      'audit',
    ])
  })

  test.each([
    [undefined, [0, 1, 2, 3, 4]],
    ['_all', [0, 1, 2, 3, 4]],
    ['logs', [0, 1]],
    ['logs-2026.11.22', [0]],
    ['logs-*', [0, 1]],
    ['*logs-2026.11.2*,-*22', [1, 3]],
    ['wagob-logs', [2, 3]],
    ['wagob-*,audit,-wagob-logs-2026.11.21', [2, 4]],
    ['*-2026.11.21', [1, 3]],
    ['*.10.*', []],
    ['today', [2]],
    ['tod*', [2]],
    ['failed', []],
    ['<wagob-logs-{now/d-1d}>', [3]],
  ] as const)('%s', (expression, expected) => {
    const holds = compilePredicate(selectIndices(expression, { nowMs, aliases }).predicate)
    expect(all.flatMap((record, i) => (holds(record) ? [i] : []))).toEqual(expected)
  })

  test('dates in names are today', () => {
    expect(resolveDates('<logs-{now/d}>', nowMs)).toBe('logs-2026.11.22')
    expect(resolveDates('<a-{now/d-1d{yyyy-MM-dd|+01:00}}-b>', nowMs)).toBe('a-2026-11-21-b')
    expect(() => resolveDates('<logs-{soon}>', nowMs)).toThrow('date math')
    expect(() => resolveDates('<logs', nowMs)).toThrow('date math')
  })
})
