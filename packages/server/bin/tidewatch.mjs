#!/usr/bin/env node
// Runs on any Node from 20: finds the one that Tidewatch needs and hands everything on.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runNode } from '../../../scripts/run-node.mjs'

const main = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src', 'cli', 'main.ts')
runNode([main, ...process.argv.slice(2)])
