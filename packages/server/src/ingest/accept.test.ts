import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { isStaleHistogram, staleHistogram } from '@tidewatch/core/native-histogram.ts'
import { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import { describe, expect, it } from 'vitest'
import { histogramOf } from '../head/histogram-for-test.ts'
import { refusedTimesError } from './accept.ts'
import { fakeParts, rowsOf } from './fakes.ts'

const up = Labels.from({ __name__: 'up', job: 'api' })
const hourMs = 3_600_000
const dayMs = 24 * hourMs

function batchOf(samples: readonly (readonly [ref: number, timeMs: number, value: number])[]): SampleBatch {
  const batch = new SampleBatch(1)
  for (const [ref, timeMs, value] of samples) batch.add(ref, timeMs, value)
  return batch
}

describe('accept', () => {
  it('puts samples and the rows of new series into one frame, and then into the head', async () => {
    const { acceptor, clock, spool, inHead } = fakeParts()
    const ref = acceptor.resolve(defaultProject, up)
    const result = await acceptor.accept(batchOf([[ref, clock.nowMs(), 1]]))
    expect(result).toMatchObject({ accepted: 1, exemplars: 0, refused: { tooOld: 0, tooFarAhead: 0, examples: [] } })
    expect(spool.frames.map((frame) => frame.map((section) => section.table))).toEqual([['series', 'samples']])
    expect(rowsOf(spool, 'series')).toEqual([[{ id: [1, 7], labels: 'up{job="api"}', seenMs: clock.nowMs() }]])
    expect(inHead).toEqual([{ ref, timeMs: clock.nowMs(), bits: '3ff0000000000000' }])
  })

  it('puts native histograms into the same frame as bytes, with the rows of their series, and then into the head', async () => {
    const { acceptor, clock, spool, histogramsInHead } = fakeParts()
    const batch = batchOf([])
    const ref = acceptor.resolve(defaultProject, up)
    const histogram = histogramOf(3)
    batch.histograms.push({ ref, timeMs: clock.nowMs(), histogram })
    expect(await acceptor.accept(batch)).toMatchObject({ accepted: 0, histograms: 1, badHistograms: 0 })
    expect(spool.frames.map((frame) => frame.map((section) => section.table))).toEqual([['series', 'histograms']])
    expect(rowsOf(spool, 'histograms')).toMatchObject([
      [{ id: [1, 7], timeMs: clock.nowMs(), count: 12, isInteger: true }],
    ])
    expect(histogramsInHead).toEqual([{ ref, timeMs: clock.nowMs(), histogram }])
    expect(acceptor.stats.histograms).toBe(1)
  })

  it('takes more histograms than one slice has, all and in order', async () => {
    const { acceptor, clock, histogramsInHead } = fakeParts()
    const batch = batchOf([])
    const ref = acceptor.resolve(defaultProject, up)
    for (let i = 0; i < 5000; i++)
      batch.histograms.push({ ref, timeMs: clock.nowMs() - i, histogram: histogramOf(i + 1, 1) })
    expect(await acceptor.accept(batch)).toMatchObject({ histograms: 5000 })
    expect(histogramsInHead.map(({ histogram }) => histogram.count)).toEqual(
      Array.from({ length: 5000 }, (_, i) => i + 1),
    )
  })

  it('leaves out histograms that are none or out of time, names their series, and takes the rest', async () => {
    const { acceptor, clock, spool, histogramsInHead } = fakeParts({ retentionMs: dayMs })
    const batch = batchOf([])
    const ref = acceptor.resolve(defaultProject, up)
    const nowMs = clock.nowMs()
    const bad = { ...histogramOf(3), count: 1 }
    for (const [timeMs, histogram] of [
      [nowMs, bad],
      [nowMs - 2 * dayMs, histogramOf(1)],
      [nowMs + 2 * hourMs, histogramOf(1)],
      [nowMs, staleHistogram],
      [nowMs, bad],
    ] as const)
      batch.histograms.push({ ref, timeMs, histogram })
    const result = await acceptor.accept(batch)
    expect(result).toMatchObject({ histograms: 1, badHistograms: 2, refused: { tooOld: 1, tooFarAhead: 1 } })
    expect(result.firstBadHistogram?.code).toBe('ingest.bad_histogram')
    expect(result.firstBadHistogram?.message).toBe(
      'a native histogram of up{job="api"} is none: its count is 1, and its buckets hold 12',
    )
    expect(refusedTimesError(result).message).toMatch(
      /^of 3 samples 1 is older .* and 1 lies more than an hour ahead: up\{job="api"\} at /,
    )
    expect(histogramsInHead.map(({ histogram }) => isStaleHistogram(histogram))).toEqual([true])
    expect(spool.frames).toHaveLength(1)
  })

  it('shows a sample to the head only after the spool has it', async () => {
    const { acceptor, clock, spool, inHead } = fakeParts()
    spool.hold()
    const pending = acceptor.accept(batchOf([[acceptor.resolve(defaultProject, up), clock.nowMs(), 1]]))
    await Promise.resolve()
    expect(inHead).toEqual([])
    spool.release()
    await pending
    expect(inHead).toHaveLength(1)
  })

  it('writes the row of a series once, and again when the UTC day of its samples changes', async () => {
    const { acceptor, clock, spool } = fakeParts()
    const ref = acceptor.resolve(defaultProject, up)
    const today = clock.nowMs()
    for (const timeMs of [today, today + 1, today - dayMs, today - dayMs + 1, today + 2, today - 2 * dayMs]) {
      await acceptor.accept(batchOf([[ref, timeMs, 1]]))
    }
    expect(rowsOf(spool, 'series').map((rows) => (rows as unknown[]).length)).toEqual([1, 0, 1, 0, 0, 1])
  })

  it('lets two requests at once with the same new series both carry its row', async () => {
    const { acceptor, clock, spool } = fakeParts()
    const ref = acceptor.resolve(defaultProject, up)
    spool.hold()
    const both = [1, 2].map((value) => acceptor.accept(batchOf([[ref, clock.nowMs(), value]])))
    await Promise.resolve()
    spool.release()
    await Promise.all(both)
    expect(rowsOf(spool, 'series').map((rows) => (rows as unknown[]).length)).toEqual([1, 1])
  })

  it('carries the row again after a request that the spool refused, and keeps that one out of the head', async () => {
    const { acceptor, clock, spool, inHead } = fakeParts()
    const ref = acceptor.resolve(defaultProject, up)
    spool.refuseAppends = true
    const refused = acceptor.accept(batchOf([[ref, clock.nowMs(), 1]]))
    await expect(refused).rejects.toMatchObject({ code: 'spool.disk_full', retryAfterSeconds: 5 })
    expect(inHead).toEqual([])
    spool.refuseAppends = false
    await acceptor.accept(batchOf([[ref, clock.nowMs(), 1]]))
    expect(rowsOf(spool, 'series')).toHaveLength(1)
  })

  it('writes the row for a series that took the place of an evicted one', async () => {
    const { acceptor, clock, spool, index } = fakeParts()
    const ref = acceptor.resolve(defaultProject, up)
    await acceptor.accept(batchOf([[ref, clock.nowMs(), 1]]))
    index.saved.delete(ref)
    await acceptor.accept(batchOf([[ref, clock.nowMs(), 1]]))
    expect(rowsOf(spool, 'series').map((rows) => (rows as unknown[]).length)).toEqual([1, 1])
  })

  it('refuses samples outside retention and more than an hour ahead, takes the rest and says which', async () => {
    const { acceptor, clock, inHead } = fakeParts({ retentionMs: 30 * dayMs })
    const ref = acceptor.resolve(defaultProject, up)
    const now = clock.nowMs()
    const times = [now, now - 30 * dayMs, now - 30 * dayMs - 1, now + hourMs, now + hourMs + 1, Number.NaN]
    const result = await acceptor.accept(batchOf(times.map((timeMs) => [ref, timeMs, 1])))
    expect(inHead.map((sample) => sample.timeMs)).toEqual([now, now - 30 * dayMs, now + hourMs])
    expect(result.refused).toMatchObject({ tooOld: 2, tooFarAhead: 1 })
    const error = refusedTimesError(result)
    expect(`${error.message} ${error.fix}`).toMatchInlineSnapshot(
      `"of 6 samples 2 are older than what is kept and 1 lies more than an hour ahead: up{job="api"} at 2026-05-02T11:59:59.999Z; up{job="api"} at 2026-06-01T13:00:00.001Z; up{job="api"} at NaN ms. The others were taken. Set the sender's clock (NTP). To take old samples start with a longer --retention, or --retention off."`,
    )
  })

  it('takes anything since 1970 with retention off', async () => {
    const { acceptor } = fakeParts()
    const ref = acceptor.resolve(defaultProject, up)
    const result = await acceptor.accept(
      batchOf([
        [ref, 0, 1],
        [ref, -1, 1],
      ]),
    )
    expect(result).toMatchObject({ accepted: 1, refused: { tooOld: 1 } })
  })

  it('keeps the bits of stale markers, also where other samples are left out', async () => {
    const { acceptor, clock, inHead, spool } = fakeParts()
    const batch = new SampleBatch()
    const ref = acceptor.resolve(defaultProject, up)
    batch.add(ref, -5, 1)
    batch.addBits(ref, clock.nowMs(), staleLow, staleHigh)
    await acceptor.accept(batch)
    expect(inHead.map((sample) => sample.bits)).toEqual(['7ff0000000000002'])
    expect(rowsOf(spool, 'samples')).toMatchObject([[{ bits: '7ff0000000000002' }]])
  })

  it('writes metadata once until it changes', async () => {
    const { acceptor, spool } = fakeParts()
    const row = { project: defaultProject, family: 'up', type: 'gauge', help: 'whether it is up', unit: '' } as const
    for (const help of ['whether it is up', 'whether it is up', 'changed']) {
      await acceptor.accept(new SampleBatch(), { metadata: [{ ...row, help }] })
    }
    expect(rowsOf(spool, 'metadata')).toEqual([[row], [{ ...row, help: 'changed' }]])
  })

  it('refuses before any work while the spool is full', async () => {
    const { acceptor, spool } = fakeParts()
    spool.full = true
    expect(() => acceptor.checkRoom()).toThrow(expect.objectContaining({ code: 'spool.full' }))
    await expect(acceptor.accept(new SampleBatch())).rejects.toMatchObject({ code: 'spool.full' })
  })

  it('hands a large batch to the head in slices, all of it', async () => {
    const { acceptor, clock, inHead } = fakeParts()
    const ref = acceptor.resolve(defaultProject, up)
    const batch = new SampleBatch()
    for (let i = 0; i < 70_000; i++) batch.add(ref, clock.nowMs() - i, i)
    await acceptor.accept(batch)
    expect(inHead).toHaveLength(70_000)
    expect(acceptor.stats).toMatchObject({ batches: 1, samples: 70_000, seriesRows: 1 })
  })
})
