// The engine stands still: rules whose window is in memory are evaluated and written as if nothing were the matter.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, getData, startServer } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { childrenOf } from './processes.ts'

const rules = `
groups:
  - name: quick
    interval: 1s
    rules:
      - { record: "host:cpu:rate", expr: 'sum by (mode) (rate(node_cpu_seconds_total[30s]))' }
      - { record: "host:cpu:busy", expr: 'sum(host:cpu:rate{mode!="idle"})' }
      - { alert: Busy, expr: 'host:cpu:busy >= 0', for: 2s }
`

interface Rules {
  readonly groups: readonly {
    readonly iterations: number
    readonly missedIterations: number
    readonly rules: readonly { readonly health: string; readonly state?: string; readonly lastError?: string }[]
  }[]
}

test('rules go on while the engine stands still', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tidewatch-rules-'))
  using _removed = { [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) }
  writeFileSync(join(dir, 'prometheus.yml'), 'global: { evaluation_interval: 1s }\nrule_files: [rules.yml]\n')
  writeFileSync(join(dir, 'rules.yml'), rules)
  await using server = await startServer({ args: ['--config', dir] })
  const group = async () => (await getData<Rules>(server, '/api/v1/rules')).groups[0] as Rules['groups'][number]
  await eventually(async () => expect((await group()).rules[2]?.state).toBe('firing'), { timeoutMs: 180_000 })
  const engine = childrenOf(server.pid)[0] as number
  process.kill(engine, 'SIGSTOP')
  using _running = {
    [Symbol.dispose]: () => {
      try {
        process.kill(engine, 'SIGCONT')
      } catch {
        // the server may have replaced it
      }
    },
  }
  const { iterations: before } = await group()
  await eventually(async () => expect((await group()).iterations).toBeGreaterThan(before + 6), { timeoutMs: 180_000 })
  expect((await group()).rules.map(({ health, lastError }) => ({ health, lastError }))).toEqual([
    { health: 'ok', lastError: undefined },
    { health: 'ok', lastError: undefined },
    { health: 'ok', lastError: undefined },
  ])
  // what they wrote is there at once, and goes on
  const query = 'count_over_time(host:cpu:busy[6s])'
  const { result } = await getData<{ readonly result: readonly { readonly value: [number, string] }[] }>(
    server,
    '/api/v1/query',
    { query },
  )
  expect(Number(result[0]?.value[1])).toBeGreaterThan(2)
})
