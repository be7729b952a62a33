// How people write times of the week in tidewatch.yml: schedules, drills and business hours share it.
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { isTimeZone } from '@tidewatch/core/time-zone.ts'
import { z } from 'zod'

const hourMs = 3_600_000
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/** A name of ours that stands in links, labels and messages. */
export const shortName = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,47}$/u,
    'a name has 1 to 48 letters, digits or . _ @ + - and begins with a letter or digit.',
  )

export const timeZone = z.string().refine(isTimeZone, 'not a time zone. Write one such as Europe/Berlin or UTC.')

/** Minutes since midnight. YAML 1.1 reads an unquoted 10:30 as a number of sixties, which are these minutes. */
export const timeOfDay = z.union([z.string(), z.int()]).transform((written, context): number => {
  const match = /^([01]?\d|2[0-4]):([0-5]\d)$/.exec(String(written))
  const minutes = typeof written === 'number' ? written : Number(match?.[1]) * 60 + Number(match?.[2])
  if (minutes >= 0 && minutes <= 1440) return minutes
  context.addIssue({ code: 'custom', message: "not a time of day. Write one such as '09:00'." })
  return z.NEVER
})

/** 0 is Sunday. */
export const weekday = z.string().transform((written, context): number => {
  const day = weekdays.findIndex((one) => one === written.toLowerCase() || one.slice(0, 3) === written.toLowerCase())
  if (day !== -1) return day
  context.addIssue({ code: 'custom', message: `not a day of the week. Allowed: ${weekdays.join(', ')}.` })
  return z.NEVER
})

/** In ms, within bounds. */
export const durationWithin = (leastMs: number, mostMs: number) =>
  z.string().transform((written, context): number => {
    const ms = parseDurationMs(written)
    if (ms !== undefined && ms >= leastMs && ms <= mostMs) return ms
    context.addIssue({
      code: 'custom',
      message: `not a duration of ${leastMs / 1000}s to ${mostMs / hourMs}h. Write one such as 5m.`,
    })
    return z.NEVER
  })
