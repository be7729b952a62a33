// Runs on Node 20: builds the page when its sources are newer than what was built.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './node-version.mjs'

const built = join(root, 'packages', 'web', 'dist', 'index.html')
const sources = [
  'packages/web/src',
  'packages/web/index.html',
  'packages/web/vite.config.ts',
  'packages/api/src',
  'packages/core/src',
  'package-lock.json',
]

function newestMs(path) {
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))))
}

/** Ends the process when the build fails. */
export function ensurePage() {
  const newest = Math.max(
    ...sources
      .map((source) => join(root, source))
      .filter(existsSync)
      .map(newestMs),
  )
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return
  console.log('Building the page ...')
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'scripts', 'with-node.mjs'), 'vite', 'build', 'packages/web', '--logLevel', 'warn'],
    { cwd: root, stdio: 'inherit' },
  )
  if (status !== 0) {
    console.error('The page could not be built; the reason stands above.')
    process.exit(1)
  }
}
