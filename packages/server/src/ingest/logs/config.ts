// `redaction` of tidewatch.yml: what is taken out of everything that comes in, beside what always is.
import { maskedKinds } from '@tidewatch/redact/kinds.ts'
import { createRedactor } from '@tidewatch/redact/redactor.ts'
import { z } from 'zod'
import { defineConfigSection } from '../../config/port.ts'

const fieldName = z.string().min(3, 'a name of three letters or more').max(200)

const pattern = z.strictObject({
  name: z.string().min(1).max(100),
  pattern: z.string().min(1).max(10_000),
  contains: z.array(z.string().min(3, 'three letters or more').max(200)).max(100).optional(),
})

/** Checked to the end where it is read: an expression that is none is told with the file, not with the first line. */
const options = z
  .strictObject({
    fields: z.array(fieldName).max(1000).optional(),
    patterns: z.array(pattern).max(100).optional(),
    allow: z.array(fieldName).max(1000).optional(),
    off: z.array(z.enum(maskedKinds)).optional(),
  })
  .default({})
  .transform((written, context) => {
    const { fields = [], patterns = [], allow = [], off = [] } = written
    try {
      return createRedactor({
        ...{ fields, allow, off },
        patterns: patterns.map(({ contains, ...rest }) => ({
          ...rest,
          ...(contains === undefined ? {} : { contains }),
        })),
      })
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
      return z.NEVER
    }
  })

export const redactionSection = defineConfigSection({ key: 'redaction', schema: options })
