import { expect, it } from 'vitest'
import { historyRows, readHistory, remember, toggleStar } from './history.ts'

const memory = () => {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
}

it('remembers what was asked, the newest first, each once', () => {
  const storage = memory()
  remember(storage, ['a', ' '])
  remember(storage, ['b'])
  remember(storage, ['a'])
  expect(readHistory(storage)).toEqual(['a', 'b'])
  storage.setItem('tidewatch.queries', '{broken')
  expect(readHistory(storage)).toEqual([])
})

it('keeps what has a star, first, and finds by words', () => {
  const storage = memory()
  remember(storage, ['rate(http_requests_total[5m])'])
  remember(storage, ['up'])
  expect(toggleStar(storage, 'rate(http_requests_total[5m])')).toHaveLength(1)
  expect(historyRows(storage, '')).toEqual([
    { query: 'rate(http_requests_total[5m])', starred: true },
    { query: 'up', starred: false },
  ])
  expect(historyRows(storage, 'HTTP rate').map(({ query }) => query)).toEqual(['rate(http_requests_total[5m])'])
  expect(historyRows(storage, 'nothing')).toEqual([])
  expect(toggleStar(storage, 'rate(http_requests_total[5m])')).toEqual([])
})

it('does without storage', () => {
  const forbidden = {
    getItem: () => {
      throw new Error('forbidden')
    },
    setItem: () => {
      throw new Error('forbidden')
    },
  }
  remember(forbidden, ['a'])
  expect(historyRows(forbidden, '')).toEqual([])
})
