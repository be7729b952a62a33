// Prometheus's own query scripts against parse and evaluate, in this process.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findConformanceKit, loadPromqltestKit } from '@tidewatch/testkit/promqltest/kit.ts'
import { type CaseResult, runScripts } from '@tidewatch/testkit/promqltest/run.ts'
import { expect, test } from 'vitest'
import { createScriptEngine } from './testing/script-engine.ts'

const dir = findConformanceKit('promqltest')
const knownFailing = new Set(
  readFileSync(join(import.meta.dirname, '../known-failing.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
)
const lineOf = ({ id, query }: CaseResult): string => `${id} ${query}`

test.skipIf(dir === undefined && process.env.CI === undefined)(
  'answers the conformance scripts as Prometheus does',
  async () => {
    if (dir === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
    const results = await runScripts(await loadPromqltestKit(dir), dir, createScriptEngine)
    expect(results.length).toBeGreaterThanOrEqual(1479)

    const failing = results.filter(({ mismatch }) => mismatch !== undefined)
    const unexpected = failing.filter((result) => !knownFailing.has(lineOf(result)))
    expect(unexpected.map((result) => ({ case: lineOf(result), ...result.mismatch }))).toEqual([])

    const stillFailing = new Set(failing.map(lineOf))
    const passing = [...knownFailing].filter((line) => !stillFailing.has(line))
    expect(passing, 'these pass now: take them out of known-failing.txt').toEqual([])
  },
)

/** Scripts of our own for what is newer than the kit. */
test.skipIf(dir === undefined && process.env.CI === undefined)('answers what Prometheus does since 3.6', async () => {
  if (dir === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
  const results = await runScripts(
    await loadPromqltestKit(dir),
    join(import.meta.dirname, '../cases'),
    createScriptEngine,
  )
  expect(results.length).toBeGreaterThan(25)
  const failing = results.filter(({ mismatch }) => mismatch !== undefined)
  expect(failing.map((result) => ({ case: lineOf(result), ...result.mismatch }))).toEqual([])
})
