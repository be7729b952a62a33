// The entry. What is compiled is kept beside the packages, so that a start reads it instead of making it again in each thread; where that directory
// cannot be written nothing is kept. It saves 12 MB a thread and half of the time to readiness: types need not be stripped.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// by the environment for the query threads and the engine's process
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../../../node_modules/.cache/tidewatch', import.meta.url))
enableCompileCache(process.env.NODE_COMPILE_CACHE)
const { main, tell } = await import('./program.ts')

// a command that never comes to its end has failed: Node would end with 0 once nothing is left to wait for
process.exitCode = 1
main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    tell(error)
    process.exitCode = 1
  },
)
