import { readdir, readFile, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const compressible = new Set(['.html', '.js', '.css', '.svg', '.json', '.map', '.txt'])
/** Below this the answer's headers weigh more than what compression saves. */
const minBytes = 512

/** Writes `x.br` and `x.gz` beside each text file of the build, at the highest level: compressed once, served many times. */
export function precompress(): Plugin {
  let outDir = ''
  return {
    name: 'tidewatch-precompress',
    apply: 'build',
    configResolved(config) {
      outDir = join(config.root, config.build.outDir)
    },
    closeBundle: {
      sequential: true,
      order: 'post',
      async handler() {
        const entries = await readdir(outDir, { recursive: true, withFileTypes: true })
        for (const entry of entries) {
          if (!entry.isFile() || !compressible.has(extname(entry.name))) continue
          const path = join(entry.parentPath, entry.name)
          const bytes = await readFile(path)
          if (bytes.length < minBytes) continue
          const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
          await writeFile(`${path}.br`, brotliCompressSync(bytes, { params }))
          await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }))
        }
      },
    },
  }
}
