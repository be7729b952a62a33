// The engine alone is killed while queries run: each gets an answer or a clear error, and samples are taken all the while.
import { systemClock } from '@tidewatch/core/clock.ts'
import { eventually, getData } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { SteadyLoad } from './load.ts'
import { verifyByQuery } from './verify.ts'
import { Victim } from './victim.ts'

const kills = 6
/** What a person waits at most for an answer, ms. */
const patienceMs = 120_000

interface QueryEnd {
  readonly status: number
  readonly errorType: string | undefined
  readonly error: string | undefined
  readonly tookMs: number
}

async function ask(url: string, query: string): Promise<QueryEnd> {
  const began = performance.now()
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`, {
    signal: AbortSignal.timeout(patienceMs),
  })
  const { errorType, error } = (await response.json()) as { readonly errorType?: string; readonly error?: string }
  return { status: response.status, errorType, error, tookMs: performance.now() - began }
}

async function askUntil(url: string, query: string, signal: AbortSignal): Promise<QueryEnd[]> {
  const ends: QueryEnd[] = []
  while (!signal.aborted) {
    ends.push(await ask(url, query))
    await systemClock.sleep(50)
  }
  return ends
}

test('queries end and samples are taken while the engine is killed again and again', async () => {
  await using victim = await Victim.start()
  await using load = new SteadyLoad({ url: victim.url, metric: 'away', senders: 2, seriesPerSender: 10 })
  await load.more(20)
  // a restart: from here on samples of long ago are the store's alone
  await victim.killServer()
  await victim.start()
  await load.more(5)
  const done = new AbortController()
  const asked = Promise.all([
    askUntil(victim.url, 'sum(count_over_time(away[1m] offset 10d))', done.signal),
    askUntil(victim.url, 'sum(count_over_time(away[15d]))', done.signal),
    askUntil(victim.url, 'sum(away)', done.signal),
  ])
  try {
    for (let kill = 0; kill < kills; kill++) {
      await systemClock.sleep(200)
      const pid = await eventually(async () => victim.enginePid ?? Promise.reject(new Error('no engine')))
      victim.killEngine()
      await eventually(async () => expect(victim.enginePid).not.toBe(pid))
      // every other life is long enough for a query to be answered
      if (kill % 2 === 0) await eventually(() => getData(victim, '/api/v1/query', { query: 'count(away offset 10d)' }))
      await load.more(3)
    }
  } finally {
    done.abort()
    await asked.catch(() => undefined)
  }
  const [old, long, recent] = await asked
  await load.finish()
  expect([...load.refusals], 'the first lost connection was the restart').toEqual([])
  for (const end of [...old, ...long]) {
    if (end.status === 200) continue
    expect(end).toMatchObject({ status: 503, errorType: expect.stringMatching(/unavailable|timeout/) })
    expect(end.error).toMatch(/store|engine/i)
  }
  // memory needs no engine
  expect(new Set(recent.map(({ status }) => status))).toEqual(new Set([200]))
  expect([...old, ...long].filter(({ status }) => status === 200).length).toBeGreaterThan(0)
  const slowest = Math.max(...[...old, ...long, ...recent].map(({ tookMs }) => tookMs))
  console.log(
    `${old.length + long.length} queries of the store, ${[...old, ...long].filter(({ status }) => status !== 200).length} of them ` +
      `refused; ${recent.length} of memory; slowest ${Math.round(slowest)} ms; ${load.requests.length} requests acknowledged`,
  )
  await eventually(() => getData(victim, '/api/v1/query', { query: 'count(away offset 10d)' }))
  expect(await verifyByQuery(victim.url, 'away', load.requests)).toMatchObject({ lost: [], doubled: [], unknown: [] })
})
