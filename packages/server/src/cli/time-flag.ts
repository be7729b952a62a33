import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { CommandCall } from './command.ts'

/** A flag that is Unix seconds or RFC 3339; in ms. Throws `config.invalid`. */
export function timeFlag({ flags }: Pick<CommandCall, 'flags'>, name: string): number | undefined {
  const text = flags.get(name)
  if (text === undefined) return undefined
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : Date.parse(text)
  const isWritten = /^\d+(?:\.\d+)?$|^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/.test(text)
  if (isWritten && Number.isSafeInteger(ms)) return ms
  throw new AppError('config.invalid', `--${name} is ${quoteValue(text)}, no time.`, {
    where: { key: `--${name}` },
    fix: 'Write Unix seconds, or one such as 2026-01-01T00:00:00Z.',
  })
}
