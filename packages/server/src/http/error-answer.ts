// The one place where a kind of error becomes a status, and an AppError the shape that a protocol's clients understand.
import type { AppError } from '@tidewatch/core/error.ts'
import type { ErrorCode, ErrorKind } from '@tidewatch/core/error-codes.ts'
import type { Answer, ErrorBody, ErrorShape, RequestContext } from './port.ts'

const statusByKind: Readonly<Record<ErrorKind, number>> = {
  bad_input: 400,
  denied: 403,
  not_found: 404,
  conflict: 409,
  limit: 429,
  unavailable: 503,
  bug: 500,
}

/** Where HTTP or Prometheus's API has a better word than the kind. */
const statusByCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  'http.method': 405,
  'http.too_slow': 408,
  'http.body_too_large': 413,
  'http.inflated_too_large': 413,
  'spool.frame_too_large': 413,
  'http.media_type': 415,
  'http.unknown_encoding': 415,
  'http.headers_too_large': 431,
  'access.signed_out': 401,
  'access.bad_credentials': 401,
  'access.link_expired': 401,
  // nobody is there any more to read it; proxies' logs have this word for it
  'query.cancelled': 499,
  'query.execution': 422,
  'query.limit': 422,
  'store.limit': 422,
}

const defaultRetryAfterSeconds = 5

export function statusOf(error: AppError): number {
  return statusByCode[error.code] ?? statusByKind[error.kind]
}

/** The whole answer for an error. What only we can act on is said with the request's id alone: the log has the rest. */
export function errorAnswer(error: AppError, shape: ErrorShape, requestId: string): Answer {
  const status = statusOf(error)
  const headers: Record<string, string> = { 'cache-control': 'no-store' }
  // no Basic: browsers would put their own dialog over the page's sign-in
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="Tidewatch"'
  const waits = error.retryAfterSeconds ?? (error.retryable ? defaultRetryAfterSeconds : undefined)
  if (waits !== undefined && (status === 429 || status === 503))
    headers['retry-after'] = String(Math.max(1, Math.ceil(waits)))
  return { status, headers, body: bodyOf(error, shape, requestId) }
}

/** The same where the protocol has its own form for it. */
export function ownErrorAnswer(
  error: AppError,
  errorBody: ErrorBody,
  { requestId, requestHeaders }: { readonly requestId: string; readonly requestHeaders: RequestContext['headers'] },
): Answer {
  const { status = 500, headers } = errorAnswer(error, 'text', requestId)
  const { message, fix } = told(error, requestId)
  const own = errorBody({ status, code: error.code, message: withFix(message, fix), requestId }, requestHeaders)
  return { status, headers: { ...headers, ...own.headers }, body: own.body }
}

/** What is said outside: of a bug only where the log has it. */
function told(error: AppError, requestId: string): { readonly message: string; readonly fix: string | undefined } {
  if (error.kind !== 'bug') return { message: error.message, fix: error.fix }
  return { message: `internal error; the server's log has it under request ${requestId}`, fix: undefined }
}

function bodyOf(error: AppError, shape: ErrorShape, requestId: string): unknown {
  const isBug = error.kind === 'bug'
  const { message, fix } = told(error, requestId)
  switch (shape) {
    case 'tidewatch': {
      const where = isBug || error.where === undefined ? {} : { where: error.where }
      return { error: { code: error.code, message, ...where, ...(fix === undefined ? {} : { fix }), requestId } }
    }
    case 'prometheus':
      // a query's errors are worded as Prometheus words them, to the letter
      return {
        status: 'error',
        errorType: prometheusType(error),
        error: error.code.startsWith('query.') ? message : withFix(message, fix),
      }
    case 'text':
      return `${withFix(message, fix)}\n`
  }
}

const withFix = (message: string, fix: string | undefined): string =>
  fix === undefined ? message : `${message} ${fix}`

/** https://github.com/prometheus/prometheus/blob/main/web/api/v1/api.go has the words; clients switch on some of them. */
function prometheusType(error: AppError): string {
  switch (error.code) {
    case 'query.execution':
    case 'query.limit':
    case 'store.limit':
      return 'execution'
    case 'query.timeout':
    case 'http.timeout':
      return 'timeout'
    case 'query.cancelled':
    case 'internal.cancelled':
      return 'canceled'
    default:
      return prometheusTypeByKind[error.kind]
  }
}

const prometheusTypeByKind: Readonly<Record<ErrorKind, string>> = {
  bad_input: 'bad_data',
  denied: 'unauthorized',
  not_found: 'not_found',
  conflict: 'bad_data',
  limit: 'unavailable',
  unavailable: 'unavailable',
  bug: 'internal',
}
