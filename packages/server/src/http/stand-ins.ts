// What answers where no route does: OPTIONS, a wrong method, an unknown path.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { errorAnswer } from './error-answer.ts'
import type { Target } from './exchange.ts'
import { optionsHeaders } from './headers.ts'
import type { ErrorShape, Route } from './port.ts'

const standInTimeoutMs = 30_000

export function optionsTarget(path: string, routes: readonly Route[]): Target {
  return {
    errors: routes[0]?.errors ?? 'tidewatch',
    label: path,
    isCors: false,
    timeoutMs: standInTimeoutMs,
    yieldsToPage: false,
    handle({ request }) {
      const asked = request.headers['access-control-request-headers']
      return { status: 204, headers: optionsHeaders(routes, typeof asked === 'string' ? asked : undefined) }
    },
  }
}

export function wrongMethodTarget(path: string, routes: readonly Route[]): Target {
  const allowed = optionsHeaders(routes, undefined).allow ?? ''
  const errors = routes[0]?.errors ?? 'tidewatch'
  return {
    errors,
    label: path,
    isCors: routes.some((route) => route.cors === true),
    timeoutMs: standInTimeoutMs,
    yieldsToPage: true,
    handle({ id, request }) {
      const message = `${request.method} is not possible here.`
      const answer = errorAnswer(new AppError('http.method', message, { fix: `Use one of ${allowed}.` }), errors, id)
      return { ...answer, headers: { ...answer.headers, allow: allowed } }
    },
  }
}

/** One for each protocol's errors. */
export function notFoundTarget(errors: ErrorShape): Target {
  return {
    errors,
    label: 'unknown',
    isCors: false,
    timeoutMs: standInTimeoutMs,
    yieldsToPage: true,
    handle({ path, request }) {
      throw new AppError('http.not_found', `there is nothing at ${request.method} ${quoteValue(path, 200)}.`, {
        fix: 'The paths of the API are listed at /api/tidewatch/v1/openapi.json.',
      })
    },
  }
}

/** Which protocol a path belongs to, by what its clients call. */
export function shapeOfPath(path: string): ErrorShape {
  if (path.startsWith('/api/v1/') || path.startsWith('/api/v2/')) return 'prometheus'
  if (path.startsWith('/-/') || path.startsWith('/loki/') || path.startsWith('/metrics')) return 'text'
  return 'tidewatch'
}
