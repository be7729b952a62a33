// A target says the same exemplar at each scrape; one without a time of its own has that of the scrape, so nothing but memory tells a repeated one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'

interface Found {
  readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>>; readonly timestamp: number }[]
}

test('an exemplar without a time is stored once, over a kill', async () => {
  let scrapes = 0
  let trace = 'first'
  const target = createServer((_, response) => {
    scrapes++
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8')
    response.end(`# TYPE orders counter\norders_total 1.0 # {trace_id="${trace}"} 1.0\n# EOF\n`)
  })
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  const dir = mkdtempSync(join(tmpdir(), 'tidewatch-exemplars-'))
  try {
    const { port } = target.address() as AddressInfo
    const job = `{ job_name: a, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{ targets: ['127.0.0.1:${port}'] }] }`
    writeFileSync(join(dir, 'prometheus.yml'), `scrape_configs: [${job}]\n`)
    const start = () => startServer({ dataDir: join(dir, 'data'), args: ['--config', join(dir, 'prometheus.yml')] })
    const traces = async (server: RunningServer): Promise<string[]> => {
      const query = { query: 'orders_total', start: '0', end: String(Date.now() / 1000 + 60) }
      const found = await getData<Found[]>(server, '/api/v1/query_exemplars', query)
      return found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id ?? ''))
    }
    const scraped = async (times: number): Promise<void> => {
      const until = scrapes + times
      await eventually(
        async () => {
          if (scrapes < until) throw new Error(`${until - scrapes} scrapes are missing`)
        },
        { timeoutMs: 180_000 },
      )
    }
    {
      await using server = await start()
      await scraped(3)
      expect(await traces(server)).toEqual(['first'])
      await server.kill()
    }
    await using server = await start()
    await scraped(3)
    expect(await traces(server)).toEqual(['first'])
    trace = 'second'
    await scraped(3)
    expect(await traces(server)).toEqual(['first', 'second'])
  } finally {
    target.closeAllConnections()
    target.close()
    rmSync(dir, { recursive: true })
  }
})
