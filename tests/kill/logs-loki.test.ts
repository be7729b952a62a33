// The server is killed again and again under Loki pushes whose senders send again what was not answered: every acknowledged line is there, once.
import { systemClock } from '@tidewatch/core/clock.ts'
import { field, snappyBlock, varintField } from '@tidewatch/testkit/write-request.ts'
import { expect, test } from 'vitest'
import { chanceOf, seedOfRun } from './chance.ts'
import { Victim } from './victim.ts'

const kills = Math.min(5, Number(process.env.TIDEWATCH_KILLS ?? 5))
const linesPerPush = 30
const retryEveryMs = 50
const requestTimeoutMs = 20_000

interface Ledger {
  readonly acknowledged: string[]
  again: number
}

/** Pushes one after the other until the signal fires; each until it is acknowledged, always with the same bytes. */
async function pushLines(victim: Victim, sender: number, { ledger, signal }: { ledger: Ledger; signal: AbortSignal }) {
  for (let push = 0; !signal.aborted; push++) {
    const names = Array.from({ length: linesPerPush }, (_, i) => `line ${sender}-${push}-${i}`)
    const time = field(1, varintField(1, Math.floor(Date.now() / 1000)))
    const entries = names.map((line) => field(2, Buffer.concat([time, field(2, line)])))
    const body = snappyBlock(field(1, Buffer.concat([field(1, `{app="killed", sender="${sender}"}`), ...entries])))
    for (let attempt = 0; !(await isTaken(victim.url, body)); attempt++) {
      if (attempt === 0) ledger.again++
      await systemClock.sleep(retryEveryMs)
    }
    ledger.acknowledged.push(...names)
    await systemClock.sleep(20)
  }
}

async function isTaken(url: string, body: Uint8Array): Promise<boolean> {
  try {
    const { status } = await fetch(`${url}/loki/api/v1/push`, {
      ...{ method: 'POST', body: Buffer.from(body), headers: { 'content-type': 'application/x-protobuf' } },
      signal: AbortSignal.timeout(requestTimeoutMs),
    })
    return status === 204
  } catch {
    // killed in the middle of it: nobody knows what became of it, and so it is sent again
    return false
  }
}

/** How many lines there are, and how many different ones. */
async function counted(url: string): Promise<{ readonly lines: number; readonly different: number }> {
  const ask = async (query: string): Promise<number> => {
    const answer = await fetch(`${url}/loki/api/v1/query?query=${encodeURIComponent(query)}`)
    const text = await answer.text()
    if (!answer.ok) throw new Error(text)
    const { data } = JSON.parse(text) as { data: { result: readonly { value: readonly [number, string] }[] } }
    return Number(data.result[0]?.value[1] ?? 0)
  }
  const selector = '{app="killed"} | pattern "<name>"'
  return {
    lines: await ask('sum(count_over_time({app="killed"}[1h]))'),
    different: await ask(`count(sum by (name) (count_over_time(${selector}[1h])))`),
  }
}

test(`after ${kills} kills every line of an acknowledged push is there exactly once`, async () => {
  await using victim = await Victim.start({ args: ['--retention', 'off'] })
  const chance = chanceOf(seedOfRun())
  const stop = new AbortController()
  const ledger: Ledger = { acknowledged: [], again: 0 }
  const sending = [0, 1, 2].map((sender) => pushLines(victim, sender, { ledger, signal: stop.signal }))
  for (let i = 0; i < kills; i++) {
    const before = ledger.acknowledged.length
    // each life takes in something, or the next kill would find nothing to lose
    while (ledger.acknowledged.length < before + 10 * linesPerPush) await systemClock.sleep(20)
    await systemClock.sleep(chance() * 500)
    if (chance() < 0.3) victim.killEngine()
    await victim.killServer()
    await victim.start()
  }
  stop.abort()
  await Promise.all(sending)
  expect(ledger.again).toBeGreaterThan(0)
  const sent = new Set(ledger.acknowledged).size
  expect(sent).toBe(ledger.acknowledged.length)
  expect(await counted(victim.url)).toEqual({ lines: sent, different: sent })
})
