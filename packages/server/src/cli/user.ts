import { role } from '@tidewatch/api/accounts.ts'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { createAccountsCommands } from '../features/accounts/commands.ts'
import type { AccountsCommands, SignInToken } from '../features/accounts/port.ts'
import { createStateStore } from '../state/store.ts'
import type { Command, CommandCall } from './command.ts'
import { stateFlags, stateOptions } from './local-state.ts'
import { remoteFlags } from './remote.ts'

const usage = 'list | add NAME [--role viewer|editor|admin] | link NAME | disable NAME | enable NAME'

export const user: Command = {
  name: 'user',
  summary: 'List and add users; make a new sign-in link',
  usage,
  flags: [
    { name: 'role', argument: 'ROLE', help: 'of a new user', fallback: 'viewer' },
    ...remoteFlags
      .filter(({ name }) => name === 'url')
      .map((flag) => ({ ...flag, help: 'what the link begins with (TIDEWATCH_EXTERNAL_URL)' })),
    ...stateFlags,
  ],
  async run(call) {
    await using state = await createStateStore(stateOptions(call))
    return await act(call, createAccountsCommands({ state, clock: systemClock }))
  },
}

async function act(call: CommandCall, accounts: AccountsCommands): Promise<number> {
  const { words, flags, out } = call
  const [verb, name] = words
  if (verb === 'list' && words.length === 1) {
    for (const one of await accounts.listUsers()) {
      const seen =
        one.lastSignInAtMs === undefined
          ? 'never signed in'
          : `last signed in ${new Date(one.lastSignInAtMs).toISOString()}`
      out(`${one.name}  ${one.role}${one.disabled ? '  disabled' : ''}  ${seen}`)
    }
    return 0
  }
  if (name === undefined || words.length > 2)
    throw new AppError('config.invalid', 'that is not how it is used.', { fix: `tidewatch user ${usage}` })
  switch (verb) {
    case 'add': {
      const chosen = role.safeParse(flags.get('role') ?? 'viewer')
      if (!chosen.success)
        throw new AppError('config.invalid', '--role is not a role.', { fix: 'Allowed: viewer, editor, admin.' })
      out(linkText(call, await accounts.createUser(name, chosen.data)))
      return 0
    }
    case 'link':
      out(linkText(call, await accounts.newLink(name)))
      return 0
    case 'disable':
    case 'enable':
      await accounts.setDisabled(name, verb === 'disable')
      return 0
    default:
      throw new AppError('config.invalid', `there is no ${JSON.stringify(verb)} of users.`, {
        fix: `tidewatch user ${usage}`,
      })
  }
}

function linkText({ flags, env }: CommandCall, { token, expiresAtMs }: SignInToken): string {
  const base = flags.get('url') ?? env.TIDEWATCH_EXTERNAL_URL ?? 'http://127.0.0.1:4900'
  return `Sign in, once, until ${new Date(expiresAtMs).toISOString()}: ${base.replace(/\/+$/, '')}/sign-in#token=${token}`
}
