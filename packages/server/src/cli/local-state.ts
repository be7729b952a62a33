// Commands that work on the state itself, beside a running server or without one.

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { stateTables } from '../app/tables.ts'
import { envName, type Flag, serveFlags } from '../config/flags.ts'
import { createLogger } from '../self/logger.ts'
import type { StateOptions } from '../state/store.ts'
import type { CommandCall } from './command.ts'

export const stateFlags: readonly Flag[] = serveFlags.filter(
  ({ name }) => name === 'data-dir' || name === 'database-url',
)

/** The state that `serve` uses with the same flags and environment. */
export function stateOptions({ flags, env, err }: CommandCall): StateOptions {
  const value = (name: string): string | undefined =>
    flags.get(name) ?? env[envName(name)] ?? stateFlags.find((flag) => flag.name === name)?.fallback
  const dataDir = resolve(value('data-dir') as string)
  if (!existsSync(dataDir)) {
    throw new AppError('state.not_found', `there is no data directory ${dataDir}.`, {
      where: { key: '--data-dir' },
      fix: 'Name the one the server uses, or start the server first.',
    })
  }
  const logger = createLogger({
    clock: systemClock,
    format: 'pretty',
    level: 'warn',
    write: (line) => err(line.trimEnd()),
  })
  return { dataDir, databaseUrl: value('database-url'), env, features: stateTables, clock: systemClock, logger }
}
