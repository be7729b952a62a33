import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPatternMiner, mergeSummaries } from './miner.ts'
import { printPattern } from './pattern.ts'

const word = fc.constantFrom(
  'request',
  'done',
  'user',
  'GET',
  '/api/v1/x',
  'failed',
  'a=b',
  '"quoted',
  'x1',
  '0xff',
  '17ms',
  '…',
  "don't",
  '',
  '[',
)
const line = fc.oneof(
  fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const lines = fc.array(fc.record({ body: line, severity: fc.nat(30), timeMs: fc.nat(1e9) }), { maxLength: 200 })

test('a line matches its own template, whatever came before it', () => {
  fc.assert(
    fc.property(lines, (all) => {
      const miner = createPatternMiner()
      for (const { body, severity, timeMs } of all) {
        expect(miner.matches(miner.add(body, severity, timeMs), body)).toBe(true)
      }
    }),
  )
})

test('a line matches its template after others have widened it', () => {
  fc.assert(
    fc.property(lines, (all) => {
      const miner = createPatternMiner()
      const ids = all.map(({ body, severity, timeMs }) => miner.add(body, severity, timeMs))
      all.forEach(({ body }, i) => {
        expect(miner.matches(ids[i], body)).toBe(true)
      })
    }),
  )
})

test('the same lines make the same templates', () => {
  fc.assert(
    fc.property(lines, (all) => {
      const [one, two] = [createPatternMiner(), createPatternMiner()]
      for (const { body, severity, timeMs } of all) {
        expect(one.add(body, severity, timeMs)).toBe(two.add(body, severity, timeMs))
      }
      expect(one.summary()).toEqual(two.summary())
    }),
  )
})

test('templates are bounded and no line is lost from the counts', () => {
  fc.assert(
    fc.property(lines, fc.integer({ min: 1, max: 20 }), (all, maxPatterns) => {
      const miner = createPatternMiner({ maxPatterns, maxTokens: 8, maxMinutes: 5 })
      for (const { body, severity, timeMs } of all) miner.add(body, severity, timeMs)
      const { patterns, otherCount } = miner.summary()
      expect(patterns.length).toBeLessThanOrEqual(maxPatterns)
      expect(patterns.reduce((sum, { count }) => sum + count, otherCount)).toBe(all.length)
      for (const pattern of patterns) {
        expect(pattern.minutes.length).toBeLessThanOrEqual(5)
        expect(pattern.bySeverity.reduce((sum, count) => sum + count, 0)).toBe(pattern.count)
      }
    }),
  )
})

test('summaries of two halves count what one of all counts', () => {
  fc.assert(
    fc.property(lines, lines, (left, right) => {
      const [one, two] = [createPatternMiner(), createPatternMiner()]
      for (const { body, severity, timeMs } of left) one.add(body, severity, timeMs)
      for (const { body, severity, timeMs } of right) two.add(body, severity, timeMs)
      const merged = mergeSummaries([one.summary(), two.summary()])
      const counted = merged.patterns.reduce((sum, { count }) => sum + count, merged.otherCount)
      expect(counted).toBe(left.length + right.length)
    }),
  )
})

test('a summary merged with nothing keeps its templates', () => {
  const miner = createPatternMiner()
  for (let i = 0; i < 50; i++)
    miner.add(`job settlement-${i} finished, ${i * 3} rows written for "user ${i}"`, 9, i * 60_000)
  const summary = miner.summary()
  const merged = mergeSummaries([summary])
  expect(merged.patterns.map((pattern) => printPattern(pattern, '<*>'))).toEqual(
    summary.patterns.map((pattern) => printPattern(pattern, '<*>')),
  )
  expect(merged.patterns[0].minutes).toEqual(summary.patterns[0].minutes)
})
