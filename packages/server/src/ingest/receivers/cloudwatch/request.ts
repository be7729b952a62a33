// What requests of CloudWatch Logs have in common.
import { AppError } from '@tidewatch/core/error.ts'
import { z } from 'zod'

export const groupName = z.string().regex(/^[.\-_/#A-Za-z0-9]{1,512}$/, 'is not the name of a log group')
export const streamName = z.string().regex(/^[^:*]{1,512}$/, 'is not the name of a log stream')

/** What was sent, as the schema has it. Throws `ingest.bad_point` with the path as AWS writes it. */
export function parsed<T>(schema: z.ZodType<T>, content: unknown): T {
  const read = schema.safeParse(content)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const path = (issue?.path ?? []).map((part) => (typeof part === 'number' ? `member.${part + 1}` : String(part)))
  throw bad(`${path.join('.') || 'the request'}: ${issue?.message ?? 'is not valid'}`)
}

export const bad = (message: string): AppError => new AppError('ingest.bad_point', message)
