// An archive in a folder: a disk of this machine, or one that is mounted.
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { AppError } from '@tidewatch/core/error.ts'
import type { ArchiveTarget } from './target.ts'

/** What a file is called until it is whole. */
const unfinished = '.part'

export function createFolderTarget(folder: string): ArchiveTarget {
  const pathOf = (name: string): string => join(folder, ...name.split('/'))
  const place = async (name: string, write: (path: string) => Promise<void>): Promise<void> => {
    const path = pathOf(name)
    await mkdir(dirname(path), { recursive: true, mode: 0o750 }).catch(failed(folder))
    const temporary = `${path}${unfinished}`
    try {
      await write(temporary)
      await synced(temporary)
      await rename(temporary, path)
      await synced(dirname(path))
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      failed(folder)(error)
    }
  }
  return {
    place: folder,
    put: (name, { path }) => place(name, (to) => copyFile(path, to)),
    putText: (name, text) => place(name, (to) => writeFile(to, text, { mode: 0o640 })),
    async *read(name, { signal }) {
      try {
        yield* createReadStream(pathOf(name), { signal }) as AsyncIterable<Uint8Array>
      } catch (error) {
        signal.throwIfAborted()
        if (isMissing(error))
          throw new AppError('state.not_found', `${name} is not in the archive ${folder}.`, { cause: error })
        failed(folder)(error)
      }
    },
    async *list(prefix) {
      const entries = await readdir(pathOf(prefix), { recursive: true, withFileTypes: true }).catch((error: unknown) =>
        isMissing(error) ? [] : failed(folder)(error),
      )
      for (const entry of entries) {
        if (!entry.isFile() || entry.name.endsWith(unfinished)) continue
        yield join(entry.parentPath, entry.name).slice(folder.length).split(sep).filter(Boolean).join('/')
      }
    },
    async remove(name) {
      await rm(pathOf(name), { force: true }).catch(failed(folder))
    },
    [Symbol.dispose]: () => undefined,
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'

const failed =
  (folder: string) =>
  (error: unknown): never => {
    throw new AppError('archive.unavailable', `The archive ${folder} cannot be used: ${AppError.from(error).message}`, {
      cause: error,
      fix: 'See that the folder is there, may be written by Tidewatch and has room',
    })
  }

async function synced(path: string): Promise<void> {
  await using file = await open(path, 'r')
  await file.sync()
}
