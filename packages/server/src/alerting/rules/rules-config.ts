// Keys of tidewatch.yml that are about rules and alerts: where rule files are, what names in them stand for, how often people hear of one alert,
// how soon they are to answer, and what depends on what.

import type { Severity } from '@tidewatch/core/severity.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'
import { defineConfigSection, durationFrom } from '../../config/port.ts'
import { timeOfDay, timeZone, weekday } from '../../config/week-times/port.ts'
import { type Dependencies, readDependencies, type WrittenDependencies } from '../dependencies.ts'
import type { FlapLimits } from '../flapping.ts'
import type { BusinessHours } from '../history/business-hours.ts'
import { toPacing } from '../pacing-config.ts'
import type { AlertPacing, ResponseTargets } from '../port.ts'
import { valueFaults, type WrittenValues } from './values/named-values.ts'

const maxGlobs = 200
const maxValues = 2000

export const rulesSection = defineConfigSection<readonly string[]>({
  key: 'rules',
  schema: z.array(z.string().min(1)).max(maxGlobs).default([]),
})

export const valuesSection = defineConfigSection<WrittenValues>({
  key: 'values',
  schema: z
    .record(z.string(), z.string())
    .default({})
    .superRefine((values, context) => {
      if (Object.keys(values).length > maxValues)
        context.addIssue({ code: 'custom', message: `at most ${maxValues} values.` })
      for (const { name, message } of valueFaults(values)) context.addIssue({ code: 'custom', path: [name], message })
    }),
})

const duration = durationFrom(1, '15m')

const throttle = z.string().transform((text, context) => {
  const match = /^(\d{1,4})\s*(?:per|in|\/)\s*(\S+)$/.exec(text.trim())
  const windowMs = parseDurationMs(match?.[2] ?? '')
  const count = Number(match?.[1])
  if (match !== null && count > 0 && windowMs !== undefined && windowMs > 0) return { count, windowMs }
  context.addIssue({ code: 'custom', message: 'not a throttle. Write how many in how long: 3 per 1h' })
  return z.NEVER
})

const flapping = z.union(
  [
    // YAML reads a plain off as false
    z.union([z.literal('off'), z.literal(false)]).transform(() => undefined),
    z
      .strictObject({ changes: z.int().min(3).max(100).default(6), within: duration.default(15 * 60_000) })
      .transform(({ changes, within }) => ({ changes, windowMs: within })),
  ],
  { error: 'neither off nor { changes, within }.' },
)

const target = z.union(
  [
    z.literal('none').transform(() => ({ withinMs: undefined, onlyBusinessHours: false })),
    duration.transform((withinMs) => ({ withinMs, onlyBusinessHours: false })),
    z
      .strictObject({ within: duration, business_hours: z.boolean().default(false) })
      .transform(({ within, business_hours }) => ({ withinMs: within, onlyBusinessHours: business_hours })),
  ],
  { error: 'neither none, nor a duration, nor { within, business_hours }.' },
)

/** Unless tidewatch.yml says otherwise: what wakes people within 15 minutes, what is for the day within an hour of it, the rest is only kept. */
const defaultTargets: ResponseTargets = {
  critical: { withinMs: 15 * 60_000, onlyBusinessHours: false },
  high: { withinMs: 15 * 60_000, onlyBusinessHours: false },
  medium: { withinMs: 60 * 60_000, onlyBusinessHours: true },
  low: { withinMs: undefined, onlyBusinessHours: false },
}

/** Monday to Friday, nine to five, UTC where nothing else is said. */
const businessHours = z
  .strictObject({
    time_zone: timeZone.default('UTC'),
    days: z.array(weekday).min(1).max(7).default([1, 2, 3, 4, 5]),
    from: timeOfDay.default(9 * 60),
    to: timeOfDay.default(17 * 60),
  })
  .refine(({ from, to }) => from < to, { error: 'to is not after from.', path: ['to'] })
  .prefault({})
  .transform(
    (written): BusinessHours => ({
      ...{ timeZone: written.time_zone, days: written.days, fromMinute: written.from, toMinute: written.to },
    }),
  )

export interface AlertSettings {
  /** For alerts whose rule says nothing of it. */
  readonly pacing: AlertPacing | undefined
  /** Undefined: alerts that come and go are told each time. */
  readonly flapping: FlapLimits | undefined
  readonly response: ResponseTargets
  /** When time counts for targets that say so. */
  readonly businessHours: BusinessHours
}

const defaultFlapping: FlapLimits = { changes: 6, windowMs: 15 * 60_000 }

export const alertsSection = defineConfigSection<AlertSettings>({
  key: 'alerts',
  schema: z
    .strictObject({
      cooldown: duration.optional(),
      throttle: throttle.optional(),
      flapping: flapping.optional(),
      response: z.strictObject({ critical: target, high: target, medium: target, low: target }).partial().default({}),
      business_hours: businessHours,
    })
    .prefault({})
    .transform((written) => ({
      pacing: toPacing(written),
      flapping: 'flapping' in written ? written.flapping : defaultFlapping,
      response: { ...defaultTargets, ...withoutUndefined(written.response) },
      businessHours: written.business_hours,
    })),
})

type SomeTargets = { readonly [severity in Severity]?: ResponseTargets[Severity] | undefined }

function withoutUndefined(targets: SomeTargets): Partial<ResponseTargets> {
  return Object.fromEntries(Object.entries(targets).filter(([, value]) => value !== undefined))
}

export const dependenciesSection = defineConfigSection<Dependencies>({
  key: 'dependencies',
  schema: z
    .record(
      z.string().min(1).max(300),
      z.union([z.array(z.string().min(1).max(300)).max(200), z.string().transform((one) => [one])]),
    )
    .default({})
    .transform((written: WrittenDependencies, context) => {
      const { dependencies, faults } = readDependencies(written)
      for (const { path, message } of faults) context.addIssue({ code: 'custom', path: [...path], message })
      return dependencies
    }),
})
