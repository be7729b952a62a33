// Runs on Node 20: finds the Node that runs Tidewatch (24 or newer), the machine's own or the one among the packages.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const neededMajor = 24

/** The path of a Node binary of at least version 24, or undefined while the packages are not installed. */
export function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return process.execPath
  const bundled = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node')
  return existsSync(bundled) ? bundled : undefined
}

/** What to tell a person whose machine has no usable Node. */
export function nodeAdvice() {
  return process.platform === 'linux'
    ? `Node ${process.versions.node} is too old to run Tidewatch (it needs ${neededMajor}), and the packages that bring one are not installed. Run: npm install`
    : `Node ${process.versions.node} is too old to run Tidewatch (it needs ${neededMajor}). Install it from https://nodejs.org or with: brew install node@24`
}
