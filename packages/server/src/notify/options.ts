// Values of channels' options as people write them.
import { Secret } from '@tidewatch/core/secret.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { z } from 'zod'
import { httpSchema } from '../collect/http-config/port.ts'
import type { RateLimit } from './port.ts'

/** Text that YAML readers may take for a number or a truth value. */
export const plain = z.union([z.string(), z.number(), z.boolean()]).transform(String)

/** A Go template over the notification's data; plain text is one too. */
export const template = plain.meta({ format: 'go-template' })

/** Written, or already a `Secret` where another reader has read the file. */
export const secret = z
  .union([z.string(), z.number(), z.instanceof(Secret)])
  .transform((value) => (value instanceof Secret ? value : new Secret(String(value))))
  .meta({ writeOnly: true })

const isHttpUrl = (text: string): boolean => /^https?:$/.test(URL.parse(text)?.protocol ?? '')
const notHttpUrl = 'not a URL that begins with http:// or https://'

export const httpUrl = z.string().refine(isHttpUrl, notHttpUrl)

/** A URL that lets in whoever has it. */
export const secretUrl = secret.refine((value) => isHttpUrl(value.reveal()), notHttpUrl)

/** `30s`, to ms. */
export const duration = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = parseDurationMs(String(value))
  if (ms !== undefined && ms >= 0) return ms
  const advice = typeof value === 'number' ? `Write a unit: ${value}s` : 'Write one such as 30s or 1h'
  context.addIssue({ code: 'custom', message: `not a duration. ${advice}` })
  return z.NEVER
})

/** `[a, b]`, or `a, b` in one text. */
export const list = z
  .union([z.array(plain), plain])
  .transform((value): readonly string[] =>
    (Array.isArray(value) ? value : value.split(',')).map((one) => one.trim()).filter((one) => one !== ''),
  )

/** What every channel over HTTP takes. */
export const httpOptions = {
  http_config: httpSchema
    .optional()
    .meta({ title: 'HTTP client', help: 'proxy, TLS, sign-in, headers, as in Alertmanager' }),
  timeout: duration.optional().meta({ title: 'Longest wait for an answer', help: '10s when left out' }),
}

const mostMessages = 10_000

/** `20/1m`: at most 20 messages a minute. Several may hold together. */
export const rateLimits = z.union([z.string(), z.array(z.string())]).transform((written, context) => {
  const limits: RateLimit[] = []
  for (const text of [written].flat()) {
    const match = /^\s*(\d+)\s*\/\s*(\d*[a-z]\w*)\s*$/.exec(text)
    const messages = Number(match?.[1])
    const perMs =
      match === null ? undefined : parseDurationMs(/^\d/.test(match[2] ?? '') ? (match[2] ?? '') : `1${match[2]}`)
    if (perMs === undefined || perMs <= 0 || messages < 1 || messages > mostMessages) {
      context.addIssue({ code: 'custom', message: 'not a rate. Write messages and time, such as 20/1m' })
      return z.NEVER
    }
    limits.push({ messages, perMs })
  }
  return limits
})

/** Exactly one of two ways of giving a value must be there. */
export function oneOf<Options extends object>(...keys: readonly (keyof Options & string)[]) {
  return (options: Options, context: z.RefinementCtx): void => {
    const given = keys.filter((key) => options[key] !== undefined)
    if (given.length === 1) return
    const message =
      given.length === 0 ? `one of ${keys.join(', ')} is needed.` : `${given.join(' and ')} exclude one another.`
    context.addIssue({ code: 'custom', path: [given[1] ?? keys[0] ?? ''], message })
  }
}
