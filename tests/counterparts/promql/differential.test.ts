// Debian's Prometheus and the product hold the same samples and are asked the same random questions; every cell, type and error must agree.
// DIFFERENTIAL_CASES and DIFFERENTIAL_FIRST (a case's number) for long runs.
import { type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Program, startPrometheus, tempDir } from '../programs.ts'
import { ask, compare, type Window } from './answers.ts'
import { spanMs, testSeries } from './data.ts'
import { caseOf } from './expressions.ts'
import { type Both, reduce } from './reduce.ts'

const count = Number(process.env.DIFFERENTIAL_CASES ?? 3000)
const firstCase = Number(process.env.DIFFERENTIAL_FIRST ?? 1)
const startMs = Number(process.env.DIFFERENTIAL_START_MS ?? Date.UTC(2026, 0, 31, 22, 30))

const stack = new AsyncDisposableStack()
let tidewatch: RunningServer
let prometheus: Program

beforeAll(async () => {
  const dir = stack.use(tempDir())
  const flags = ['--web.enable-remote-write-receiver', '--storage.tsdb.retention.time=100y']
  prometheus = stack.use(await startPrometheus('global: {}\n', { dir, flags }))
  tidewatch = stack.use(await startServer({ args: ['--retention', 'off'] }))
  const parts = testSeries(startMs).map(({ labels, samples }) => series(labels, samples))
  const body = snappyBlock(...parts) as Uint8Array<ArrayBuffer>
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  for (const { url } of [prometheus, tidewatch]) {
    const response = await fetch(`${url}/api/v1/write`, { method: 'POST', headers, body })
    expect([response.status, await response.text()]).toEqual([204, ''])
  }
})
afterAll(() => stack.disposeAsync())

/** Version 2 called one function otherwise. */
const inVersion2 = (query: string): string => query.replaceAll('double_exponential_smoothing', 'holt_winters')

async function askBoth(query: string, window: Window): Promise<Both> {
  const [ours, theirs] = await Promise.all([
    ask(tidewatch.url, query, window),
    ask(prometheus.url, inVersion2(query), window),
  ])
  return { ours, theirs }
}

class Tally {
  readonly #counts = new Map<string, number>()

  add(what: string, count = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count)
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0
  }

  toString(): string {
    return [...this.#counts].map(([what, times]) => `${what}: ${times}`).join(', ')
  }
}

test(`${count} random queries`, { timeout: 120_000 + count * 200 }, async () => {
  const tally = new Tally()
  const real: string[] = []
  for (let seed = firstCase; seed < firstCase + count; seed++) {
    const { query, ...window } = caseOf(seed, { startMs, spanMs })
    const both = await askBoth(query, window)
    const { likeness } = compare(both.ours, both.theirs)
    tally.add(likeness)
    if (both.theirs.kind === 'error') tally.add('errors')
    else for (const { cells } of both.theirs.rows) tally.add('cells', cells.length / 2)
    if (likeness === 'other') {
      const verdict = await reduce(query, window, both, askBoth)
      tally.add(verdict.kind)
      if (verdict.kind === 'real')
        real.push(`${seed}: ${verdict.query} ${JSON.stringify(verdict.window)}: ${verdict.why}`)
    }
    if ((seed - firstCase + 1) % 20_000 === 0) console.log(`${seed}: ${tally}\n${real.join('\n')}`)
  }
  console.log(`${tally}`)
  expect(real).toEqual([])
  // most answers say something, and few are explained away
  expect(tally.of('cells')).toBeGreaterThan(count * 10)
  expect(tally.of('other')).toBeLessThan(count / 100)
})
