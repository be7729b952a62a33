// The server and its engine are killed under a Beat that sends window after window: every event that was acknowledged is stored, and none twice,
// though what was not acknowledged is sent again.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { freePort } from '@tidewatch/testkit/free-port.ts'
import { LumberjackClient } from '@tidewatch/testkit/lumberjack.ts'
import { eventually } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { chanceOf, seedOfRun } from './chance.ts'
import { Victim } from './victim.ts'

const kills = Math.min(6, Number(process.env.TIDEWATCH_KILLS ?? 6))
const windowEvents = 50

/** Sends windows until it is told to end, each again and again until it is acknowledged, as Filebeat does. */
class Beat {
  windows = 0
  attempts = 0
  /** The events of the window that was acknowledged last. */
  acknowledged: readonly object[] = []
  readonly #port: number
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined

  constructor(port: number) {
    this.#port = port
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const events = Array.from({ length: windowEvents }, (_, i) => ({
        '@timestamp': new Date().toISOString(),
        message: `event ${this.windows * windowEvents + i}`,
        service: 'killed-beat',
      }))
      await eventually(
        async () => {
          this.attempts++
          using client = await LumberjackClient.connect(this.#port)
          await client.send(events)
        },
        { timeoutMs: 120_000, everyMs: 20 },
      )
      this.windows++
      this.acknowledged = events
    }
  }
}

/** How often each body is stored. */
async function storedBodies(url: string): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (let after: readonly unknown[] | undefined; ; ) {
    const response = await fetch(`${url}/_search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: { term: { service: 'killed-beat' } },
        size: 5000,
        sort: [{ '@timestamp': 'asc' }],
        ...(after === undefined ? {} : { search_after: after }),
      }),
    })
    interface Hit {
      readonly _source: { readonly message: string }
      readonly sort: readonly unknown[]
    }
    const { hits } = (await response.json()) as { readonly hits: { readonly hits: readonly Hit[] } }
    for (const { _source } of hits.hits) counts.set(_source.message, (counts.get(_source.message) ?? 0) + 1)
    if (hits.hits.length < 5000) return counts
    after = hits.hits.at(-1)?.sort
  }
}

test(`after ${kills} kills every acknowledged event is there exactly once`, async () => {
  const chance = chanceOf(seedOfRun())
  const config = mkdtempSync(join(tmpdir(), 'tidewatch-kill-beats-'))
  try {
    const port = await freePort()
    writeFileSync(join(config, 'tidewatch.yml'), `listeners: { beats: { tcp: '127.0.0.1:${port}' } }\n`)
    await using victim = await Victim.start({ args: ['--config', config] })
    const beat = new Beat(port)
    beat.start()
    for (let kill = 0; kill < kills; kill++) {
      const before = beat.windows
      await eventually(async () => expect(beat.windows).toBeGreaterThan(before + 2), { timeoutMs: 180_000 })
      await systemClock.sleep(chance() * 500)
      if (chance() < 0.3) victim.killEngine()
      await victim.killServer()
      // as where the acknowledgement was lost on its way: it comes again, to the next life of the server
      const again = beat.acknowledged
      await victim.start()
      using client = await LumberjackClient.connect(port)
      await client.send(again)
    }
    await beat.stop()
    console.log(`${beat.windows} windows in ${beat.attempts} attempts`)
    expect(beat.attempts).toBeGreaterThan(beat.windows)
    const stored = await storedBodies(victim.url)
    const sent = Array.from({ length: beat.windows * windowEvents }, (_, i) => `event ${i}`)
    expect(sent.filter((body) => !stored.has(body))).toEqual([])
    expect([...stored].filter(([, count]) => count > 1)).toEqual([])
    expect(stored.size).toBe(sent.length)
  } finally {
    rmSync(config, { recursive: true })
  }
})
