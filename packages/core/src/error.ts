import { type ErrorCode, type ErrorKind, errorCodes } from './error-codes.ts'

/** Where something is wrong: a place in a file, in a query, or a field of a request. */
export interface Where {
  readonly file?: string
  /** Counted from 1. */
  readonly line?: number
  readonly column?: number
  /** Dotted path of a configuration key, or a request's field. */
  readonly key?: string
  /** Character span in a query text, end exclusive, counted from 0. */
  readonly span?: { readonly start: number; readonly end: number }
}

export interface ErrorDetail {
  readonly where?: Where
  /** The way out, in the imperative. */
  readonly fix?: string
  readonly retryable?: boolean
  /** Seconds after which to try again, where known. */
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** The one error class; what differs is data, so it survives a process or thread border (`toJSON`, `fromJSON`). */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly retryable: boolean
  readonly retryAfterSeconds: number | undefined
  readonly where: Where | undefined
  readonly fix: string | undefined

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, { cause: detail.cause })
    this.code = code
    this.kind = errorCodes[code].kind
    this.retryable = detail.retryable ?? errorCodes[code].retryable
    this.retryAfterSeconds = detail.retryAfterSeconds
    this.where = detail.where
    this.fix = detail.fix
  }

  toJSON(): AppErrorData {
    const { code, message, retryable, retryAfterSeconds, where, fix } = this
    return {
      code,
      message,
      retryable,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(where === undefined ? {} : { where }),
      ...(fix === undefined ? {} : { fix }),
    }
  }

  static fromJSON(data: AppErrorData): AppError {
    return new AppError(data.code, data.message, data)
  }

  /** Anything caught, as an AppError; what is not one is a bug. */
  static from(caught: unknown): AppError {
    if (caught instanceof AppError) return caught
    const message = caught instanceof Error ? caught.message : String(caught)
    return new AppError('internal.bug', message, { cause: caught })
  }
}

/** What crosses a border in place of the error itself. */
export interface AppErrorData {
  readonly code: ErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly retryAfterSeconds?: number
  readonly where?: Where
  readonly fix?: string
}

/** One of several things wrong with a file, where a person wants to see all of them at once. */
export interface Problem {
  readonly message: string
  readonly where: Where
  readonly fix?: string
}

/** `alerts.yml:14:9 route.group_wait: "30" is not a duration. Write a unit: 30s` */
export function formatProblem(problem: Problem): string {
  const { file, line, column, key } = problem.where
  const place = [file ?? '', line === undefined ? '' : `:${line}`, column === undefined ? '' : `:${column}`].join('')
  const head = [place, key ?? ''].filter((part) => part !== '').join(' ')
  const fix = problem.fix === undefined ? '' : ` ${problem.fix}`
  return `${head === '' ? '' : `${head}: `}${problem.message}${fix}`
}

/** A value as an error message may show it: quoted, cut to a sane length. */
export function quoteValue(value: unknown, maxLength = 80): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return JSON.stringify(text.length > maxLength ? `${text.slice(0, maxLength)}…` : text)
}
