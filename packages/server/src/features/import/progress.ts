// How far an import has come, in a file beside which it can be run again: after a kill at any moment it goes on with the window it was in.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { AppError } from '@tidewatch/core/error.ts'
import { z } from 'zod'

const kept = z.strictObject({
  from: z.string(),
  to: z.string(),
  match: z.array(z.string()),
  startMs: z.number(),
  /** Everything before is safely over there. */
  doneMs: z.number(),
  samples: z.number(),
})

export type ImportProgress = z.infer<typeof kept>

/** Undefined where nothing was begun. Throws `config.unreadable` for a file that is something else. */
export function readProgress(file: string): ImportProgress | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new AppError('config.unreadable', `${file} cannot be read: ${(cause as Error).message}`, { cause })
  }
  try {
    return kept.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError('config.unreadable', `${file} is not the progress of an import.`, {
      cause,
      where: { file },
      fix: 'Name another file with --progress, or remove it to begin anew.',
    })
  }
}

/** Whole or not at all: a kill leaves the file from before. */
export function writeProgress(file: string, progress: ImportProgress): void {
  mkdirSync(dirname(file), { recursive: true })
  const next = `${file}.next`
  writeFileSync(next, `${JSON.stringify(progress, undefined, 2)}\n`)
  renameSync(next, file)
}
