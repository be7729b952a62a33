// Headers that protect whoever looks at an answer in a browser, and those that let other origins read one.
import type { Route } from './port.ts'

const always: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

/** What is no page has nothing to load. */
const apiPolicy = "default-src 'none'; frame-ancestors 'none'"
const oneYearSeconds = 31_536_000

export function securityHeaders(options: {
  readonly isTls: boolean
  readonly isCors: boolean
}): Record<string, string> {
  return {
    ...always,
    'content-security-policy': apiPolicy,
    'cross-origin-resource-policy': options.isCors ? 'cross-origin' : 'same-origin',
    ...(options.isTls ? { 'strict-transport-security': `max-age=${oneYearSeconds}` } : {}),
  }
}

/** The page loads from its own origin alone. Styles may be inline: the editor and the charts set them on elements. */
export function pagePolicy(inlineScriptHashes: readonly string[]): string {
  const scripts = ["'self'", ...inlineScriptHashes.map((hash) => `'sha256-${hash}'`)].join(' ')
  return [
    "default-src 'self'",
    `script-src ${scripts}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const exposed = 'x-request-id, retry-after'

/** Any origin may read it: such routes take no cookies from elsewhere. */
export function corsHeaders(): Record<string, string> {
  return { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposed }
}

/** The answer to OPTIONS: what the path takes, and what other origins may send it. */
export function optionsHeaders(routes: readonly Route[], requestedHeaders: string | undefined): Record<string, string> {
  const methodsOf = (list: readonly Route[]): string =>
    [...new Set(list.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].join(', ')
  const open = routes.filter((route) => route.cors === true)
  const allow = { allow: `${methodsOf(routes)}, OPTIONS` }
  if (open.length === 0) return allow
  const asked =
    requestedHeaders !== undefined &&
    /^[A-Za-z0-9-]+(?:\s*,\s*[A-Za-z0-9-]+)*$/.test(requestedHeaders) &&
    requestedHeaders.length < 1000
  return {
    ...allow,
    ...corsHeaders(),
    'access-control-allow-methods': methodsOf(open),
    'access-control-max-age': '86400',
    ...(asked ? { 'access-control-allow-headers': requestedHeaders } : {}),
  }
}
