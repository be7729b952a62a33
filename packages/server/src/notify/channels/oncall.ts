import { z } from 'zod'
import { defineChannel } from '../port.ts'

/** An escalation policy of `oncall` in tidewatch.yml: sending to it begins an escalation, or renews or ends it. */
export const oncall = defineChannel({
  kind: 'oncall',
  title: 'On-call',
  // the desk knows what it has heard by the key
  repeats: 'once',
  config: z.strictObject({
    policy: z.string().min(1).meta({ title: 'Escalation policy', help: 'the name of one of oncall.policies' }),
  }),
  async send(notification, { policy }, { escalations, idempotencyKey }) {
    if (escalations === undefined) return { status: 503, answer: 'on-call does not run in this process.' }
    await escalations.tell(policy, notification, idempotencyKey)
    return { status: 200, answer: `kept for the policy ${policy}` }
  },
})
