import { check } from './check.ts'
import type { Command } from './command.ts'
import { query } from './query.ts'
import { serve } from './serve.ts'
import { state } from './state.ts'
import { token } from './token.ts'
import { user } from './user.ts'
import { version } from './version.ts'

/** Every command, in the order of `--help`. */
export const commands: readonly Command[] = [serve, check, query, user, token, state, version]
