// `npm start`: packages, page, engine, server. `npm start -- --config my.yml` hands its flags on. `--demo` starts the marketplace beside it.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensurePackages } from './install.mjs'
import { findNode, nodeAdvice, root } from './node-version.mjs'
import { ensurePage } from './page.mjs'

ensurePackages()
ensurePage()
const node = findNode()
if (node === undefined) {
  console.error(nodeAdvice())
  process.exit(1)
}
const args = process.argv.slice(2)
const isDemo = args[0] === '--demo'
const program = isDemo
  ? [join(root, 'demo', 'src', 'main.ts'), ...args.slice(1)]
  : [join(root, 'packages', 'server', 'src', 'cli', 'main.ts'), 'serve', ...args]
const child = spawn(node, program, { cwd: process.cwd(), stdio: 'inherit' })
// Ctrl-C reaches the whole group by itself; a signal sent to this process alone is handed on
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
process.on('SIGINT', () => {})
child.on('exit', (code) => process.exit(code ?? 1))
