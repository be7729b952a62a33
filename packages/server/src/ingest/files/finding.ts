// Which files a source's patterns name.
import { glob, stat } from 'node:fs/promises'
import { dirname, matchesGlob } from 'node:path'
import type { PlainBytes } from './bytes.ts'
import type { FileSource } from './source.ts'

export interface FoundFile {
  readonly path: string
  readonly device: bigint
  readonly inode: bigint
  readonly modifiedMs: number
  /** Where it is open already; whoever is handed the file closes it. */
  readonly bytes?: PlainBytes
  /** Its name now, where `path` was its name while it was written. */
  readonly nowAt?: string
}

type Patterns = Pick<FileSource, 'patterns' | 'exclude'>

const compressed = /\.(?:gz|bz2|xz|zst|zip)$/

export const fileKey = ({ device, inode }: Pick<FoundFile, 'device' | 'inode'>): string => `${device}:${inode}`

export const isExcluded = ({ exclude }: Patterns, path: string): boolean =>
  exclude.some((pattern) => matchesGlob(path, pattern))

export const isWanted = (source: Patterns, path: string): boolean =>
  !compressed.test(path) &&
  !isExcluded(source, path) &&
  source.patterns.some((pattern) => path === pattern || matchesGlob(path, pattern))

export async function matchingFiles(source: Patterns): Promise<FoundFile[]> {
  const found = new Map<string, FoundFile>()
  for (const pattern of source.patterns)
    for await (const path of glob(pattern)) {
      if (compressed.test(path) || isExcluded(source, path)) continue
      const status = await stat(path, { bigint: true }).catch(() => undefined)
      if (status?.isFile() !== true) continue
      const { dev: device, ino: inode, mtimeMs } = status
      const file = { path, device, inode, modifiedMs: Number(mtimeMs) }
      found.set(fileKey(file), file)
    }
  return [...found.values()]
}

/** Where files of the pattern stand, or the folders that they stand in. */
export function fixedFolder(pattern: string): string {
  const wild = pattern.search(/[*?[{!(]/)
  return dirname(wild < 0 ? pattern : `${pattern.slice(0, wild)}x`)
}
