// `node scripts/run.mjs program.ts ...` on any Node from 20: in the place of this process, where it can be.
import { runNode } from './run-node.mjs'

runNode(process.argv.slice(2))
