import { type TokenScope, tokenScope } from '@tidewatch/api/accounts.ts'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { createAccountsCommands } from '../features/accounts/commands.ts'
import { createStateStore } from '../state/store.ts'
import type { Command, CommandCall } from './command.ts'
import { stateFlags, stateOptions } from './local-state.ts'

const usage =
  'list | create [--name NAME] [--scope read,write,edit,admin] [--expires DURATION] | key [--name NAME] | revoke ID'

export const token: Command = {
  name: 'token',
  summary: 'List, make and revoke API tokens and ingest keys',
  usage,
  flags: [
    { name: 'name', argument: 'NAME', help: 'what it is for', fallback: 'command line' },
    { name: 'scope', argument: 'SCOPES', help: 'what it may do: read, write (ingest), edit, admin', fallback: 'read' },
    { name: 'expires', argument: 'DURATION', help: 'how long it is good; for ever when left out' },
    ...stateFlags,
  ],
  async run(call) {
    const { words, out } = call
    await using state = await createStateStore(stateOptions(call))
    const accounts = createAccountsCommands({ state, clock: systemClock })
    const name = call.flags.get('name') ?? 'command line'
    const [verb, id] = words
    if (verb === 'list' && words.length === 1) {
      for (const one of await accounts.listTokens()) {
        const end = one.expiresAtMs === undefined ? '' : `  until ${new Date(one.expiresAtMs).toISOString()}`
        out(`${one.id}  ${one.prefix}…  ${one.kind}  ${one.scopes.join(',')}  ${one.name}${end}`)
      }
    } else if (verb === 'create' && words.length === 1) {
      const { secret } = await accounts.createToken(name, scopesOf(call), expiryOf(call))
      out(secret)
    } else if (verb === 'key' && words.length === 1) {
      const { secret } = await accounts.createIngestKey(name)
      out(secret)
    } else if (verb === 'revoke' && id !== undefined) {
      await accounts.revoke(id)
    } else {
      throw new AppError('config.invalid', 'that is not how it is used.', { fix: `tidewatch token ${usage}` })
    }
    return 0
  },
}

function scopesOf({ flags }: CommandCall): TokenScope[] {
  return (flags.get('scope') ?? 'read').split(',').map((text) => {
    const scope = tokenScope.safeParse(text.trim())
    if (scope.success) return scope.data
    throw new AppError('config.invalid', `${JSON.stringify(text)} is not a scope.`, {
      where: { key: '--scope' },
      fix: 'Allowed: read, write, edit, admin.',
    })
  })
}

function expiryOf({ flags }: CommandCall): number | undefined {
  const text = flags.get('expires')
  if (text === undefined) return undefined
  const ms = parseDurationMs(text)
  if (ms === undefined || ms === 0)
    throw new AppError('config.invalid', `${JSON.stringify(text)} is not a duration.`, {
      where: { key: '--expires' },
      fix: 'Write one such as 90d.',
    })
  return systemClock.nowMs() + ms
}
