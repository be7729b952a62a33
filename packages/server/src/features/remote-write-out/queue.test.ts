import { describe, expect, it } from 'vitest'
import {
  accept,
  apply,
  at,
  counters,
  encoder,
  prepare,
  type Rule,
  seriesOf,
  settingsOf,
  startMs,
  until,
} from './fakes.ts'

prepare()

describe('what is sent', () => {
  it('is what was accepted, with external labels where a series has none of its own, stale markers as they are', async () => {
    await apply(settingsOf())
    await accept([
      [1, 10, 0.5],
      [2, 10, -0],
      [1, 20, Number.NaN],
    ])
    await until(() => at.receiver.taken.length === 3)
    expect(at.receiver.taken).toEqual([
      'x{job="own", n="1", site="a"} 10 0.5',
      'x{job="ours", n="2", site="a"} 10 0',
      'x{job="own", n="1", site="a"} 20 stale',
    ])
    expect(at.receiver.requests[0]?.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
      'user-agent': 'Tidewatch/9',
      'x-tenant': 't',
    })
  })

  it.each(['1.0', '2.0'] as const)(
    'has histograms and exemplars in version %s, if they are wanted',
    async (message) => {
      const { encodeHistogram } = await import('@tidewatch/core/native-histogram-codec.ts')
      const histogram = {
        schema: 3,
        counterResetHint: 'gauge' as const,
        count: 5,
        sum: 12.5,
        zeroThreshold: 0.001,
        zeroCount: 1,
        positiveSpans: [{ offset: -2, length: 2 }],
        positiveBuckets: Float64Array.of(1, 3),
        negativeSpans: [],
        negativeBuckets: new Float64Array(0),
        customValues: [],
        isInteger: true,
      }
      const send = () =>
        at.spool.append([
          encoder.series([seriesOf(1)]),
          encoder.histograms({
            length: 1,
            projects: new Uint32Array(1),
            ids: Uint32Array.of(1, 7),
            timesMs: Float64Array.of(startMs + 5),
            bytes: [encodeHistogram(histogram)],
          }),
          encoder.exemplars([{ ...seriesOf(1), timeMs: startMs + 5, value: 2.5, example: ['trace_id', 'abc'] }]),
        ])
      await apply(settingsOf({ message }))
      await send()
      await until(() => at.receiver.taken.length === 2)
      expect(at.receiver.taken.sort()).toEqual([
        'x{job="own", n="1", site="a"} # trace_id=abc 2.5',
        'x{job="own", n="1", site="a"} 5 count 5',
      ])
      expect(counters().sent).toMatchObject({ histograms: 1, exemplars: 1 })
      expect(counters().dropped.exemplar_alone).toBe(0)
      await apply(settingsOf({ message, sendExemplars: false, sendHistograms: false }))
      await send()
      await accept([[1, 6, 1]])
      await until(() => at.receiver.taken.length === 3)
      expect(at.receiver.taken[2]).toMatch(/ 6 1$/)
    },
  )

  it('is relabelled; what is dropped is counted', async () => {
    const dropOdd: Rule = (labels) => labels.get('job') !== 'own'
    const rename: Rule = (labels) => labels.set('n', `s${labels.get('n')}`) !== undefined
    await apply(settingsOf({ relabelRules: [dropOdd, rename] }))
    await accept([
      [1, 1, 1],
      [2, 1, 2],
      [3, 1, 3],
    ])
    await until(() => at.receiver.taken.length === 1)
    expect(at.receiver.taken).toEqual(['x{job="ours", n="s2", site="a"} 1 2'])
    expect(counters().dropped.relabelled).toBe(2)
  })

  it('goes in requests of max_samples_per_send, a series in order', async () => {
    await apply(settingsOf({}, { maxSamplesPerSend: 10, minShards: 3 }))
    await accept(Array.from({ length: 300 }, (_, i) => [i % 7, i, i] as const))
    await until(() => at.receiver.taken.length === 300)
    expect(Math.max(...at.receiver.sizes)).toBe(10)
    for (let n = 0; n < 7; n++) {
      const times = at.receiver.taken
        .filter((line) => line.includes(`n="${n}"`))
        .map((line) => Number(line.split(' ').at(-2)))
      expect(times).toEqual([...times].sort((a, b) => a - b))
      expect(times.length).toBeGreaterThan(40)
    }
  })

  it('has metadata of its own in version 1.0', async () => {
    await apply(settingsOf({ metadata: { send: true, everyMs: 60_000, maxPerSend: 500 } }))
    await until(() => at.receiver.taken.length === 1)
    expect(at.receiver.taken).toEqual(['meta x counter Some.'])
    await at.clock.advance(60_000)
    await until(() => at.receiver.taken.length === 2)
  })

  it('names series of former segments by the store, and counts those that nobody knows', async () => {
    at.stored = [seriesOf(2)]
    await apply(settingsOf())
    await accept(
      [
        [2, 1, 1],
        [4, 1, 1],
      ],
      { withSeries: false },
    )
    await until(() => counters().dropped.unknown_series === 1 && at.receiver.taken.length === 1)
    expect(at.receiver.taken).toEqual(['x{job="ours", n="2", site="a"} 1 1'])
  })
})
