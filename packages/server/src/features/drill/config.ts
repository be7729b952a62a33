// `drills` and `heartbeat` of tidewatch.yml.
import { z } from 'zod'
import { defineConfigSection } from '../../config/port.ts'
import { durationWithin, shortName, timeOfDay, timeZone, weekday } from '../../config/week-times/port.ts'
import type { Drill, HeartbeatTarget } from './port.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
const everyDay = [0, 1, 2, 3, 4, 5, 6]
const ownLabels: ReadonlySet<string> = new Set(['alertname', 'drill', 'run', '__name__'])

const label = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'not a name of a label.')
  .refine((one) => !ownLabels.has(one), 'this label is set by the drill itself.')

const drill = z
  .strictObject({
    name: shortName,
    at: timeOfDay,
    days: z.array(weekday).min(1).max(7).default(everyDay),
    time_zone: timeZone.default('UTC'),
    labels: z.record(label, z.string().min(1).max(200)).default({}),
    acknowledge_within: durationWithin(minuteMs, dayMs).default(15 * minuteMs),
    otherwise: z.array(z.string().min(1)).min(1).max(50).optional(),
  })
  .transform(
    (written): Drill => ({
      name: written.name,
      timeZone: written.time_zone,
      weekdays: written.days,
      atMinute: written.at,
      labels: written.labels,
      acknowledgeWithinMs: written.acknowledge_within,
      otherwise: written.otherwise,
    }),
  )

export const drillsSection = defineConfigSection<readonly Drill[]>({
  key: 'drills',
  schema: z
    .array(drill)
    .max(50)
    .default([])
    .superRefine((drills, context) => {
      const names = new Set<string>()
      for (const [i, { name }] of drills.entries()) {
        if (names.has(name))
          context.addIssue({ code: 'custom', path: [i, 'name'], message: 'another drill has the same name.' })
        names.add(name)
      }
    }),
})

export const heartbeatSection = defineConfigSection<HeartbeatTarget | undefined>({
  key: 'heartbeat',
  schema: z
    .strictObject({
      url: z.url({ protocol: /^https?$/, error: 'not a URL that begins with http:// or https://' }),
      interval: durationWithin(1000, dayMs).default(minuteMs),
    })
    .transform(({ url, interval }): HeartbeatTarget => ({ url, intervalMs: interval }))
    .optional(),
})
