import { AppError } from '@tidewatch/core/error.ts'

/** What is wrong with a template's text or its execution. Line from 1; column in bytes from 0, as Go's messages count it. */
export function templateError(
  code: 'template.parse' | 'template.execute' | 'template.limit',
  message: string,
  where: { readonly line?: number; readonly column?: number; readonly file?: string } | undefined,
): AppError {
  return new AppError(code, message, where === undefined ? {} : { where })
}

/** What a function called by a template complains of; where and in which call is added by the execution. */
export function functionError(message: string): AppError {
  return new AppError('template.execute', message)
}

/** As `functionError`, for what would be too large. */
export function limitError(message: string): AppError {
  return new AppError('template.limit', message)
}
