import { AppError } from '@tidewatch/core/error.ts'

/** A text that is no query: what is wrong at which characters, from 0. */
export function syntaxError(message: string, start: number, end: number = start): AppError {
  return new AppError('query.parse', `${message} (at character ${start})`, {
    where: { span: { start, end } },
    fix: 'Complete it there, or put what is meant as it stands between quotes or behind a backslash',
  })
}

/** A query that is well formed but cannot be asked of this field. */
export function valueError(message: string, field: string, fix?: string): AppError {
  return new AppError('query.execution', message, { where: { key: field }, ...(fix === undefined ? {} : { fix }) })
}

/** A query that is larger than anybody writes. */
export function limitError(message: string, fix: string): AppError {
  return new AppError('query.limit', message, { fix })
}

/** Characters of a query's text. */
export const maxQueryLength = 64 * 1024
/** Brackets, negations and compound queries inside one another. */
export const maxDepth = 100
/** Clauses of a whole query; Elasticsearch's `indices.query.bool.max_clause_count` by its old default. */
export const maxClauses = 1024

/** Refuses a text that is too long before it is read. */
export function checkLength(text: string): void {
  if (text.length > maxQueryLength)
    throw limitError(`The query has ${text.length} characters`, `Use at most ${maxQueryLength}`)
}
