// How many lines a second LogQL's stages take, in one thread: filters, parsers, and whole metric queries in one pass.
import { Labels } from '@tidewatch/core/labels.ts'
import { compileEntry } from '@tidewatch/logquery/logql/evaluate-logs.ts'
import { evaluateMetrics } from '@tidewatch/logquery/logql/evaluate-metrics.ts'
import { parse, parseLogQuery } from '@tidewatch/logquery/logql/parse.ts'
import { compilePipeline, type SourceLine } from '@tidewatch/logquery/logql/pipeline.ts'
import type { LineSource } from '@tidewatch/logquery/logql/source.ts'

const count = 50_000
const stream = Labels.from({ app: 'api', env: 'prod', host: 'a1' })
const levels = ['info', 'info', 'info', 'warn', 'error']

function linesOf(make: (i: number) => string): SourceLine[] {
  return Array.from({ length: count }, (_, i) => ({
    timeNs: 1_735_689_600_000_000_000n + BigInt(i) * 1_000_000n,
    line: make(i),
    stream,
    metadata: Labels.empty,
  }))
}

const logfmt = linesOf(
  (i) =>
    `ts=2025-01-01T00:00:00.${String(i % 1000).padStart(3, '0')}Z level=${levels[i % 5]} msg="order ${i} placed" status=${200 + (i % 4) * 100} dur=${i % 900}ms size=${i % 64}KB user=u${i % 1000} trace_id=${i.toString(16).padStart(32, '0')}`,
)
const json = linesOf(
  (i) =>
    `{"ts":"2025-01-01T00:00:00.${String(i % 1000).padStart(3, '0')}Z","level":"${levels[i % 5]}","msg":"order ${i} placed","request":{"method":"GET","path":"/cart/${i % 50}"},"status":${200 + (i % 4) * 100},"ms":${i % 900},"tags":["a","b"],"user":"u${i % 1000}","trace_id":"${i.toString(16).padStart(32, '0')}"}`,
)
const signal = new AbortController().signal
const nowMs = (): number => 0

/** Runs once to warm up, then for half a second; prints lines a second of processor time, which other work on the machine changes least. */
async function measure(name: string, work: () => unknown): Promise<void> {
  await work()
  const start = performance.now()
  const before = process.cpuUsage()
  let rounds = 0
  while (performance.now() - start < 500) {
    await work()
    rounds++
  }
  const { user, system } = process.cpuUsage(before)
  const perSecond = (rounds * count * 1e6) / (user + system)
  console.log(`${name.padEnd(72)} ${(perSecond / 1e6).toFixed(2).padStart(6)} M lines/s`)
}

function pipelineOver(stages: string, lines: readonly SourceLine[]): () => void {
  const { run } = compilePipeline(parseLogQuery(`{app="api"} ${stages}`), { nowMs })
  return () => {
    for (const line of lines) run(line)
  }
}

function entriesOver(stages: string, lines: readonly SourceLine[]): () => void {
  const run = compileEntry(parseLogQuery(`{app="api"} ${stages}`), nowMs)
  return () => {
    for (const line of lines) run(line)
  }
}

function metricOver(query: string, lines: readonly SourceLine[]): () => Promise<unknown> {
  const expr = parse(query)
  if (expr.kind === 'log') throw new Error(`${query} is no metric query`)
  const source: LineSource = {
    async *lines() {
      for (let at = 0; at < lines.length; at += 5000) yield lines.slice(at, at + 5000)
    },
  }
  const options = { startMs: 1_735_689_610_000, endMs: 1_735_689_650_000, stepMs: 1000, nowMs, signal }
  return () => evaluateMetrics(expr, source, options)
}

console.log(`${count} lines; logfmt ${logfmt[0].line.length} characters, JSON ${json[0].line.length}`)
for (const stages of [
  '|= "order 4999"',
  '!~ "level=(info|debug)"',
  '|~ "status=5.."',
  '|> "<_> status=500 <_>"',
  '| logfmt',
  '| logfmt | status >= 500',
  '| pattern "ts=<ts> level=<level> msg=\\"<msg>\\" <_>"',
  '| regexp `level=(?P<level>\\w+)`',
  '| line_format `{{.app}} {{__line__ | trunc 20}}`',
]) {
  await measure(stages, pipelineOver(stages, logfmt))
}
for (const stages of ['| json', '| json | request_method="POST"', '| json m="request.method"']) {
  await measure(stages, pipelineOver(stages, json))
}
await measure('| json, with the labels of each line', entriesOver('| json', json))
for (const query of [
  'count_over_time({app="api"}[1s])',
  'sum by (level) (count_over_time({app="api"} | logfmt [1s]))',
]) {
  await measure(query, metricOver(query, logfmt))
}
for (const query of [
  'sum by (level) (count_over_time({app="api"} | json [1s]))',
  'quantile_over_time(0.99, {app="api"} | json | unwrap ms [10s]) by (level)',
]) {
  await measure(query, metricOver(query, json))
}
