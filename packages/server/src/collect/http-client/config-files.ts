// Files that a client's configuration names: secrets and certificates, which may be renewed while the server runs.
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'

/** Reads by names that are relative to a directory. Throws `config.unreadable`. */
export class ConfigFiles {
  readonly #baseDir: string

  constructor(baseDir: string) {
    this.#baseDir = baseDir
  }

  text(file: string): Promise<string> {
    return this.#use(file, (path) => readFile(path, 'utf8'))
  }

  /** Without the spaces and line ends around it; undefined where there is no file. */
  async trimmed(file: string | undefined): Promise<string | undefined> {
    return file === undefined ? undefined : (await this.text(file)).trim()
  }

  /** When it was changed, ms since 1970. */
  async changedMs(file: string): Promise<number> {
    return (await this.#use(file, (path) => stat(path))).mtimeMs
  }

  async #use<T>(file: string, use: (path: string) => Promise<T>): Promise<T> {
    try {
      return await use(isAbsolute(file) ? file : join(this.#baseDir, file))
    } catch (cause) {
      throw new AppError('config.unreadable', `the file ${quoteValue(file)} of the configuration cannot be read`, {
        cause,
        fix: 'Check the path and its permissions.',
      })
    }
  }
}
