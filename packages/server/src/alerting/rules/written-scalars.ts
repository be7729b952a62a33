// What stands in rule files and their tests, read as `readWrittenYaml` gives it.
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'
import { PlainScalar } from '../../config/port.ts'

const numberAdvice = 'not a number. NaN and Inf are written .nan and .inf'
const booleanAdvice = 'neither true nor false'
const durationAdvice = 'not a duration. Write one such as 30s, 5m or 1h30m'

export const text = z.union([z.string(), z.instanceof(PlainScalar).transform((plain) => plain.text)], {
  error: 'not text.',
})
/** What is left empty is empty text, as Go reads it. */
export const labelText = text.nullable().transform((written) => written ?? '')

export const duration = text.transform((value, context) => {
  const ms = parseDurationMs(value)
  if (ms === undefined) context.addIssue({ code: 'custom', message: durationAdvice })
  return ms ?? 0
})

/** A duration above 0, or plain seconds as threshold checks have them: `window: 300`. */
export const span = text.transform((value, context) => {
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : parseDurationMs(value)
  if (ms !== undefined && ms > 0) return ms
  context.addIssue({ code: 'custom', message: `${durationAdvice}; a plain number is seconds` })
  return z.NEVER
})

export const float = z.instanceof(PlainScalar, { error: numberAdvice }).transform(({ value }, context) => {
  if (typeof value === 'number') return value
  context.addIssue({ code: 'custom', message: numberAdvice })
  return 0
})

export const boolean = z.instanceof(PlainScalar, { error: booleanAdvice }).transform(({ value }, context) => {
  if (typeof value !== 'boolean') context.addIssue({ code: 'custom', message: booleanAdvice })
  return value === true
})

export const whole = z.instanceof(PlainScalar, { error: 'not a whole number.' }).transform(({ value }, context) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  context.addIssue({ code: 'custom', message: 'not a whole number.' })
  return 0
})
