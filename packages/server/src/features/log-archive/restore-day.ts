// An archived day back into the store, file by file and piece by piece. A piece is loaded under a token: killed after the load and before it is
// noted, it is loaded again, and the store knows it.
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { LogArchiveStore } from '../../store/port.ts'
import type { Catalog } from './catalog.ts'
import { folderOf, type Manifest } from './manifest.ts'
import type { FileToRestore, LogArchiveRows, LogRestore } from './state.ts'
import type { ArchiveTarget, Waiting } from './target.ts'
import { readFile } from './write-files.ts'

/** One insert of whole lines, before a line that is longer. */
const pieceBytes = 8 * 2 ** 20
const newline = 10

/** The signal may fire between two pieces alone where somebody gives the day up: a load that is under way is waited for. */
export interface RestoreOptions extends Waiting {
  readonly stopping: AbortSignal
  readonly store: LogArchiveStore
  readonly target: ArchiveTarget
  readonly catalog: Catalog
  readonly rows: LogArchiveRows
  readonly scratchDir: string
  /** Told of lines that are searchable from now on. */
  readonly onLines: (lines: number) => void
  readonly pieceBytes?: number
}

/** Goes on where it was ended. */
export async function restoreDay(restore: LogRestore, options: RestoreOptions): Promise<void> {
  const { rows, scratchDir, signal } = options
  let { files } = restore
  if (restore.stage === 'waiting') {
    files = await filesToRestore(restore.dayMs, options)
    await rows.update(restore.id, { stage: 'loading', files, message: '' })
  }
  await mkdir(scratchDir, { recursive: true, mode: 0o700 })
  let { lines } = restore
  for (let at = restore.file; at < files.length; at++) {
    signal.throwIfAborted()
    const file = files[at] as FileToRestore
    const from = at === restore.file ? restore.piece : 0
    lines = await loadFile(restore, { file, at, from, lines }, options)
    await rows.update(restore.id, { file: at + 1, piece: 0, lines })
  }
  await rows.update(restore.id, { stage: 'done', lines, message: '' })
}

/** Those of parts that the store has no lines of: what is there would be there twice. */
async function filesToRestore(
  dayMs: number,
  { store, catalog, signal }: RestoreOptions,
): Promise<readonly FileToRestore[]> {
  const manifest = await catalog.day(dayMs, { signal })
  const gone: Manifest['parts'] = []
  for (const part of manifest.parts) {
    const range = { afterSeq: BigInt(part.afterSeq), throughSeq: BigInt(part.throughSeq) }
    const { lines } = await store.measure({ dayMs, ...part }, range, { signal })
    if (lines === 0) gone.push(part)
  }
  return gone.flatMap(({ files }) => files)
}

interface FileAt {
  readonly file: FileToRestore
  readonly at: number
  /** Pieces of it that are there. */
  readonly from: number
  readonly lines: number
}

async function loadFile(
  { id, dayMs, untilMs }: LogRestore,
  { file, at, from, lines }: FileAt,
  options: RestoreOptions,
): Promise<number> {
  const { store, target, rows, scratchDir, signal, stopping } = options
  // read whole before any of it counts: a file that is damaged at its end is not loaded to its middle
  const path = join(scratchDir, `restore-${id}-${at}.ndjson`)
  try {
    await pipeline(
      readFile(target, `${folderOf(dayMs)}${file.name}`, file, { signal }),
      createWriteStream(path, { mode: 0o600 }),
      {
        signal,
      },
    )
    let piece = 0
    for await (const bytes of piecesOf(
      createReadStream(path, { highWaterMark: 2 ** 20 }),
      options.pieceBytes ?? pieceBytes,
    )) {
      signal.throwIfAborted()
      if (piece++ < from) continue
      await store.restore([bytes], { untilMs, token: `restore-${id}-${at}-${piece}`, signal: stopping })
      const loaded = countLines(bytes)
      lines += loaded
      await rows.update(id, { file: at, piece, lines })
      options.onLines(loaded)
    }
    return lines
  } finally {
    await rm(path, { force: true })
  }
}

/** Whole lines, the same pieces however the bytes come in. */
export async function* piecesOf(chunks: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0)
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= most) {
      const before = rest.lastIndexOf(newline, most - 1)
      const cut = before === -1 ? rest.indexOf(newline, most) : before
      if (cut === -1) break
      yield rest.subarray(0, cut + 1)
      rest = rest.subarray(cut + 1)
    }
  }
  if (rest.length > 0) yield rest
}

function countLines(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) lines++
  return lines
}
