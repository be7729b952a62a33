import { expect, test } from 'vitest'
import { createPatternMiner } from './miner.ts'
import { newSince, printPattern } from './pattern.ts'

function patternsOf(lines: readonly string[], wildcard = '<*>'): readonly string[] {
  const miner = createPatternMiner()
  for (const line of lines) miner.add(line, 9, 0)
  return miner.summary().patterns.map((pattern) => printPattern(pattern, wildcard))
}

test.each([
  ['numbers', ['took 12 rows', 'took 7 rows'], 'took <*> rows'],
  ['hex', ['block 0xdeadbeef seen', 'block 0xcafe1234 seen'], 'block <*> seen'],
  ['hex without a digit', ['id deadbeef gone', 'id cafebabe gone'], 'id <*> gone'],
  ['uuids', ['session 6f1c0de2-6a3b-4c39-9b4f-0c1f8a4fd111 open'], 'session <*> open'],
  ['ips', ['from 10.0.0.1:443 closed', 'from 10.0.0.2:80 closed'], 'from <*>:<*> closed'],
  ['durations', ['done in 14.3ms', 'done in 2m3s'], 'done in <*>'],
  ['quoted texts', ['user "Ann Lee" left', "user 'Bo' left"], 'user "<*>" left'],
  ['fields', ['level=info status=200', 'level=info status=404'], 'level=info status=<*>'],
  ['paths keep their version', ['GET /api/v1/orders/17 ok', 'GET /api/v1/orders/18 ok'], 'GET /api/v1/orders/<*> ok'],
])('%s are variables', (_name, lines, pattern) => {
  expect(patternsOf(lines)).toEqual([pattern])
})

test('words that differ behind the first two become variables', () => {
  expect(patternsOf(['sign in of ann accepted', 'sign in of bob accepted'])).toEqual(['sign in of <*> accepted'])
})

test('what is printed for a variable is the choice of who prints', () => {
  expect(patternsOf(['took 12 rows'], '<_>')).toEqual(['took <_> rows'])
})

test('lines that share little stay apart', () => {
  expect(patternsOf(['cache hit for key alpha', 'cache hit for shard beta'])).toHaveLength(1)
  expect(patternsOf(['cache hit for key alpha beta', 'cache hit on shard gamma delta'])).toHaveLength(2)
})

test('counts go by severity and minute', () => {
  const miner = createPatternMiner()
  miner.add('took 1 ms', 9, 61_000)
  miner.add('took 2 ms', 17, 62_000)
  miner.add('took 3 ms', 17, 125_000)
  const [pattern] = miner.summary().patterns
  expect(pattern).toMatchObject({ count: 3, firstMs: 61_000, lastMs: 125_000, bySeverity: [0, 0, 0, 1, 0, 2, 0] })
  expect(pattern.minutes).toEqual([
    { minuteMs: 60_000, bySeverity: [0, 0, 0, 1, 0, 1, 0] },
    { minuteMs: 120_000, bySeverity: [0, 0, 0, 0, 0, 1, 0] },
  ])
})

test('patterns since a deploy are those that never came before', () => {
  const miner = createPatternMiner()
  miner.add('old news 1', 9, 1000)
  miner.add('old news 2', 9, 5000)
  miner.add('panic: nil pointer', 21, 5000)
  expect(newSince(miner.summary(), 4000).map((pattern) => printPattern(pattern, '<*>'))).toEqual(['panic: nil pointer'])
})

test('the longest unseen template makes room and its lines count as others', () => {
  const miner = createPatternMiner({ maxPatterns: 2 })
  miner.add('alpha one two', 9, 0)
  miner.add('beta one two', 9, 0)
  miner.add('alpha one two', 9, 0)
  miner.add('gamma one two', 9, 0)
  const { patterns, otherCount } = miner.summary()
  expect(patterns.map((pattern) => printPattern(pattern, '<*>'))).toEqual(['alpha one two', 'gamma one two'])
  expect(otherCount).toBe(1)
})
