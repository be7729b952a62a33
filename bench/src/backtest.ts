// 50 rules over 30 days of 2,000 series at 15 s (345.6 M samples), through the product: how long it takes, what it holds, and whether the rules that run
// live meanwhile stay on time. No peer has this: what is compared is the plain reading of the same samples by the engine.
// node scripts/with-node.mjs node bench/src/backtest.ts [days] [data directory, kept]
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getData, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { asInstalled, storeClientOf } from './peers.ts'

const days = Number(process.argv[2] ?? 30)
const kept = process.argv[3]
const dayMs = 86_400_000
const rules = 50
const seriesPerRule = 40
const perDay = dayMs / 15_000
const signal = AbortSignal.timeout(3_600_000)
const base = kept ?? mkdtempSync(join(tmpdir(), 'bench-backtest-'))

/** A third are rates of counters, a third averages of gauges, a third plain comparisons; each fires now and then. */
function ruleFile(intervalText: string): string {
  const exprs = [
    (i: number) => `sum by (instance) (rate(bench_value{rule="${i}"}[5m])) > 6.9`,
    (i: number) => `avg_over_time(bench_value{rule="${i}"}[10m]) % 1e5 > 95000`,
    (i: number) => `bench_value{rule="${i}"} % 1e6 > 990000`,
  ]
  const rule = (i: number): string =>
    `      - alert: Bench${i}\n        expr: ${exprs[i % 3]?.(i)}\n        for: 2m\n        labels: { severity: warning }\n`
  const all = Array.from({ length: rules }, (_, i) => rule(i)).join('')
  return `groups:\n  - name: bench\n    interval: ${intervalText}\n    rules:\n${all}`
}

const config = join(base, 'config')
const dataDir = join(base, 'data')
mkdirSync(join(config, 'rules'), { recursive: true })
writeFileSync(join(config, 'rules', 'bench.yml'), ruleFile('60s'))
writeFileSync(join(config, 'prometheus.yml'), 'rule_files: [rules/*.yml]\n')
try {
  await using server = await startServer({
    readyTimeoutMs: 120_000,
    nodeArgs: [asInstalled],
    args: ['--config', config, '--retention', 'off'],
    dataDir,
  })
  const startMs = Math.floor(Date.now() / dayMs) * dayMs - days * dayMs
  await using client = storeClientOf(dataDir)
  const [there] = await client.query<{ n: number }>('SELECT toFloat64(count()) AS n FROM samples', { signal })
  if ((there?.n ?? 0) < days * perDay * rules * seriesPerRule) await fill(server.url, startMs)
  await backtest(server.url, server.pid)
  // behind it, so that what the engine keeps of it does not count as the backtest's
  const began = performance.now()
  await client.query('SELECT toFloat64(sum(at_ms)) AS t, toFloat64(sum(whole)) AS w FROM samples', { signal })
  console.log(`the engine alone reads it in ${seconds(performance.now() - began)}`)
} finally {
  if (kept === undefined) rmSync(base, { recursive: true, force: true })
}

/** One sample of each series comes in as always, so that ids are as always; the rest is made by the engine itself. */
async function fill(url: string, startMs: number): Promise<void> {
  const nowMs = Date.now()
  const body: Uint8Array[] = []
  for (let rule = 0; rule < rules; rule++)
    for (let i = 0; i < seriesPerRule; i++)
      body.push(series({ __name__: 'bench_value', rule: `${rule}`, instance: `app-${i}:8080` }, [[nowMs, 1]]))
  const pushed = await fetch(`${url}/api/v1/write`, {
    ...{ method: 'POST', body: snappyBlock(Buffer.concat(body)) },
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
  })
  if (!pushed.ok) throw new Error(`${pushed.status} ${await pushed.text()}`)
  // a query of the past makes the spool's rows loaded
  await getData({ url }, '/api/v1/query', { query: 'bench_value', time: String(startMs / 1000) })
  await using client = storeClientOf(dataDir)
  for (;;) {
    const [found] = await client.query<{ n: number }>(
      "SELECT toFloat64(uniqExact(id)) AS n FROM series WHERE name = 'bench_value'",
      { signal },
    )
    if (found?.n === rules * seriesPerRule) break
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  for (let day = 0; day < days; day++) {
    const fromMs = startMs + day * dayMs
    await client.command(
      `INSERT INTO series SELECT project, name, id, labels, ${fromMs} AS seen_ms FROM (SELECT project, name, id, any(labels) AS labels FROM series WHERE name = 'bench_value' GROUP BY project, name, id)`,
      { signal },
    )
    await client.command(
      `INSERT INTO samples SELECT id, toInt64(${fromMs} + step * 15000 + id % 15000) AS at_ms, toInt64((step + ${day * perDay}) * 100 + cityHash64(id, step) % 20) AS whole, toUInt64(0) AS bits, 0 AS project FROM (SELECT DISTINCT id FROM series WHERE name = 'bench_value') AS ids CROSS JOIN (SELECT number AS step FROM numbers(${perDay})) AS steps`,
      { signal },
    )
    process.stderr.write(`\r${day + 1} of ${days} days made`)
  }
  process.stderr.write('\n')
  for (;;) {
    const [merging] = await client.query<{ n: number }>('SELECT toFloat64(count()) AS n FROM system.merges', { signal })
    if (merging?.n === 0) break
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

async function backtest(url: string, pid: number): Promise<void> {
  const path = `${url}/api/tidewatch/v1/alerts/backtests`
  const missedBefore = await missed(url)
  const begun = await fetch(path, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ days }),
  })
  const { id } = (await begun.json()) as { readonly id: string }
  const cpuBefore = cpuOf(pid)
  let most: Memory = { bytes: 0, text: '' }
  let nextLookMs = 0
  for (;;) {
    // to count pages takes 20 ms, and holds up who wants more of them
    if (performance.now() > nextLookMs) {
      const now = memoryOf(pid)
      if (now.bytes > most.bytes) most = now
      nextLookMs = performance.now() + 1000
    }
    const job = (await (await fetch(`${path}/${id}`)).json()) as {
      readonly status: string
      readonly progress: number
      readonly tookMs?: number
      readonly report?: {
        readonly pages: number
        readonly rules: readonly { readonly fired: number; readonly failure?: string }[]
      }
    }
    process.stderr.write(`\r${Math.round(job.progress * 100)} %`)
    if (job.status !== 'running' && job.status !== 'waiting') {
      const samples = days * perDay * rules * seriesPerRule
      const tookMs = job.tookMs ?? 0
      console.log(
        `\n${job.status}: ${rules} rules over ${(samples / 1e6).toFixed(1)} M samples in ${seconds(tookMs)} (${(samples / tookMs / 1e3).toFixed(1)} M/s); ${job.report?.pages} pages, ${job.report?.rules.reduce((sum, { fired }) => sum + fired, 0)} times fired`,
      )
      for (const { failure } of job.report?.rules ?? []) if (failure !== undefined) throw new Error(failure)
      break
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const cpu = cpuOf(pid)
  for (const [i, [name, user, system]] of cpu.entries())
    console.log(
      `${name}: CPU ${(user - (cpuBefore[i]?.[1] ?? 0)).toFixed(1)} s user, ${(system - (cpuBefore[i]?.[2] ?? 0)).toFixed(1)} s system`,
    )
  console.log(`most memory of all processes meanwhile: ${Math.round(most.bytes / 1e6)} MB (${most.text})`)
  console.log(`evaluations that live rules missed meanwhile: ${(await missed(url)) - missedBefore}`)
}

async function missed(url: string): Promise<number> {
  const { groups } = await getData<{ readonly groups: readonly { readonly missedIterations: number }[] }>(
    { url },
    '/api/v1/rules',
  )
  return groups.reduce((sum, { missedIterations }) => sum + missedIterations, 0)
}

interface Memory {
  readonly bytes: number
  /** By process. */
  readonly text: string
}

/** The server and its children. */
function processesOf(pid: number): readonly string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  return [String(pid), ...children]
}

/** Proportional share of the process and its children. */
function memoryOf(pid: number): Memory {
  const each = processesOf(pid).map((one) => {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) * 1024
  })
  return {
    bytes: each.reduce((sum, one) => sum + one, 0),
    text: each.map((one) => `${Math.round(one / 1e6)}`).join(' + '),
  }
}

/** Name, user and system seconds of the process and its children. */
function cpuOf(pid: number): readonly (readonly [string, number, number])[] {
  return processesOf(pid).map((one, i) => {
    // what stands behind the name, which may hold spaces; ticks are hundredths of a second
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return [i === 0 ? 'server' : 'engine', Number(fields[11]) / 100, Number(fields[12]) / 100]
  })
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
