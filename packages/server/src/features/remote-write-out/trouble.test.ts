import { AppError } from '@tidewatch/core/error.ts'
import { describe, expect, it } from 'vitest'
import { accept, apply, at, close, counters, open, prepare, seriesOf, settingsOf, until } from './fakes.ts'

prepare()

describe('a receiver that refuses or fails', () => {
  const away = new AppError('collect.unreachable', 'cannot reach at.receiver.test')

  it('gets it again after 5xx, 429 and no answer, later and later, or when it says', async () => {
    at.receiver.answers.push(500, away, 429, { status: 503, headers: { 'retry-after': '7' } })
    await apply(settingsOf())
    await accept([[1, 1, 1]])
    for (const [count, ms] of [
      [1, 30],
      [2, 60],
      [3, 120],
      [4, 7000],
    ] as const) {
      await until(() => at.receiver.requests.length === count && at.clock.sleeping >= 2)
      await at.clock.advance(ms - 1)
      expect(at.receiver.requests.length).toBe(count)
      await at.clock.advance(1)
    }
    await until(() => at.receiver.taken.length === 1)
    expect(counters()).toMatchObject({ sent: { samples: 1 }, retried: { samples: 4 }, failed: { samples: 0 } })
    expect(at.logger.lines).toEqual(['samples cannot be sent on; they are kept and tried again'])
  })

  it.each([400, 404, 413])('is not asked again after %i', async (status) => {
    at.receiver.answers.push(status)
    await apply(settingsOf())
    await accept([[1, 1, 1]])
    await accept([[1, 2, 2]])
    await until(() => at.receiver.taken.length === 1)
    expect(counters()).toMatchObject({ sent: { samples: 1 }, failed: { samples: 1 }, retried: { samples: 0 } })
    expect(at.logger.lines).toEqual(['the receiver refused samples; they are dropped'])
  })

  it('is not asked again after 429 where the configuration does not say so', async () => {
    at.receiver.answers.push(429)
    await apply(settingsOf({}, { retryOn429: false }))
    await accept([[1, 1, 1]])
    await until(() => counters().failed.samples === 1)
  })

  it('that knows version 1.0 alone and answers well all the same is found out', async () => {
    at.receiver.answers.push({ status: 204, headers: { 'x-prometheus-remote-write-samples-written': '0' } })
    await apply(settingsOf({ message: '2.0' }))
    await accept([[1, 1, 1]])
    await until(() => counters().failed.samples === 1)
    expect(counters().trouble).toContain('nothing was written')
  })

  it('gets no sample that is older than sample_age_limit', async () => {
    at.receiver.always = 500
    await apply(settingsOf({}, { sampleAgeLimitMs: 10_000 }))
    await accept([[1, 0, 1]])
    await until(() => at.receiver.requests.length === 1)
    at.clock.jump(20_000)
    await at.clock.advance(1000)
    await until(() => counters().dropped.too_old === 1)
    at.receiver.always = 204
    await accept([
      [1, 1, 1],
      [1, 15_000, 2],
    ])
    await until(() => at.receiver.taken.length === 1)
    expect(counters().dropped.too_old).toBe(2)
  })

  it('keeps no more in the spool than its bound, and no room that new samples need', async () => {
    await close()
    await open({ maxHeldBytes: 5000 })
    at.receiver.always = 500
    await apply(settingsOf())
    for (let i = 0; i < 40; i++) {
      await accept([[1, i, i]])
      await at.clock.advance(1000)
    }
    while (counters().dropped.behind === 0 || at.spool.status().bytes > 6000) await at.clock.advance(1000)
    expect(at.logger.lines).toContain('samples for a receiver that does not answer are dropped')
    at.isFull = true
    // one of them is being tried, and goes with the next attempt
    while (at.spool.reader('to-one').heldBytes() > 0) await at.clock.advance(1000)
    at.receiver.always = 204
    at.isFull = false
    await accept([[1, 1000, 5]])
    await at.clock.advance(5000)
    await until(() => at.receiver.taken.includes('x{job="own", n="1", site="a"} 1000 5'))
  })
})

describe('its place', () => {
  it('is kept over a restart: nothing is sent twice or left out', async () => {
    await apply(settingsOf())
    await accept([[1, 1, 1]])
    await until(() => at.receiver.taken.length === 1)
    at.receiver.always = 500
    await accept([[1, 2, 2]])
    await accept([[1, 3, 3]])
    await until(() => at.receiver.requests.length >= 2)
    await close()
    at.receiver.always = 204
    at.stored = [seriesOf(1)]
    await open()
    await apply(settingsOf())
    await until(() => at.receiver.taken.length === 3)
    expect(at.receiver.taken.map((line) => line.split(' ').at(-1))).toEqual(['1', '2', '3'])
  })

  it('goes on within a segment: what was answered for is not sent again', async () => {
    await apply(settingsOf({}, { maxSamplesPerSend: 10 }))
    at.receiver.answers.push(204, 204, 'hang')
    await accept(Array.from({ length: 50 }, (_, i) => [1, i, i] as const))
    await until(() => at.receiver.requests.length === 3)
    await close()
    await open()
    at.stored = [seriesOf(1)]
    await apply(settingsOf({}, { maxSamplesPerSend: 10 }))
    await until(() => at.receiver.taken.length >= 50)
    expect(at.receiver.taken.map((line) => Number(line.split(' ').at(-1)))).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    )
  })

  it('is kept by a changed configuration and given up by one without it', async () => {
    await apply(settingsOf())
    at.receiver.always = 500
    await accept([[1, 1, 1]])
    await until(() => at.receiver.requests.length > 0)
    const applied = apply(settingsOf({ headers: { b: '2' } }))
    await at.clock.advance(4000)
    await applied
    at.receiver.always = 204
    await at.clock.advance(1000)
    await until(() => at.receiver.taken.length === 1)
    expect(at.receiver.requests.at(-1)?.headers).toMatchObject({ b: '2' })
    expect(counters().sent.samples).toBe(1)
    await apply()
    expect(at.writes.status()).toEqual([])
    expect(at.spool.attached).toEqual([])
    await accept([[1, 2, 2]])
    await until(() => at.spool.status().segments === 0)
  })
})
