import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { expect, test } from 'vitest'
import type { Head } from './head.ts'
import { headForTest, startMs } from './head-for-test.ts'
import { appendHistograms } from './histogram-for-test.ts'
import { intervalMs, stressBytes, stressLabel, stressValue } from './stress-values.ts'

const seriesCount = 40
const wantedReads = 4000
const maxSteps = 60_000

/** Appends one step of all series; every few steps a late, a repeated and a weaker sample too. */
function write(head: Head, step: number): void {
  // half of the series get their samples two at a time and in the wrong order
  const swapped = step % 2 === 1
  const rows: [series: number, step: number][] = []
  for (let series = 0; series < seriesCount; series++) {
    const isPaired = series % 2 === 1
    if (!isPaired || swapped) rows.push([series, step])
    if (isPaired && swapped) rows.push([series, step - 1])
    if (step % 50 === 49 && series % 5 === 0) rows.push([series, step - 40])
  }
  head.writer.append({
    length: rows.length,
    refs: Uint32Array.from(rows, ([series]) => series),
    timesMs: Float64Array.from(rows, ([, at]) => startMs + at * intervalMs),
    values: Float64Array.from(rows, ([series, at]) => stressValue(series, at)),
  })
  appendHistograms(
    head,
    rows.map(([ref, at]) => ({ ref, timeMs: startMs + at * intervalMs, bytes: stressBytes(ref, at) })),
  )
}

test('a worker sees whole samples, all of them and nothing else, while the head is written, merged and dropped', async () => {
  using head = headForTest({ slotMs: 120_000 })
  for (let i = 0; i < seriesCount; i++) {
    expect(head.index.resolve(defaultProject, Labels.from({ i: stressLabel(i) }))).toBe(i)
  }
  const stop = new Int32Array(new SharedArrayBuffer(12))
  Atomics.store(stop, 2, -1)
  const worker = new Worker(new URL('./reader-stress-worker.ts', import.meta.url), {
    workerData: { descriptor: head.descriptor, stop, seriesCount, beginMs: startMs },
  })
  const answered = once(worker, 'message')
  let step = 0
  for (; step < maxSteps && (Atomics.load(stop, 1) < wantedReads || head.stats().beginMs < startMs); step++) {
    write(head, step)
    // both halves of the series are complete after each second step
    if (step % 2 === 1) Atomics.store(stop, 2, step)
    if (step % 64 === 0) await setImmediate()
  }
  Atomics.store(stop, 0, 1)
  const [result] = await answered
  await worker.terminate()
  expect(result.problems).toEqual([])
  expect(result.reads).toBeGreaterThan(100)
  expect(head.stats().late).toBeGreaterThan(100)
  expect(head.writer.beginMs).toBeGreaterThan(startMs)
  expect(head.stats().revocations).toBe(0)
})
