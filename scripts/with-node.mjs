// `node scripts/with-node.mjs vitest run`: runs a package's command, or `node FILE`, under Node 24 whatever Node npm itself runs on.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { findNode, nodeAdvice, root } from './node-version.mjs'

const [command, ...args] = process.argv.slice(2)
const node = findNode()
if (node === undefined) {
  console.error(nodeAdvice())
  process.exit(1)
}
const bin = join(root, 'node_modules', '.bin', command)
const isNode = command === 'node'
if (!isNode && !existsSync(bin)) {
  console.error(`${command} is not installed. Run: npm install`)
  process.exit(1)
}
const child = spawn(isNode ? node : bin, args, {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
