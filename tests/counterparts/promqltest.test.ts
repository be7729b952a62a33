// Prometheus's own query scripts over HTTP against the whole product: written by remote write, read by the query API.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findConformanceKit, type KitSeries, loadPromqltestKit } from '@tidewatch/testkit/promqltest/kit.ts'
import { runScripts, type ScriptEngine } from '@tidewatch/testkit/promqltest/run.ts'
import { startServer } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { createScriptEngine } from '../../packages/promql/src/testing/script-engine.ts'

const kit = findConformanceKit('promqltest')
const isMissing = kit === undefined && process.env.CI !== 'true'
if (isMissing) console.warn('promqltest: skipped, the conformance kit is not here; CONFORMANCE_DIR says where it is')

const listFile = join(import.meta.dirname, 'promqltest-failing.txt')
/** `file:line` of the cases that are known to fail. */
const listed = readFileSync(listFile, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

interface KitResult {
  readonly id: string
  readonly query: string
  readonly passed: boolean
  readonly reason?: string
  readonly expected?: string
  readonly got?: string
}

/** Runs the kit's own program; it exits with 1 where cases fail. */
async function runKit(dir: string, url: string): Promise<readonly KitResult[]> {
  const directory = mkdtempSync(join(tmpdir(), 'tidewatch-promqltest-'))
  const json = join(directory, 'results.json')
  const args = [join(dir, 'run.mjs'), '--url', url, '--quiet', '--json', json, join(dir, 'tests')]
  try {
    await new Promise<void>((resolve, reject) => {
      execFile(process.execPath, args, { maxBuffer: 64 << 20 }, (error, out, err) => {
        if (error !== null && error.code !== 1) reject(new Error(`the kit could not be run: ${out}${err}`))
        else resolve()
      })
    })
    return (JSON.parse(readFileSync(json, 'utf8')) as { readonly cases: readonly KitResult[] }).cases
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** Our evaluator on the scripts' samples without the native histograms among them: what cannot pass while those are not kept. */
function withoutHistograms(): ScriptEngine {
  const engine = createScriptEngine()
  const floatsOf = (series: KitSeries): KitSeries => ({
    ...series,
    samples: series.samples.filter(({ h }) => h === undefined),
  })
  return {
    load: (series) => engine.load(series.map(floatsOf).filter(({ samples }) => samples.length > 0)),
    instant: (query, atMs) => engine.instant(query, atMs),
    range: (query, startMs, endMs, stepMs) => engine.range(query, startMs, endMs, stepMs),
  }
}

test.skipIf(isMissing)('answers the conformance scripts over HTTP but for the listed cases', async () => {
  if (kit === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
  await using server = await startServer({ args: ['--retention', 'off'] })
  const results = await runKit(kit, server.url)
  expect(results.length).toBeGreaterThanOrEqual(1479)

  const failing = results.filter(({ passed }) => !passed)
  const unexpected = failing.filter(({ id }) => !listed.includes(id))
  expect(unexpected).toEqual([])
  const failed = new Set(failing.map(({ id }) => id))
  expect(
    listed.filter((id) => !failed.has(id)),
    'these pass now: take them out of promqltest-failing.txt',
  ).toEqual([])
})

test.skipIf(isMissing)('lists no case that native histograms do not explain', async () => {
  if (kit === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
  const results = await runScripts(await loadPromqltestKit(kit), kit, withoutHistograms)
  const explained = new Set(results.filter(({ mismatch }) => mismatch !== undefined).map(({ id }) => id))
  expect(listed.filter((id) => !explained.has(id))).toEqual([])
})
