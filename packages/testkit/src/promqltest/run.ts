// Runs promqltest scripts against an engine in this process, with the same checks as the kit has over HTTP.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KitEval, KitSeries, Mismatch, PromqltestKit, QueryBody } from './kit.ts'

/** What is tested: an empty store with a query engine over it. */
export interface ScriptEngine {
  load(series: readonly KitSeries[]): void
  instant(query: string, atMs: number): Promise<QueryBody>
  range(query: string, startMs: number, endMs: number, stepMs: number): Promise<QueryBody>
}

export interface CaseResult {
  /** `file:line`. */
  readonly id: string
  readonly query: string
  readonly mismatch: Mismatch | undefined
}

/** Runs all scripts of the kit; each section begins with a new engine. */
export async function runScripts(
  kit: PromqltestKit,
  dir: string,
  createEngine: () => ScriptEngine,
): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  for (const file of readdirSync(join(dir, 'tests'))
    .filter((name) => name.endsWith('.test'))
    .sort()) {
    for (const section of kit.parseFile(readFileSync(join(dir, 'tests', file), 'utf8'))) {
      const engine = createEngine()
      for (const command of section.commands) {
        if (command.type === 'load') engine.load(command.series)
        else {
          const mismatch = await runCase(kit, engine, command)
          results.push({ id: `${file}:${command.line}`, query: command.query, mismatch })
        }
      }
    }
  }
  return results
}

const exact = { slack: 0 }

async function runCase(kit: PromqltestKit, engine: ScriptEngine, ev: KitEval): Promise<Mismatch | undefined> {
  const atMs = ev.at ?? 0
  const body = ev.range ? await engine.range(ev.query, ev.start, ev.end, ev.step) : await engine.instant(ev.query, atMs)
  const mustFail = ev.expect.fail.length > 0
  if (body.status === 'error') {
    if (mustFail) return kit.compareFailure(ev, body.error)
    return { reason: 'query failed', expected: 'a result', got: body.error }
  }
  if (mustFail)
    return { reason: 'query did not fail', expected: 'an error', got: JSON.stringify(body.data).slice(0, 300) }
  const mismatch = kit.compareAnnotations(ev, body, false) ?? kit.compareData(ev, body.data, 0, exact)
  return mismatch ?? repeatAsRange(kit, engine, ev, atMs)
}

/** As Prometheus's own test does: an instant query again as the middle step of a range query. */
async function repeatAsRange(
  kit: PromqltestKit,
  engine: ScriptEngine,
  ev: KitEval,
  atMs: number,
): Promise<Mismatch | undefined> {
  if (ev.range || ev.rangeVector === true || ev.string !== undefined) return undefined
  if (/\b(?:start|end|range|step)\(\)/.test(ev.query)) return undefined
  const body = await engine.range(ev.query, atMs - 60_000, atMs + 60_000, 60_000)
  if (body.status === 'error') return { reason: 'failed as range query', expected: 'a result', got: body.error }
  if (ev.expect.ordered.length > 0) return undefined
  const mismatch = kit.compareMiddle(ev, body.data, atMs, exact)
  return mismatch && { ...mismatch, reason: `as range query: ${mismatch.reason}` }
}
