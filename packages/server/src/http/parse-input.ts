// What a request carries, parsed and checked by the route's schemas.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { z } from 'zod'
import type { BodyKind, ErrorShape } from './port.ts'

/** More keys than this in one form or query are an attack on the parser. */
const maxPairs = 10_000
const utf8 = new TextDecoder('utf-8', { fatal: true })

type Pairs = Record<string, string | string[]>

/** Throws `http.media_type` unless the content type fits the kind of body; JSON may come without one. */
export function checkMediaType(kind: BodyKind, contentType: string | undefined): void {
  if (kind === 'none' || kind === 'bytes') return
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (type === '') return
  if (kind === 'json' && (type === 'application/json' || type.endsWith('+json'))) return
  if (kind === 'form' && type === 'application/x-www-form-urlencoded') return
  const wanted = kind === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
  throw new AppError('http.media_type', `the content type ${quoteValue(type)} is not taken here.`, {
    where: { key: 'content-type' },
    fix: `Send ${wanted}.`,
  })
}

/** The body as `json` or `form` mean it; undefined where there is none. */
export function parseBody(kind: 'json' | 'form', bytes: Uint8Array, query: Pairs): unknown {
  if (kind === 'form') return { ...mergePairs(parsePairs(decodeText(bytes)), query) }
  if (bytes.length === 0) return undefined
  const text = decodeText(bytes)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new AppError(
      'http.invalid',
      `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      {
        where: { key: 'body' },
        fix: 'Send one JSON value.',
        cause: error,
      },
    )
  }
}

/** Keys and values of `a=1&b=2&b=3`; repeated keys are arrays. The object has no prototype. */
export function parsePairs(text: string): Pairs {
  const pairs: Pairs = Object.create(null)
  if (text === '') return pairs
  let count = 1
  for (let i = text.indexOf('&'); i !== -1; i = text.indexOf('&', i + 1)) count++
  if (count > maxPairs) {
    throw new AppError('http.invalid', `there are ${count} parameters; the limit is ${maxPairs}.`, {
      fix: 'Send fewer.',
    })
  }
  for (const [key, value] of new URLSearchParams(text)) addPair(pairs, key, value)
  return pairs
}

function addPair(pairs: Pairs, key: string, value: string): void {
  const known = pairs[key]
  if (known === undefined) pairs[key] = value
  else if (typeof known === 'string') pairs[key] = [known, value]
  else known.push(value)
}

/** As Go's FormValue has it: the form's own values come first. */
function mergePairs(form: Pairs, query: Pairs): Pairs {
  for (const [key, value] of Object.entries(query)) {
    for (const one of typeof value === 'string' ? [value] : value) addPair(form, key, one)
  }
  return form
}

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw new AppError('http.invalid', 'the body is not UTF-8.', {
      where: { key: 'body' },
      fix: 'Send UTF-8.',
      cause: error,
    })
  }
}

/** The value as the schema gives it. Throws `http.invalid` that names the first wrong field, and counts the others. */
export function checkInput<T>(
  schema: z.ZodType<T>,
  value: unknown,
  place: 'params' | 'query' | 'body',
  shape: ErrorShape,
): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [first, ...others] = result.error.issues
  const key = [place, ...(first?.path ?? [])].map(String).join('.')
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  const message = first?.message ?? 'is not valid'
  const name = first?.path[0]
  const text =
    shape === 'prometheus' && name !== undefined
      ? `invalid parameter ${quoteValue(String(name))}: ${message}`
      : `${key}: ${message}${more}`
  throw new AppError('http.invalid', text, { where: { key } })
}
