import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { describe, expect, it } from 'vitest'
import { KeepingAcceptor } from '../otlp/testing/receiver.ts'
import { Aggregator } from './aggregator.ts'
import { type LineOutcome, StatsdParser } from './parse.ts'

function open({ maxSeries = 100 } = {}) {
  const acceptor = new KeepingAcceptor()
  const clock = new FakeClock()
  const outcomes: LineOutcome[] = []
  const aggregator = new Aggregator({
    ...{ acceptor, clock, maxSeries, expireMs: 60_000 },
    ...{ timerBuckets: [0.1, 1], histogramBuckets: [10] },
  })
  const parser = new StatsdParser({
    target: (head) => aggregator.target(head),
    outcome: (outcome) => void outcomes.push(outcome),
  })
  return {
    ...{ acceptor, clock, outcomes, aggregator },
    send: (text: string) => parser.packet(Buffer.from(text)),
    async flush(ms = 10_000) {
      await clock.advance(ms)
      if (await aggregator.flush()) parser.forget()
      return acceptor.stored()
    },
  }
}

describe('StatsD', () => {
  it('counts since the start, by tags, with sample rates', async () => {
    const { send, flush, acceptor } = open()
    send('page.views:1|c|#route:/a,env:prod\npage.views:2|c|@0.5|#route:/a,env:prod\n')
    send('page.views:3:4|c|#env:prod,route:/a|c:container|T1')
    const series = 'page_views{env="prod", route="/a"}'
    // it begins at zero, so that the first count is an increase
    expect((await flush()).values(series)).toEqual([0, 12])
    send('page.views:1|c|#route:/a,env:prod')
    expect((await flush()).values(series)).toEqual([0, 12, 13])
    expect((await flush()).values(series)).toEqual([0, 12, 13, 13])
    expect(acceptor.metadata.get('page_views')).toMatchObject({ type: 'counter' })
  })

  it('keeps gauges, changes them by signs, counts members of sets by interval', async () => {
    const { send, flush } = open()
    send('g:5|g\ng:+2.5|g\ng:-1|g\ns:a|s\ns:b|s\ns:a|s\n')
    expect((await flush()).all()).toEqual({ g: 6.5, s: 2 })
    expect((await flush()).all()).toEqual({ g: 6.5, s: 0 })
  })

  it('makes histograms of timers, in seconds, and of histograms and distributions', async () => {
    const { send, flush } = open()
    send('t:50|ms\nt:500|ms|@0.5\nh:7|h\nd:20|d')
    const stored = await flush()
    expect(stored.all()).toEqual({
      ...{ t_sum: 1.05, t_count: 3, 't_bucket{le="0.1"}': 1, 't_bucket{le="1.0"}': 3, 't_bucket{le="+Inf"}': 3 },
      ...{ h_sum: 7, h_count: 1, 'h_bucket{le="10.0"}': 1, 'h_bucket{le="+Inf"}': 1 },
      ...{ d_sum: 20, d_count: 1, 'd_bucket{le="10.0"}': 0, 'd_bucket{le="+Inf"}': 1 },
    })
    const native = stored.histograms.filter(({ series }) => series === 't')
    expect(native.map(({ histogram }) => histogram.count)).toEqual([0, 3])
    expect([...(native[1]?.histogram.positiveBuckets ?? [])].filter(Boolean)).toEqual([1, 2])
  })

  it('loses nothing where a flush cannot be stored', async () => {
    const { send, flush, acceptor } = open()
    send('c:2|c\ns:a|s')
    acceptor.failure = new Error('full')
    await expect(flush()).rejects.toThrow('full')
    send('c:1|c\ns:b|s')
    expect((await flush()).all()).toEqual({ c: 3, s: 2 })
  })

  it('ends what nobody sends any more', async () => {
    const { send, flush, aggregator } = open()
    send('c:2|c\ng:1|g')
    await flush()
    send('g:1|g')
    await flush(45_000)
    expect(aggregator.size).toBe(2)
    send('g:2|g')
    const stored = await flush(10_000)
    expect(stored.bits('c').at(-1)).toBe('7ff0000000000002')
    expect(stored.newest('g')).toBe(2)
    expect(aggregator.size).toBe(1)
    send('c:5|g')
    expect((await flush()).newest('c')).toBe(5)
  })

  it.each<[string, LineOutcome]>([
    ['a.b-c:1|c', 'accepted'],
    ['a:1.5e3|g|#t', 'accepted'],
    ['a:1|c|@0.1|#x:y', 'accepted'],
    ['_e{5,4}:title|text', 'ignored'],
    ['_sc|name|0', 'ignored'],
    ['bad', 'malformed'],
    [':1|c', 'malformed'],
    ['a:|c', 'malformed'],
    ['a:1', 'malformed'],
    ['a:1|x', 'malformed'],
    ['a:x|c', 'malformed'],
    ['a:-1|c', 'malformed'],
    ['a:1|c|@0', 'malformed'],
    ['a:1|c|@2', 'malformed'],
    ['a:1:x|c', 'malformed'],
    [`${'n'.repeat(9000)}:1|c`, 'malformed'],
  ])('%s is %s', (line, outcome) => {
    const { send, outcomes } = open()
    send(line)
    expect(outcomes).toEqual([outcome])
  })

  it('takes no bytes that are no UTF-8, and none of many random ones ends it', () => {
    const { outcomes, send } = open()
    for (let seed = 1; seed < 400; seed++) {
      const bytes = Uint8Array.from({ length: seed % 60 }, (_, i) => (seed * 7919 + i * 104_729) % 256)
      send(Buffer.from(bytes).toString('latin1'))
    }
    expect(outcomes.length).toBeGreaterThan(100)
  })

  it('has room for so many metrics, and one kind for a name', async () => {
    const { send, outcomes, flush } = open({ maxSeries: 2 })
    send('a:1|c\nb:1|c\nc:1|c\na:1|c\na:1|g\n')
    expect(outcomes).toEqual(['accepted', 'accepted', 'too_many_series', 'accepted', 'conflict'])
    expect((await flush()).all()).toEqual({ a: 2, b: 1 })
  })
})
