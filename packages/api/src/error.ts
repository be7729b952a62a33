// What every failed call of our own API answers.
import { z } from 'zod'

/** Where something is wrong: a field of the request, a place in a file, or a span of a query. */
export const errorWhere = z.object({
  file: z.string().optional(),
  line: z.int().optional(),
  column: z.int().optional(),
  key: z.string().optional(),
  span: z.object({ start: z.int(), end: z.int() }).optional(),
})

export const errorAnswer = z.object({
  error: z.object({
    /** Stable; each has a section in docs/errors.md. */
    code: z.string(),
    message: z.string(),
    where: errorWhere.optional(),
    /** The way out, in the imperative. */
    fix: z.string().optional(),
    /** Finds the request in the server's log. */
    requestId: z.string(),
  }),
})
export type ErrorAnswer = z.infer<typeof errorAnswer>
