// Prints the path of the Node that runs Tidewatch. `exec "$(node scripts/which-node.mjs)" ...` leaves no second process behind.
import { findNode } from './node-version.mjs'

console.log(findNode())
