// `npm run check`: types, lint, format, dead code, and the house rules (imports, registries, licences, route table).
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensurePackages } from './install.mjs'
import { root } from './node-version.mjs'

ensurePackages()
const steps = [
  ['types', 'tsc', '-p', '.'],
  ['types of the page', 'tsc', '-p', 'packages/web'],
  ['types of the browser tests', 'tsc', '-p', 'tests/browser'],
  ['lint and format', 'biome', 'ci', '--diagnostic-level=warn', '--error-on-warnings', '.'],
  ['promises', 'oxlint', '--type-aware', '--deny-warnings', '-c', '.oxlintrc.json'],
  ['dead code', 'knip'],
  ['house rules', 'vitest', 'run', '--project', 'quick', 'tests/house'],
]
const total = { passed: 0, failed: 0 }
for (const [name, ...command] of steps) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'with-node.mjs'), ...command], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  total[status === 0 ? 'passed' : 'failed']++
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name}`)
  if (status !== 0) console.log(`${stdout}${stderr}`)
}
if (process.env.TIDEWATCH_COUNTS) writeFileSync(process.env.TIDEWATCH_COUNTS, JSON.stringify(total))
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)
