import { acknowledgementList } from '@tidewatch/api/acknowledgements.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Command } from './command.ts'
import { postJson, remoteFlags } from './remote.ts'

export const alertsAck: Command = {
  name: 'alerts ack',
  summary: 'Take alerts: no repeats and no escalation until they end',
  usage: 'FINGERPRINT... | --group KEY',
  flags: [
    { name: 'group', argument: 'KEY', help: 'all that fire in a group, by its key' },
    { name: 'note', argument: 'TEXT', help: 'what the others should know' },
    ...remoteFlags,
  ],
  async run(call) {
    const { words, flags, out } = call
    const groupKey = flags.get('group')
    if ((groupKey === undefined) === (words.length === 0))
      throw new AppError('config.invalid', 'name fingerprints or --group.', {
        fix: 'Both stand in each alert on the page and in messages: tidewatch alerts ack 1f2e3d4c5b6a7988',
      })
    const which = groupKey === undefined ? { fingerprints: words } : { groupKey }
    const body = JSON.stringify({ ...which, note: flags.get('note') ?? '', via: 'cli' })
    const answer = await postJson(call, '/api/tidewatch/v1/alerts/acknowledgements', body)
    const { acknowledgements } = acknowledgementList.parse(answer)
    if (acknowledgements.length === 0) out('Somebody had taken them before.')
    for (const { fingerprint, by } of acknowledgements) out(`${fingerprint}  ${by}`)
    return 0
  },
}
