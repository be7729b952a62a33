import { expect, it } from 'vitest'
import { newWords, sparkPath, templateParts, unusualWords, worstLevel } from './pattern-model.ts'

it('cuts a template where lines differ', () => {
  expect(templateParts('<*> paid <*> < ms')).toEqual([
    { text: '<*>', isFree: true, at: 0 },
    { text: ' paid ', isFree: false, at: 3 },
    { text: '<*>', isFree: true, at: 9 },
    { text: ' < ms', isFree: false, at: 12 },
  ])
})

it('names the worst level, where it is a warning or worse', () => {
  expect([worstLevel({ info: 5, warn: 1 }), worstLevel({ error: 1, fatal: 2 }), worstLevel({ info: 3 })]).toEqual([
    ...['warn', 'fatal', undefined],
  ])
})

it('draws the course', () => {
  expect(sparkPath([0, 2, 1], 20)).toBe('M1.1 20v-20h.8v20zM2.1 20v-10h.8v10z')
  expect(sparkPath([0, 0], 20)).toBe('')
})

it('says since when a pattern is new, and what is unusual about it', () => {
  const deploy = {
    id: 'a',
    service: 'shop',
    release: '1.1',
    environment: 'live',
    atMs: 1,
    source: 'lines',
    by: '',
  } as const
  expect([newWords({ deployId: 'a' }, [deploy]), newWords({}, [deploy]), newWords({ deployId: 'b' }, [])]).toEqual([
    ...['new since shop 1.1 in live', 'new', 'new'],
  ])
  const startMs = Date.UTC(2026, 10, 22, 14, 5)
  const unusual = { kind: 'spike', startMs, endMs: startMs + 60_000, expected: 3, observed: 90 } as const
  expect(unusualWords(unusual, 'utc')).toBe('90 lines 14:05 – 14:06, usually 3')
})
