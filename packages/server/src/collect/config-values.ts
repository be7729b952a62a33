// Values of scrape configurations as people write them, each with a message that says what to write.

import { compileCapturingRegex } from '@tidewatch/core/regexp-capture.ts'
import { Secret } from '@tidewatch/core/secret.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'

const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 2 ** 10,
  KiB: 2 ** 10,
  MB: 2 ** 20,
  MiB: 2 ** 20,
  GB: 2 ** 30,
  GiB: 2 ** 30,
}

/** A Prometheus duration above zero, to milliseconds. */
export const durationMs = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = parseDurationMs(String(value))
  if (ms !== undefined && ms > 0) return ms
  const advice = /^\d+$/.test(String(value)) ? `Write a unit: ${value}s` : 'Write one such as 15s, 5m or 1h30m'
  context.addIssue({ code: 'custom', message: `not a duration above zero. ${advice}` })
  return z.NEVER
})

/** `15MB`, in powers of 1024 as Prometheus takes them, to bytes; 0 is no limit. */
export const byteSize = z.union([z.string(), z.number()]).transform((value, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*([KMG]?i?B)?$/.exec(String(value).trim())
  const unit = match === null ? undefined : byteUnits[match[2] ?? '']
  if (match !== null && unit !== undefined) return Math.round(Number(match[1]) * unit)
  context.addIssue({ code: 'custom', message: 'not a size. Write one such as 15MB' })
  return z.NEVER
})

/** A limit that is a count; 0 is no limit. */
export const countLimit = z.number().min(0)

/** Text that YAML readers may take for a number or a truth value. */
export const plainText = z.union([z.string(), z.number(), z.boolean()]).transform(String)

/** Written, or already a `Secret` where another reader has read the file. */
export const secretText = z
  .union([z.string(), z.number(), z.instanceof(Secret)])
  .transform((value) => (value instanceof Secret ? value : new Secret(String(value))))

/** An RE2 expression. */
export const regexText = plainText.superRefine((value, context) => {
  try {
    compileCapturingRegex(value)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    context.addIssue({ code: 'custom', message: `not an RE2 expression: ${reason}` })
  }
})

/** A list that YAML may give as null when nothing stands below its key. */
export function listOf<Item>(item: z.ZodType<Item>) {
  return z
    .array(item)
    .nullish()
    .transform((value): readonly Item[] => value ?? [])
}
