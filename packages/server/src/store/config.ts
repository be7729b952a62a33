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

export const retentionSection = defineConfigSection({
  key: 'retention',
  schema: z
    .strictObject({
      metrics: limits.default({}),
      /** Made of the samples where they stand here. */
      rollups: z.strictObject({ '5m': limits.nullish(), '1h': limits.nullish() }).default({}),
    })
    .default({ metrics: {}, rollups: {} }),
})
