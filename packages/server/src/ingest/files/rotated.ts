// Files beside those that a pattern names, under the names that rotations give: the rest of what was followed, and what came and went between two looks.
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type ByteSource, fingerprintOf, GzipBytes, maxFingerprintBytes, PlainBytes } from './bytes.ts'
import type { FilePosition } from './state.ts'

export interface RotatedFile {
  readonly path: string
  /** What it was called while it was written: one of those that were asked for. */
  readonly base: string
  readonly device: bigint
  readonly inode: bigint
  readonly size: number
  readonly modifiedMs: number
}

/** Names of one folder that are looked at. */
const maxNames = 10_000
/** Copies of which the beginning is read for one file, the newest first. */
const maxCandidates = 200

export const isGzip = ({ path }: Pick<RotatedFile, 'path'>): boolean => path.endsWith('.gz')

/** `app.log.1`, `app.log.2.gz`, `app.log.old`, `app-20261122.log.gz` beside `app.log`; the one that was written last comes first. */
export async function rotatedFiles(bases: ReadonlySet<string>): Promise<RotatedFile[]> {
  const folders = new Set([...bases].map(dirname))
  const found: RotatedFile[] = []
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []) // a folder that is gone holds nothing
    const rotated = names.flatMap((name) => {
      const base = basesOf(name).find((one) => bases.has(join(folder, one)))
      return base === undefined ? [] : [{ path: join(folder, name), base: join(folder, base) }]
    })
    found.push(...(await Promise.all(rotated.slice(0, maxNames).map(statusOf))).flat())
  }
  return found.sort((a, b) => b.modifiedMs - a.modifiedMs)
}

async function statusOf({ path, base }: Pick<RotatedFile, 'path' | 'base'>): Promise<RotatedFile[]> {
  const status = await stat(path, { bigint: true }).catch(() => undefined)
  if (status?.isFile() !== true) return []
  const { dev: device, ino: inode, size, mtimeNs } = status
  return [{ path, base, device, inode, size: Number(size), modifiedMs: Number(mtimeNs / 1_000_000n) }]
}

const marks = /[.\-_](?=\d|old$|bak$|prev$)/g
/** A number or a time at the end; before the ending a date alone: `app-1.log` is another program's. */
const tail = /^(?:\d[\d.:TZ_+-]*|old|bak|prev|\d{4}([-._]?)\d\d\1\d\d[\d.:TZ_+-]*?(?<ending>\.[A-Za-z]\w{0,15}))$/

/** What a file may have been called before it was given this name. */
export function basesOf(name: string): string[] {
  const plain = name.endsWith('.gz') ? name.slice(0, -3) : name
  const bases = [...plain.matchAll(marks)].flatMap(({ index }) => {
    const found = tail.exec(plain.slice(index + 1))
    return found === null || index === 0 ? [] : [plain.slice(0, index) + (found.groups?.ending ?? '')]
  })
  // `app.log.gz`
  return plain === name ? bases : [...bases, plain]
}

/** Whether a rotation may have made the name of the other. */
export const isRotation = (path: string, other: string): boolean =>
  dirname(path) === dirname(other) &&
  (path === other || basesOf(basename(path)).some((base) => [base, ...basesOf(base)].includes(basename(other))))

/** Where the rest of a file stands that is gone under its name, or was emptied: the file itself, a copy, or a compressed one. */
export async function openRest(
  file: FilePosition,
  rotated: readonly RotatedFile[],
): Promise<{ readonly bytes: ByteSource; readonly at: RotatedFile } | undefined> {
  const near = rotated.filter(({ path, base }) => base === file.path || isRotation(path, file.path))
  const isItself = ({ device, inode }: RotatedFile): boolean => device === file.device && inode === file.inode
  const copies = file.fingerprintBytes === 0 ? [] : near.filter((one) => !isItself(one)).slice(0, maxCandidates)
  for (const at of [...near.filter(isItself), ...copies]) {
    const bytes = await openAsCopy(at, file)
    if (bytes !== undefined) return { bytes, at }
  }
  return undefined
}

/** Undefined where it does not begin as the file does, ends before what was read of it, or has another name by now. */
async function openAsCopy(at: RotatedFile, file: FilePosition): Promise<ByteSource | undefined> {
  const handle = await openSame(at)
  if (handle === undefined) return undefined
  await using opened = new AsyncDisposableStack()
  opened.defer(() => handle.close())
  if (isGzip(at)) {
    // what is read next begins at the beginning again
    await using head = new GzipBytes(handle, { closes: false })
    // still being written, or none
    const read = await head.read(0, file.fingerprintBytes).catch(() => undefined)
    if (read === undefined || !isSame(read, file)) return undefined
    opened.move()
    return new GzipBytes(handle, { closes: true })
  }
  const bytes = new PlainBytes(handle)
  const { size } = await handle.stat()
  if (size < file.position || !isSame(await bytes.read(0, file.fingerprintBytes), file)) return undefined
  opened.move()
  return bytes
}

/** Names move on while we look: open is only what was found under this one. */
async function openSame({ path, device, inode }: RotatedFile): Promise<FileHandle | undefined> {
  const handle = await open(path, 'r').catch(() => undefined)
  if (handle === undefined) return undefined
  const { dev, ino } = await handle.stat({ bigint: true })
  if (dev === device && ino === inode) return handle
  await handle.close()
  return undefined
}

const isSame = (head: Uint8Array, { fingerprint, fingerprintBytes }: FilePosition): boolean =>
  head.length === fingerprintBytes && (fingerprintBytes === 0 || fingerprintOf(head) === fingerprint)

const knownBy = (head: Uint8Array): Pick<FilePosition, 'fingerprint' | 'fingerprintBytes'> => ({
  fingerprint: fingerprintOf(head),
  fingerprintBytes: head.length,
})

async function headOf(at: RotatedFile): Promise<Uint8Array | undefined> {
  const handle = await openSame(at)
  if (handle === undefined) return undefined
  await using bytes = isGzip(at) ? new GzipBytes(handle, { closes: true }) : new PlainBytes(handle)
  return await bytes.read(0, maxFingerprintBytes).catch(() => undefined)
}

/** What tells it from others; nothing where it has another name by now. */
export async function beginningOf(at: RotatedFile): Promise<Partial<ReturnType<typeof knownBy>>> {
  const head = await headOf(at)
  return head === undefined ? {} : knownBy(head)
}

/** Shorter beginnings are those of many files. */
export const leastFingerprint = 32

/** How a compressed one begins; undefined while that cannot be told: it is still being written, or has another name by now. */
export async function gzipHead(at: RotatedFile): Promise<GzipHead | undefined> {
  const head = await headOf(at)
  if (head === undefined) return undefined
  return {
    ...knownBy(head),
    isOf: (file, { isSought }) =>
      isRotation(at.path, file.path) &&
      (file.fingerprintBytes >= (isSought ? 1 : leastFingerprint) ||
        // all of it, where it is short
        file.fingerprintBytes === head.length) &&
      isSame(head.subarray(0, file.fingerprintBytes), file),
  }
}

export interface GzipHead extends Pick<FilePosition, 'fingerprint' | 'fingerprintBytes'> {
  /** Whether it holds what was read before. A short beginning is enough for one whose rest is sought. */
  isOf(file: FilePosition, options: { readonly isSought: boolean }): boolean
}
