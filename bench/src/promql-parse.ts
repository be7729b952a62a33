// How long it takes to parse the 1,141 rules from the wild: our parser with its type check, beside the official grammar's tree alone (which an
// evaluator could not use yet). Also printing and formatting.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parser } from '@prometheus-io/lezer-promql'
import { parse } from '@tidewatch/promql/parse.ts'
import { format, print } from '@tidewatch/promql/print.ts'

const conformance =
  process.env.CONFORMANCE_DIR ?? fileURLToPath(new URL('../../../shared/conformance', import.meta.url))
const file = join(conformance, 'dashboards/rules-in-the-wild.json')
const fallback = [
  'sum by (job) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (job) (rate(http_requests_total[5m])) > 0.05',
]

function readQueries(): readonly string[] {
  if (!existsSync(file)) return fallback
  const data: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const rules =
    typeof data === 'object' && data !== null && 'rules' in data && Array.isArray(data.rules) ? data.rules : []
  return rules.map((rule: { readonly expr: string }) => rule.expr)
}

/** Runs once to warm up, then for half a second; prints the mean for one query. */
function measure<T>(name: string, inputs: readonly T[], work: (input: T) => unknown): void {
  for (let i = 0; i < 5; i++) for (const input of inputs) work(input)
  const start = performance.now()
  let rounds = 0
  while (performance.now() - start < 500) {
    for (const input of inputs) work(input)
    rounds++
  }
  const micros = ((performance.now() - start) * 1000) / (rounds * inputs.length)
  console.log(`${name.padEnd(34)} ${micros.toFixed(2).padStart(8)} µs a query`)
}

const queries = readQueries()
const trees = queries.map(parse)
console.log(`${queries.length} queries, ${Math.round(queries.join('').length / queries.length)} characters each`)
measure('parse and check (ours)', queries, parse)
measure('tree of lezer-promql, no AST', queries, (query) => parser.parse(query))
measure('print', trees, print)
measure('format', trees, format)
