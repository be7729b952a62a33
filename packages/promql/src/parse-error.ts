import { AppError } from '@tidewatch/core/error.ts'
import type { Span } from './ast.ts'

const utf8 = new TextEncoder()

/** `line:column` as Prometheus counts: both from 1, columns in bytes. */
function position(text: string, start: number): string {
  if (text === '') return 'unknown position'
  const before = text.slice(0, start)
  const lineStart = before.lastIndexOf('\n') + 1
  const line = before.split('\n').length
  return `${line}:${utf8.encode(before.slice(lineStart)).length + 1}`
}

/** What is wrong with a query's text, worded and placed as Prometheus does: `1:5: parse error: unexpected end of input`. */
export function parseError(text: string, span: Span, message: string): AppError {
  return new AppError('query.parse', `${position(text, span.start)}: parse error: ${message}`, {
    where: { span: { start: span.start, end: span.end } },
  })
}
