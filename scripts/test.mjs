// `npm test`: everything, in order, and the true count of it all as the last line.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDebianPackages } from './debian.mjs'
import { ensurePackages } from './install.mjs'
import { root } from './node-version.mjs'
import { ensurePage } from './page.mjs'

const suites = ['quick', 'counterparts', 'hostile', 'browser', 'kill']

ensurePackages()
ensureDebianPackages()
ensurePage()
reportConformance()

const results = mkdtempSync(join(tmpdir(), 'tidewatch-test-'))
const total = { passed: 0, failed: 0 }
for (const suite of suites) {
  console.log(`\n== ${suite}`)
  const file = join(results, `${suite}.json`)
  const args = [
    join(root, 'scripts', 'with-node.mjs'),
    'vitest',
    'run',
    '--project',
    suite,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { numPassedTests: 0, numFailedTests: 0 }
  total.passed += counts.numPassedTests
  // a suite that dies outside a test, or runs none, has failed too
  total.failed += counts.numFailedTests + (status !== 0 && counts.numFailedTests === 0 ? 1 : 0)
}
rmSync(results, { recursive: true })
if (process.env.TIDEWATCH_COUNTS) writeFileSync(process.env.TIDEWATCH_COUNTS, JSON.stringify(total))
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)

/** Third-party cases stay outside the repository; say which suites go without them. */
function reportConformance() {
  const directory = process.env.CONFORMANCE_DIR ?? join(root, '..', 'shared', 'conformance')
  if (existsSync(directory)) return
  const message = `The third-party cases are not at ${directory} (CONFORMANCE_DIR): promqltest, prometheus-config and the other conformance suites do not run.`
  if (process.env.CI === 'true') {
    console.error(message)
    process.exit(1)
  }
  console.log(message)
}
