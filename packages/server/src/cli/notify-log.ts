import { deliveryList, deliveryOutcome } from '@tidewatch/api/notify.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Command } from './command.ts'
import { getJson, remoteFlags } from './remote.ts'

export const notifyLog: Command = {
  name: 'notify log',
  summary: 'What a running server has sent to whom, and what the receivers answered',
  usage: '[--channel KEY] [--outcome OUTCOME] [--limit N]',
  flags: [
    { name: 'channel', argument: 'KEY', help: 'of one channel: channels/ops, critical/slack[0]' },
    { name: 'outcome', argument: 'OUTCOME', help: `one of ${deliveryOutcome.options.join(', ')}` },
    { name: 'limit', argument: 'N', help: 'how many attempts, newest last', fallback: '50' },
    { name: 'output', argument: 'table|json', help: 'how to print it', fallback: 'table' },
    ...remoteFlags,
  ],
  async run(call) {
    const { flags, out } = call
    const output = flags.get('output') ?? 'table'
    if (output !== 'table' && output !== 'json')
      throw new AppError('config.invalid', '--output is neither table nor json.')
    const channel = flags.get('channel')
    const outcome = flags.get('outcome')
    if (outcome !== undefined && !deliveryOutcome.safeParse(outcome).success)
      throw new AppError('config.invalid', `--outcome is none of ${deliveryOutcome.options.join(', ')}.`)
    const answer = await getJson<unknown>(call, '/api/tidewatch/v1/notify/deliveries', {
      limit: flags.get('limit') ?? '50',
      ...(channel === undefined ? {} : { integration: channel }),
      ...(outcome === undefined ? {} : { outcome }),
    })
    const read = deliveryList.safeParse(answer)
    if (!read.success)
      throw new AppError('http.invalid', `the server answered: ${JSON.stringify(answer).slice(0, 500)}`)
    const deliveries = [...read.data.deliveries].reverse()
    if (output === 'json') out(JSON.stringify(deliveries, undefined, 2))
    else if (deliveries.length === 0) out('Nothing was sent.')
    else
      for (const { atMs, integration, outcome: what, attempt, detail } of deliveries)
        out(
          `${new Date(atMs).toISOString()}  ${integration}  ${what} (attempt ${attempt})  ${detail.replaceAll(/\s+/g, ' ').trim()}`,
        )
    return 0
  },
}
