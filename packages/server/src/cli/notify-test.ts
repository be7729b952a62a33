import { testAnswer } from '@tidewatch/api/notify.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Command } from './command.ts'
import { postJson, remoteFlags } from './remote.ts'

export const notifyTest: Command = {
  name: 'notify test',
  summary: 'Send a test message through the channels of a running server',
  usage: '[NAME]',
  flags: remoteFlags,
  async run(call) {
    const [name, ...rest] = call.words
    if (rest.length > 0)
      throw new AppError('config.invalid', 'give one name, or none for all channels.', {
        fix: 'A name is that of a channel or receiver, its key such as critical/slack[0], or a kind such as email.',
      })
    const asked = JSON.stringify(name === undefined ? {} : { name })
    const { deliveries } = testAnswer.parse(await postJson(call, '/api/tidewatch/v1/notify/test', asked))
    for (const { integration, outcome, detail, durationMs } of deliveries) {
      const line = `${integration}  ${outcome} in ${durationMs} ms: ${detail.replaceAll(/\s+/g, ' ').trim()}`
      if (outcome === 'delivered') call.out(line)
      else call.err(line)
    }
    return deliveries.every(({ outcome }) => outcome === 'delivered') ? 0 : 1
  },
}
