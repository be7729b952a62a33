// What all routes of API v2 share: times, filters, and errors as a JSON text. https://github.com/prometheus/alertmanager, api/v2/openapi.yaml
import { parseMatcher } from '@tidewatch/alertmanager/parse-matchers.ts'
import type { LabelMatcher, MatcherMode } from '@tidewatch/alertmanager/port.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { compileAlertRegex, type ValueTest } from '@tidewatch/core/regexp.ts'
import type { Answer, ErrorBody } from '../../http/port.ts'

/** Errors are one JSON text. */
export const apiErrors: ErrorBody = ({ message }) => jsonText(message)

const jsonText = (text: string) => ({
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(text)}\n`,
})

export const failure = (status: number, message: string): Answer => ({ status, ...jsonText(message) })

/** What the description of the API itself forbids: go-openapi's form, and its codes. */
export function unprocessable(code: 602 | 612, message: string): Answer {
  return { status: 422, body: { code, message } }
}

/** With milliseconds, as Alertmanager writes times. */
export const apiTime = (atMs: number): string => new Date(atMs).toISOString()

const timePattern = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/

/** RFC 3339 in ms; undefined where there is none. Throws `http.invalid`. */
export function readTime(value: unknown, key: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const atMs = typeof value === 'string' && timePattern.test(value) ? Date.parse(value.replace(' ', 'T')) : Number.NaN
  if (Number.isNaN(atMs))
    throw new AppError('http.invalid', `${quoteValue(value)} is not a time.`, {
      where: { key },
      fix: 'Write RFC 3339: 2026-01-31T08:00:00Z.',
    })
  // Go's zero time says that there is none
  return typeof value === 'string' && value.startsWith('0001-01-01T00:00:00') ? undefined : atMs
}

type Query = Readonly<Record<string, string | readonly string[] | undefined>>

/** `filter`: one matcher each. Throws `alerts.bad_matcher`. */
export function readFilters(query: unknown, mode: MatcherMode): LabelMatcher[] {
  const written = [((query ?? {}) as Query).filter ?? []].flat()
  return written.map((text) => parseMatcher(text, mode))
}

/** `receiver`: an expression over the whole name. Throws `alerts.bad_matcher`. */
export function readReceiver(query: unknown): ValueTest | undefined {
  const [text] = [((query ?? {}) as Query).receiver ?? []].flat()
  if (text === undefined) return undefined
  try {
    return compileAlertRegex(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('alerts.bad_matcher', `failed to parse receiver param: ${reason}`, { cause })
  }
}

/** A switch that is on unless it says otherwise, in Go's words for it. Throws `http.invalid`. */
export function readSwitch(query: unknown, name: string): boolean {
  const [text = 'true'] = [((query ?? {}) as Query)[name] ?? []].flat()
  if (/^(?:1|t|true)$/i.test(text)) return true
  if (/^(?:0|f|false)$/i.test(text)) return false
  throw new AppError('http.invalid', `${name} is ${quoteValue(text)}, not true or false.`, { where: { key: name } })
}

/** A filter without a value asks whether the label is there. */
export function passes(filters: readonly LabelMatcher[], labels: Labels): boolean {
  return filters.every((matcher) => matcher.matches(labels.get(matcher.name)))
}
