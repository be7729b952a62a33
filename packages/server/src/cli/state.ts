import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
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
      await pipeline(Readable.from(withNewlines(dumpStateLines(options))), createWriteStream(file, { mode: 0o600 }))
      out(`written to ${file}`)
      return 0
    }
    if (verb !== 'restore')
      throw new AppError('config.invalid', `there is no ${JSON.stringify(verb)} of the state.`, {
        fix: `tidewatch state ${usage}`,
      })
    // a running server would go on with what it has in memory
    using _owned = openDataDir(options.dataDir)
    const { rows } = await restoreStateLines(options, createInterface({ input: createReadStream(file) }), {
      replace: flags.has('replace'),
    })
    out(`${rows} rows restored`)
    return 0
  },
}

async function* withNewlines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield line.endsWith('\n') ? line : `${line}\n`
}
