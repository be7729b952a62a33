// `retention` of tidewatch.yml: how long, and how much, of each signal is kept.
import { parseBytes } from '@tidewatch/core/byte-size.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'
import { defineConfigSection } from '../config/port.ts'

/** `off` is no limit; what is left out is decided elsewhere (prometheus.yml, then --retention). */
export interface WrittenLimits {
  readonly age?: number | 'off' | undefined
  readonly size?: number | 'off' | undefined
}

/** YAML reads a plain `off` as false, and a number without a unit as a number. */
const written = z
  .union([z.string(), z.number(), z.literal(false)])
  .transform((value) => (value === false ? 'off' : String(value)))

const age = written.transform((text, context): number | 'off' => {
  if (text === 'off') return 'off'
  const ms = parseDurationMs(text)
  if (ms !== undefined && ms > 0) return ms
  context.addIssue({ code: 'custom', message: `"${text}" is not an age. Write one such as 30d, 12w or 1y, or off.` })
  return z.NEVER
})

const size = written.transform((text, context): number | 'off' => {
  if (text === 'off') return 'off'
  const bytes = parseBytes(text)
  if (bytes !== undefined && bytes > 0) return bytes
  context.addIssue({ code: 'custom', message: `"${text}" is not a size. Write one such as 500MB or 10GB, or off.` })
  return z.NEVER
})

const limits = z.strictObject({ age: age.optional(), size: size.optional() })

/** Lines of logs that are kept for another time than the rest; without services or levels it is about all of them. */
export interface LogClass {
  /** Names, `*` in them for any letters. */
  readonly services: readonly string[]
  readonly levels: readonly (typeof levelNames)[number][]
  /** ms. */
  readonly age: number | 'off'
}

const levelNames = ['debug', 'info', 'warn', 'error', 'fatal', 'unknown'] as const

const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.union([item.transform((one) => [one]), z.array(item).min(1).max(100)]).optional()

const logClass = z
  .strictObject({
    service: oneOrMore(
      z
        .string()
        .min(1)
        .max(256)
        .regex(/^[^*]*(?:\*[^*]+){0,5}\*?$/, 'a name with at most a few `*` in it'),
    ),
    level: oneOrMore(z.enum(levelNames)),
    age,
  })
  .refine(({ service, level }) => service !== undefined || level !== undefined, {
    message: 'neither service nor level: what is kept of all logs is written as retention.logs.age.',
  })
  .transform(({ service = [], level = [], age: kept }): LogClass => ({ services: service, levels: level, age: kept }))

/** Each has partitions of its own: a few dozen a day is what the engine likes. */
const maxClasses = 12

/** Of the classes the first counts that a line is in. */
export const logRetentionSchema = limits.extend({ classes: z.array(logClass).max(maxClasses).optional() })

/** What one place says of how logs are kept; what is left out another one decides. */
export type WrittenLogRetention = z.output<typeof logRetentionSchema>

export const retentionSection = defineConfigSection({
  key: 'retention',
  schema: z
    .strictObject({
      metrics: limits.default({}),
      /** Made of the samples where they stand here. */
      rollups: z.strictObject({ '5m': limits.nullish(), '1h': limits.nullish() }).default({}),
      logs: logRetentionSchema.default({}),
    })
    .default({ metrics: {}, rollups: {}, logs: {} }),
})
