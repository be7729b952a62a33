// `npm test`: everything, in order, and the true count of it all as the last line.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { ensureDebianPackages } from './debian.mjs'
import { ensurePackages } from './install.mjs'
import { root } from './node-version.mjs'
import { ensurePage } from './page.mjs'

/** The suites of one line run side by side: what one leaves of the machine at its end, another takes. */
const runs = [['quick'], ['counterparts', 'hostile', 'browser', 'kill']]

ensurePackages()
ensureDebianPackages()
ensurePage()
reportConformance()

const results = mkdtempSync(join(tmpdir(), 'tidewatch-test-'))
const total = { passed: 0, failed: 0 }
for (const suites of runs) {
  console.log(`\n== ${suites.join(', ')}`)
  const file = join(results, `${suites[0]}.json`)
  const args = [
    join(root, 'scripts', 'with-node.mjs'),
    'vitest',
    'run',
    ...suites.flatMap((suite) => ['--project', suite]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  const { numPassedTests = 0, numFailedTests = 0, testResults = [] } = result ?? {}
  total.passed += numPassedTests
  // a run that dies outside a test, or runs none, has failed too, and so has a suite without a single test
  const absent = suites.filter((suite) => !testResults.some(({ name }) => suiteOf(name, suites) === suite))
  const more = status !== 0 && numFailedTests === 0 ? 1 : 0
  total.failed += numFailedTests + Math.max(more, absent.length)
  for (const suite of suites) console.log(`${suite}: ${countOf(testResults, suite, suites)}`)
}
rmSync(results, { recursive: true })
if (process.env.TIDEWATCH_COUNTS) writeFileSync(process.env.TIDEWATCH_COUNTS, JSON.stringify(total))
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)

/** `tests/kill/x.test.ts` is of kill; what stands beside the code is of the first suite of its run. */
function suiteOf(file, suites) {
  const [folder, suite] = relative(root, file).split(sep)
  return folder === 'tests' && suites.includes(suite) ? suite : suites[0]
}

function countOf(testResults, suite, suites) {
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    suiteOf(name, suites) === suite ? assertionResults : [],
  )
  const count = (wanted) => tests.filter(({ status }) => status === wanted).length
  return `${count('passed')} passed, ${count('failed')} failed`
}

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
