import { createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError } from '@tidewatch/core/error.ts'
import { openDataDir } from '../app/data-dir.ts'
import { dumpStateLines, restoreStateLines } from '../state/store.ts'
import type { Command } from './command.ts'
import { stateFlags, stateOptions } from './local-state.ts'

const usage = 'dump FILE | restore FILE [--replace]'

export const state: Command = {
  name: 'state',
  summary: 'Back up and restore users, tokens and everything else that changes',
  usage,
  flags: [
    { name: 'replace', argument: undefined, help: 'restore over what is there; it is backed up first' },
    ...stateFlags,
  ],
  async run(call) {
    const { words, flags, out } = call
    const [verb, file] = words
    if (file === undefined || words.length !== 2)
      throw new AppError('config.invalid', 'name a file.', { fix: `tidewatch state ${usage}` })
    const options = stateOptions(call)
    if (verb === 'dump') {
      const lines = Readable.from(withNewlines(dumpStateLines(options)))
      await pipeline(lines, createWriteStream(file, { mode: 0o600 })).catch(fileFailed(file))
      out(`written to ${file}`)
      return 0
    }
    if (verb !== 'restore')
      throw new AppError('config.invalid', `there is no ${JSON.stringify(verb)} of the state.`, {
        fix: `tidewatch state ${usage}`,
      })
    // a running server would go on with what it has in memory
    using _owned = openDataDir(options.dataDir)
    const { rows } = await restoreStateLines(options, linesOf(file), {
      replace: flags.has('replace'),
    })
    out(`${rows} rows restored`)
    return 0
  },
}

async function* withNewlines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield line.endsWith('\n') ? line : `${line}\n`
}

/** The file is opened when the first line is asked for: lines that come before anybody listens are lost. Throws `config.unreadable`. */
async function* linesOf(file: string): AsyncGenerator<string> {
  await using handle = await open(file).catch(fileFailed(file))
  yield* handle.readLines()
}

/** What the file system says of a file is told in one line; any other failure stays what it is. */
const fileFailed =
  (file: string) =>
  (error: unknown): never => {
    if (!(error instanceof Error) || !('syscall' in error)) throw error
    throw new AppError('config.unreadable', error.message, { where: { file }, fix: 'Name another file.', cause: error })
  }
