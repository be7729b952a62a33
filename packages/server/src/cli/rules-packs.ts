import { type RulePack, rulePack, rulePackList } from '@tidewatch/api/rule-packs.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { allValues, type Command, type CommandCall } from './command.ts'
import { getOwn, putJson, remoteFlags } from './remote.ts'

const path = '/api/tidewatch/v1/rule-packs'

export const rulesPacks: Command = {
  name: 'rules packs',
  summary: 'Ready packs of rules: list them, show one, switch it on or off',
  usage: '[show NAME | enable NAME [--set PARAMETER=VALUE] | disable NAME]',
  flags: [
    { name: 'set', argument: 'PARAMETER=VALUE', help: 'for enable; may be given several times' },
    { name: 'json', argument: undefined, help: 'as JSON' },
    ...remoteFlags,
  ],
  async run(call) {
    const { words, flags, out } = call
    const [action = 'list', name] = words
    if (!['list', 'show', 'enable', 'disable'].includes(action) || (action !== 'list' && name === undefined))
      throw new AppError('config.invalid', 'say show, enable or disable, and the name of a pack.', {
        fix: 'Such as: tidewatch rules packs enable http --set requests=shop_requests_total',
      })
    const { packs } = rulePackList.parse(await getOwn(call, path))
    if (action === 'list') {
      if (flags.has('json')) out(JSON.stringify(packs, undefined, 2))
      else for (const pack of packs) out(`${pack.name.padEnd(14)} ${pack.enabled ? 'on ' : 'off'}  ${pack.summary}`)
      return 0
    }
    const known = packs.find((pack) => pack.name === name)
    if (known === undefined)
      throw new AppError('state.not_found', 'there is no such pack.', {
        fix: `There are ${packs.map((pack) => pack.name).join(', ')}.`,
      })
    const pack = action === 'show' ? known : await change(call, known, action === 'enable')
    if (flags.has('json')) out(JSON.stringify(pack, undefined, 2))
    else print(pack, out)
    return 0
  },
}

/** What was chosen before stays, but for what is set now. */
async function change(call: CommandCall, pack: RulePack, enabled: boolean): Promise<RulePack> {
  const chosen = pack.parameters.filter(({ value, fallback }) => value !== fallback)
  const parameters = Object.fromEntries(chosen.map(({ name, value }) => [name, value]))
  for (const text of allValues(call.rawArgs, 'set')) {
    const at = text.indexOf('=')
    if (at < 1)
      throw new AppError('config.invalid', '--set is not PARAMETER=VALUE.', { fix: 'Such as: --set error_share=0.02' })
    parameters[text.slice(0, at)] = text.slice(at + 1)
  }
  return rulePack.parse(await putJson(call, `${path}/${pack.name}`, JSON.stringify({ enabled, parameters })))
}

function print({ name, title, enabled, parameters, rules }: RulePack, out: (text: string) => void): void {
  out(`${name}: ${title} (${enabled ? 'on' : 'off'})`)
  for (const { name: parameter, value, title: meaning } of parameters) out(`  ${parameter}=${value}  ${meaning}`)
  for (const rule of rules) {
    out(
      `${rule.name} ${rule.severity}${rule.forMs === 0 ? '' : `, for ${formatDurationMs(rule.forMs)}`}: ${rule.query}`,
    )
    const missing = rule.metrics.filter(({ exists }) => !exists)
    if (missing.length > 0) out(`  not here: ${missing.map((one) => one.name).join(', ')}`)
  }
}
