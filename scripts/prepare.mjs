// Before `npm start` and `npm run demo` give way to the server itself: packages, page, and a Node that is new enough.
import { ensurePackages } from './install.mjs'
import { findNode, nodeAdvice } from './node-version.mjs'
import { ensurePage } from './page.mjs'

ensurePackages()
ensurePage()
if (findNode() === undefined) {
  console.error(nodeAdvice())
  process.exit(1)
}
