// What Logstash wrote down of files that it has read: `inode major minor position [time path]`, one a line.
import { readFileSync } from 'node:fs'

interface KnownFile {
  readonly inode: bigint
  readonly position: number
  /** '' where older versions did not write it. */
  readonly path: string
}

type FormerPosition = (file: {
  readonly device: bigint
  readonly inode: bigint
  readonly path: string
}) => number | undefined

/** Undefined where there is no such file: then nothing was read before. */
export function formerPositions(path: string | undefined): FormerPosition | undefined {
  if (path === undefined || path === '/dev/null' || path === 'NUL') return undefined
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    // as at Logstash's own first start
    return undefined
  }
  const known = new Map(readSincedb(text).map((file) => [file.inode, file]))
  // an inode alone may belong to another disk, or have been another file's
  return ({ inode, path: name }) => {
    const file = known.get(inode)
    return file !== undefined && (file.path === '' || file.path === name) ? file.position : undefined
  }
}

export function readSincedb(text: string): KnownFile[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d{1,20}) \d+ \d+ (\d{1,15})(?: [\d.]+(?: (.*))?)?$/.exec(line.trim())
    if (match === null) return []
    const [, inode = '0', position, path = ''] = match
    return [{ inode: BigInt(inode), position: Number(position), path }]
  })
}
