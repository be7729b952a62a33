// `channels` of tidewatch.yml: who hears of alerts.
import { z } from 'zod'
import { defineConfigSection } from '../config/port.ts'
import { channelKinds, channelOf, readOptions } from './integrations.ts'
import { rateLimits } from './options.ts'
import type { Integration } from './port.ts'

const receiverSchema = z
  .looseObject({
    name: z.string().min(1, 'a channel needs a name.'),
    kind: z
      .string()
      .refine(
        (kind) => channelKinds.includes(kind),
        `there is no such kind of channel. Allowed: ${channelKinds.join(', ')}.`,
      ),
    send_resolved: z.boolean().default(true),
    rate_limit: rateLimits.optional(),
    /** Of alertmanager.yml; without one it is told of everything. */
    receivers: z.array(z.string()).optional(),
  })
  .transform((written, context): Integration => {
    const { name, kind, send_resolved: sendsResolved, rate_limit: limits, receivers: joins, ...rest } = written
    const channel = channelOf(kind)
    if (channel === undefined) return z.NEVER
    const read = readOptions(channel, rest)
    if (!read.ok) {
      for (const { path, message, hidesValue } of read.issues)
        context.addIssue({ code: 'custom', message, path: [...path], params: { hidesValue } })
      return z.NEVER
    }
    return {
      key: `channels/${name}`,
      receiver: name,
      channel,
      config: read.config,
      sendsResolved,
      joins,
      rateLimits: limits,
    }
  })

export const channelsSection = defineConfigSection({
  key: 'channels',
  schema: z
    .array(receiverSchema)
    .default([])
    .superRefine((receivers, context) => {
      const names = new Set<string>()
      for (const [i, { receiver: name }] of receivers.entries()) {
        if (names.has(name))
          context.addIssue({ code: 'custom', path: [i, 'name'], message: 'another channel has the same name.' })
        names.add(name)
      }
    }),
})
