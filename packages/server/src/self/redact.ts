// What a log line of our own may show: no secrets, by the rules for what others send (packages/redact), no user or query of a URL, sane lengths.
import { AppError } from '@tidewatch/core/error.ts'
import { createRedactor } from '@tidewatch/redact/redactor.ts'

const maxTextLength = 2000
const maxItems = 50
const maxDepth = 5
const maxStackLength = 4000
const redactor = createRedactor()
const url = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s"'<>`]+)/gi

/** `postgres://me:pw@db/x?password=1#a` becomes `postgres://db/x`. */
export function stripUrls(text: string): string {
  if (!text.includes('://')) return text
  return text.replace(url, (_whole, scheme: string, rest: string) => {
    const end = rest.search(/[?#]/)
    const kept = end === -1 ? rest : rest.slice(0, end)
    const slash = kept.indexOf('/')
    const authority = slash === -1 ? kept : kept.slice(0, slash)
    const at = authority.lastIndexOf('@')
    return scheme + kept.slice(at + 1)
  })
}

/** A text as a log may hold it. */
export function loggableText(text: string, maxLength = maxTextLength): string {
  const { value } = redactor.text(stripUrls(text.length > maxLength * 4 ? text.slice(0, maxLength * 4) : text))
  return value.length > maxLength ? `${value.slice(0, maxLength)}…` : value
}

/** Any value as a log may hold it; bounded in depth, width and length. */
export function loggable(value: unknown, name = '', depth = 0): unknown {
  if (value !== undefined && value !== null && typeof value !== 'boolean' && redactor.hidesName(name)) return '[secret]'
  switch (typeof value) {
    case 'string':
      return loggableText(value)
    case 'bigint':
      return value.toString()
    case 'function':
    case 'symbol':
      return String(value.toString()).slice(0, 80)
    case 'object':
      return value === null ? null : loggableObject(value, depth)
    default:
      return value
  }
}

function loggableObject(value: object, depth: number): unknown {
  if (value instanceof Error) return loggableError(value, depth)
  if (depth >= maxDepth) return '[deeper]'
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => loggable(item, '', depth + 1))
  // a Secret, among others, knows how it may be shown
  if ('toJSON' in value && typeof value.toJSON === 'function') return loggable(value.toJSON(), '', depth + 1)
  const entries = Object.entries(value).slice(0, maxItems)
  return Object.fromEntries(entries.map(([key, item]) => [key, loggable(item, key, depth + 1)]))
}

function loggableError(error: Error, depth: number): unknown {
  const app = error instanceof AppError ? error : undefined
  // where a person can act on the code and message, the stack is noise
  const stack = app !== undefined && app.kind !== 'bug' ? undefined : error.stack
  return {
    name: error.name,
    message: loggableText(error.message),
    ...(app === undefined ? codeOf(error) : { code: app.code, where: app.where, fix: app.fix }),
    ...(stack === undefined ? {} : { stack: loggableText(stack, maxStackLength) }),
    ...(error.cause === undefined || depth >= maxDepth ? {} : { cause: loggable(error.cause, '', depth + 1) }),
  }
}

function codeOf(error: Error): { code?: string } {
  return 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
}
