// Prometheus's own query scripts over HTTP against the whole product: written by remote write, read by the query API.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findConformanceKit } from '@tidewatch/testkit/promqltest/kit.ts'
import { startServer } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'

const kit = findConformanceKit('promqltest')
const isMissing = kit === undefined && process.env.CI !== 'true'
if (isMissing) console.warn('promqltest: skipped, the conformance kit is not here; CONFORMANCE_DIR says where it is')

interface KitResult {
  readonly id: string
  readonly query: string
  readonly passed: boolean
  readonly reason?: string
  readonly expected?: string
  readonly got?: string
}

/** Runs the kit's own program; it exits with 1 where cases fail. */
async function runKit(dir: string, url: string, file = ''): Promise<readonly KitResult[]> {
  const directory = mkdtempSync(join(tmpdir(), 'tidewatch-promqltest-'))
  const json = join(directory, 'results.json')
  const args = [join(dir, 'run.mjs'), '--url', url, '--quiet', '--json', json, join(dir, 'tests', file)]
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

test.skipIf(isMissing)('answers all conformance scripts over HTTP', async () => {
  if (kit === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
  await using server = await startServer({ args: ['--retention', 'off'] })
  const results = await runKit(kit, server.url)
  expect(results.length).toBeGreaterThanOrEqual(1479)
  expect(results.filter(({ passed }) => !passed)).toEqual([])
})

test.skipIf(isMissing)('answers those of native histograms from the store alone', async () => {
  if (kit === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
  // with several processes no head has all samples, so that queries read the store
  await using server = await startServer({ args: ['--retention', 'off', '--role', 'ingest,query'] })
  const results = await runKit(kit, server.url, 'native_histograms.test')
  expect(results.length).toBeGreaterThanOrEqual(320)
  expect(results.filter(({ passed }) => !passed)).toEqual([])
})
