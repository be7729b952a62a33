// The server is killed again and again under bulk requests whose senders send again what was not answered: every acknowledged line is there, once.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { expect, test } from 'vitest'
import { chanceOf, killsOfRun, seedOfRun } from './chance.ts'
import { Victim } from './victim.ts'

const kills = killsOfRun(5)
const senders = 3
const linesPerRequest = 40
const index = 'killed-2026.11.22'
/** Led through a pipeline; its documents have ids and no times. */
const pipedIndex = 'killed-piped'
const pipedSender = senders - 1
const retryEveryMs = 50
const requestTimeoutMs = 20_000

interface Ledger {
  readonly acknowledged: string[]
  again: number
}

/** Sends requests one after the other until the signal fires; each until it is acknowledged, always with the same bytes. */
async function sendLines(url: string, sender: number, { ledger, signal }: { ledger: Ledger; signal: AbortSignal }) {
  for (let request = 0; !signal.aborted; request++) {
    const names = Array.from({ length: linesPerRequest }, (_, i) => `line ${sender}-${request}-${i}`)
    const lines = names.map((message) =>
      sender === pipedSender
        ? `{"create":{"_id":"${message}"}}\n${JSON.stringify({ message })}\n`
        : `{"create":{}}\n${JSON.stringify({ '@timestamp': new Date(), message })}\n`,
    )
    const body = lines.join('')
    for (let attempt = 0; ; attempt++) {
      if (attempt === 1) ledger.again++
      const items = await bulk(`${url}/${sender === pipedSender ? pipedIndex : index}`, body)
      if (items === linesPerRequest) break
      await systemClock.sleep(retryEveryMs)
    }
    ledger.acknowledged.push(...names)
    await systemClock.sleep(20)
  }
}

/** How many items were stored, as the answer has it; 0 where there was none. */
async function bulk(url: string, body: string): Promise<number> {
  try {
    const answer = await fetch(`${url}/_bulk`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
      signal: AbortSignal.timeout(requestTimeoutMs),
    })
    if (!answer.ok) return 0
    const { items } = (await answer.json()) as { items: readonly { readonly create?: { readonly status: number } }[] }
    // 409: a document of that id is there already, as a client learns that sends it again
    return items.filter(({ create }) => create?.status === 201 || create?.status === 409).length
  } catch {
    // killed in the middle of it: nobody knows what became of it, and so it is sent again
    return 0
  }
}

/** How often each message is found. */
async function found(url: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let cursor: string | undefined
  do {
    const query = new URLSearchParams({
      ...{
        query: `index:"${index}" OR (index:"${pipedIndex}" AND number:* AND _id:*)`,
        language: 'lucene',
        direction: 'forward',
        limit: '10000',
      },
      ...{ fromMs: String(Date.now() - 3_600_000), toMs: String(Date.now() + 3_600_000) },
      ...(cursor === undefined ? {} : { cursor }),
    })
    const answer = await fetch(`${url}/api/tidewatch/v1/logs/search?${query}`)
    const text = await answer.text()
    if (!answer.ok) throw new Error(text)
    cursor = undefined
    for (const line of text.split('\n').filter((one) => one !== '')) {
      const event = JSON.parse(line) as { lines?: readonly { body: string }[]; cursor?: string }
      for (const { body } of event.lines ?? []) counts.set(body, (counts.get(body) ?? 0) + 1)
      cursor = event.cursor ?? cursor
    }
  } while (cursor !== undefined)
  return counts
}

/** A third of the lines goes through a pipeline. */
function configured(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'tidewatch-lines-'))
  mkdirSync(join(path, 'pipelines'))
  const filter = 'filter { grok { match => { "message" => "line %{NOTSPACE}-%{INT:number:int}" } } }'
  writeFileSync(join(path, 'pipelines', 'plain.conf'), filter)
  const route = `{ from: elasticsearch, match: { index: ${pipedIndex} }, pipeline: plain.conf }`
  writeFileSync(join(path, 'tidewatch.yml'), `pipelines:\n  routes:\n    - ${route}\n`)
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

test(`after ${kills} kills every acknowledged line is there exactly once`, async () => {
  using folder = configured()
  await using victim = await Victim.start({ args: ['--retention', 'off', '--config', folder.path] })
  const chance = chanceOf(seedOfRun())
  const stop = new AbortController()
  const ledger: Ledger = { acknowledged: [], again: 0 }
  const sending = Array.from({ length: senders }, (_, i) => sendLines(victim.url, i, { ledger, signal: stop.signal }))
  for (let i = 0; i < kills; i++) {
    const before = ledger.acknowledged.length
    // each life takes in something, or the next kill would find nothing to lose
    while (ledger.acknowledged.length < before + 10 * linesPerRequest) await systemClock.sleep(20)
    await systemClock.sleep(chance() * 1000)
    if (chance() < 0.3) victim.killEngine()
    await victim.killServer()
    await victim.start()
  }
  stop.abort()
  await Promise.all(sending)
  console.log(`${ledger.acknowledged.length} lines were acknowledged, ${ledger.again} requests sent more than once`)
  expect(ledger.again).toBeGreaterThan(0)
  const counts = await found(victim.url)
  expect(
    ledger.acknowledged.filter((name) => counts.get(name) !== 1),
    'lost or doubled',
  ).toEqual([])
  expect(counts.size).toBe(ledger.acknowledged.length)
})
