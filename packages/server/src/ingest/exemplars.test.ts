import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { type ExemplarSample, SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { describe, expect, it } from 'vitest'
import { fakeParts, rowsOf } from './fakes.ts'

function parts(options: { readonly retentionMs?: number } = {}) {
  const made = fakeParts(options)
  const ref = made.acceptor.resolve(defaultProject, Labels.from({ __name__: 'h' }))
  const send = (...exemplars: Omit<ExemplarSample, 'ref'>[]) => {
    const batch = new SampleBatch(1)
    for (const exemplar of exemplars) batch.exemplars.push({ ref, ...exemplar })
    return made.acceptor.accept(batch)
  }
  return { ...made, send, now: made.clock.nowMs() }
}

describe('exemplars on their way in', () => {
  it('are written once, however often they are sent', async () => {
    const { send, now, spool, acceptor } = parts()
    const one = { timeMs: now, value: 1, labels: ['trace_id', 'a'] }
    const other = { ...one, labels: ['trace_id', 'b'] }
    expect(await send(one, one)).toMatchObject({ accepted: 0, exemplars: 2, refusedExemplars: 0 })
    expect(await send(one, other)).toMatchObject({ exemplars: 2 })
    await send(other, one)
    expect(rowsOf(spool, 'exemplars')).toEqual([
      [[1, 'h', now, 1, 'trace_id', 'a']],
      [[1, 'h', now, 1, 'trace_id', 'b']],
    ])
    expect(acceptor.stats).toMatchObject({ exemplars: 2, refusedExemplars: 0 })
  })

  it('without a time of their own are written once, also where the store had them before a start', async () => {
    const { send, now, spool, acceptor } = parts()
    const untimed = (timeMs: number, trace: string) => ({
      ...{ timeMs, isUntimed: true, value: 1, labels: ['trace_id', trace] },
    })
    const stored = { project: defaultProject, labels: Labels.from({}), timeMs: now - 60_000, value: 1 }
    acceptor.rememberExemplars([{ ...stored, idLow: 1, idHigh: 7, example: ['trace_id', 'a'] }])
    await send(untimed(now - 30_000, 'a'))
    await send(untimed(now - 15_000, 'a'))
    expect(spool.frames).toEqual([])
    await send(untimed(now - 10_000, 'b'))
    await send(untimed(now - 5000, 'b'))
    await send(untimed(now, 'a'))
    expect(rowsOf(spool, 'exemplars')).toEqual([
      [[1, 'h', now - 10_000, 1, 'trace_id', 'b']],
      [[1, 'h', now, 1, 'trace_id', 'a']],
    ])
  })

  it('are written again where the spool refused them', async () => {
    const { send, now, spool } = parts()
    const one = { timeMs: now, value: 1, labels: [] }
    spool.refuseAppends = true
    await expect(send(one)).rejects.toMatchObject({ code: 'spool.disk_full' })
    spool.refuseAppends = false
    await send(one)
    expect(rowsOf(spool, 'exemplars')).toEqual([[[1, 'h', now, 1]]])
  })

  it.each([
    ['are too old', { timeMs: -3_600_001 }],
    ['lie too far ahead', { timeMs: 3_600_001 }],
    ['have no time', { timeMs: Number.NaN }],
    ['have more than 128 characters', { labels: ['name', 'é'.repeat(125)] }],
  ])('are left out where they %s', async (_, what) => {
    const { send, now, spool } = parts({ retentionMs: 3_600_000 })
    const { timeMs = 0, labels = [] } = what as { timeMs?: number; labels?: string[] }
    expect(await send({ timeMs: now + timeMs, value: 1, labels })).toMatchObject({ exemplars: 0, refusedExemplars: 1 })
    expect(spool.frames).toEqual([])
  })

  it('may have 128 characters, whatever their bytes', async () => {
    const { send, now } = parts()
    const labels = ['name', '😀'.repeat(124)]
    expect(await send({ timeMs: now, value: 1, labels })).toMatchObject({ exemplars: 1 })
  })
})
