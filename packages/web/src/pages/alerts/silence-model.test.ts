import type { GettableSilence } from '@tidewatch/api/alertmanager.ts'
import { describe, expect, it } from 'vitest'
import { fromInput, missingOf, startOf, toInput } from './silence-model.ts'

const nowMs = Date.UTC(2026, 10, 21, 3, 14)
const hourMs = 3_600_000
const silence = (state: GettableSilence['status']['state']): GettableSilence => ({
  id: 'abc',
  status: { state },
  matchers: [{ name: 'team', value: 'db', isRegex: false, isEqual: true }],
  startsAt: new Date(nowMs - 3 * hourMs).toISOString(),
  endsAt: new Date(nowMs - hourMs).toISOString(),
  updatedAt: new Date(nowMs).toISOString(),
  createdBy: 'Mara',
  comment: 'migration',
})

describe('where a form begins', () => {
  it('keeps the times of one that is changed', () => {
    expect(startOf(silence('active'), nowMs)).toMatchObject({ id: 'abc', endsAtMs: nowMs - hourMs })
  })

  it('makes one that has ended again, as long as it was, under a new id', () => {
    const start = startOf(silence('expired'), nowMs)
    expect(start).toMatchObject({ comment: 'migration', endsAtMs: nowMs + 2 * hourMs })
    expect(start.id).toBeUndefined()
    expect(start.startsAtMs).toBeUndefined()
  })
})

it('writes and reads times of an input', () => {
  expect(toInput(nowMs, 'utc')).toBe('2026-11-21T03:14')
  expect(fromInput('2026-11-21T03:14', 'utc')).toBe(nowMs)
  expect(fromInput('2026-11-21T03:14', 'local')).toBe(new Date(2026, 10, 21, 3, 14).getTime())
  expect(fromInput('', 'utc')).toBeUndefined()
})

describe('what is missing', () => {
  const good = {
    matchers: [{ name: 'team', op: '=', value: 'db' }],
    startsAtMs: undefined,
    endsAtMs: nowMs + hourMs,
    comment: 'why',
  } as const
  it.each([
    [{}, undefined],
    [{ matchers: [] }, /Add a label/],
    [{ matchers: [{ name: ' ', op: '=', value: 'db' }] }, /Name the label/],
    [{ matchers: [{ name: 'a', op: '=', value: '' }] }, /must ask for a value/],
    [{ endsAtMs: undefined }, /when it ends/],
    [{ endsAtMs: nowMs }, /end after/],
    [{ startsAtMs: nowMs + 2 * hourMs }, /end after/],
    [{ comment: ' ' }, /Say why/],
  ] as const)('%j', (part, words) => {
    const said = missingOf({ ...good, ...part }, nowMs)
    if (words === undefined) expect(said).toBeUndefined()
    else expect(said).toMatch(words)
  })
})
