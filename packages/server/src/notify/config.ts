// `channels` of tidewatch.yml: who hears of alerts.
import { z } from 'zod'
import { defineConfigSection } from '../config/port.ts'
import { channels } from './channels/registry.ts'
import type { Integration } from './port.ts'

const kinds = channels.map(({ kind }) => kind)

const receiverSchema = z
  .looseObject({
    name: z.string().min(1, 'a channel needs a name.'),
    kind: z
      .string()
      .refine((kind) => kinds.includes(kind), `there is no such kind of channel. Allowed: ${kinds.join(', ')}.`),
    send_resolved: z.boolean().default(true),
  })
  .transform((written, context): Integration => {
    const { name, kind, send_resolved: sendsResolved, ...rest } = written
    const channel = channels.find((known) => known.kind === kind)
    if (channel === undefined) return z.NEVER
    const config = channel.config.safeParse(rest)
    if (!config.success) {
      for (const issue of config.error.issues)
        context.addIssue({ ...issue, input: undefined, code: 'custom', message: issue.message, path: [...issue.path] })
      return z.NEVER
    }
    return { key: `channels/${name}`, receiver: name, channel, config: config.data, sendsResolved }
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
