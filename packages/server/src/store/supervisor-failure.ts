// Why the engine is not there, in words for the person who has to do something about it.
import { AppError } from '@tidewatch/core/error.ts'
import type { EngineExit } from './supervisor-process.ts'

/** What the engine itself named as the reason not to start. */
export function cannotStart({ failure, lastWords }: EngineExit, dir: string): AppError {
  const message = failure?.message ?? ''
  switch (failure?.reason) {
    case 'locked':
      return new AppError('data_dir.locked', `The data directory is in use: ${message}.`, {
        fix: 'Stop the other Tidewatch on it, or name another directory with --data-dir.',
      })
    case 'disk_full':
      return new AppError('data_dir.full', `The disk of the data directory is full: ${message}.`, {
        fix: 'Free space on its disk, or shorten --retention.',
      })
    case 'read_only':
      return new AppError('data_dir.read_only', `Cannot write the data directory: ${message}.`, {
        fix: 'Give the user that runs Tidewatch write access to it, or name another one with --data-dir.',
      })
    case 'platform':
      return new AppError('store.platform', `The embedded engine does not run here: ${message}`, {
        fix: 'Use Linux with glibc or macOS and install again with npm install, or give the URL of a ClickHouse server with --clickhouse-url.',
      })
    default: {
      const words = lastWords === undefined ? '' : ` The engine said: ${lastWords}`
      const detail = { fix: `Look at ${dir}/data; restore it from a backup if it cannot be repaired.` }
      return new AppError('data_dir.damaged', `The engine cannot open ${dir}/data.${words}`, detail)
    }
  }
}

/** An end without a reason of its own: a crash, a kill, the system out of memory. */
export function died({ code, signal, lastWords }: EngineExit): AppError {
  const how = signal === null ? `code ${code ?? 'unknown'}` : signal
  const words = lastWords === undefined ? '' : ` Its last words: ${lastWords}`
  const fix =
    signal === 'SIGKILL' ? 'Nothing is lost. If it repeats, look for the system running out of memory.' : undefined
  return new AppError('store.unavailable', `The engine has ended (${how}).${words}`, fix === undefined ? {} : { fix })
}

export function startTimedOut(): AppError {
  return new AppError('store.unavailable', 'The engine did not start in time and was ended.')
}
