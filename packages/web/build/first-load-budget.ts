import { gzipSync } from 'node:zlib'
import type { Plugin, Rolldown } from 'vite'

/** The page that is opened first counts as part of the first load. */
const firstPage = /[\\/]pages[\\/]now[\\/]page\.tsx$/

/**
 * Fails the build when what a browser fetches for the first page is larger than `maxBytes` in gzip: html, entry, the first page's
 * chunk, everything they import statically, their styles, and the fonts that are preloaded.
 */
export function firstLoadBudget({ maxBytes }: { readonly maxBytes: number }): Plugin {
  return {
    name: 'tidewatch-first-load-budget',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = firstLoadFiles(bundle)
        const sizes = [...files].map((name) => [name, compressedBytes(bundle[name])] as const)
        const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0)
        const table = sizes.sort((a, b) => b[1] - a[1]).map(([name, bytes]) => `  ${kilobytes(bytes)}  ${name}`)
        console.log(`first load ${kilobytes(total)} of ${kilobytes(maxBytes)} in gzip\n${table.join('\n')}`)
        if (total > maxBytes)
          this.error(`The first load is ${kilobytes(total)}, over ${kilobytes(maxBytes)}. Load parts on demand.`)
      },
    },
  }
}

function firstLoadFiles(bundle: Rolldown.OutputBundle): Set<string> {
  const files = new Set<string>()
  const add = (name: string): void => {
    const file = bundle[name]
    if (file === undefined || files.has(name)) return
    files.add(name)
    if (file.type !== 'chunk') return
    for (const imported of file.imports) add(imported)
    for (const style of file.viteMetadata?.importedCss ?? []) add(style)
  }
  let firstPageSeen = false
  for (const [name, file] of Object.entries(bundle)) {
    const isFirstPage = file.type === 'chunk' && file.facadeModuleId !== null && firstPage.test(file.facadeModuleId)
    firstPageSeen ||= isFirstPage
    const isPreloadedFont = /latin-wght-normal/.test(name)
    if ((file.type === 'chunk' && file.isEntry) || isFirstPage || isPreloadedFont || name.endsWith('.html')) add(name)
  }
  if (!firstPageSeen)
    throw new Error(`The first page's chunk (${firstPage}) is not in the build: its size would not be counted`)
  return files
}

function compressedBytes(file: Rolldown.OutputBundle[string] | undefined): number {
  if (file === undefined) return 0
  if (file.fileName.endsWith('.woff2') && file.type === 'asset') return file.source.length
  return gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 }).length
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`.padStart(9)
