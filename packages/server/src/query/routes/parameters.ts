// Parameters as Prometheus's API takes them: from the URL, a form body, or both; repeated where they may repeat.
import { AppError } from '@tidewatch/core/error.ts'
import { parseDurationMs, secondsToMs } from '@tidewatch/core/time.ts'
import type { Expr } from '@tidewatch/promql/ast.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import type { RequestContext } from '../../http/port.ts'
import { badParameter } from '../service.ts'

/** The earliest and latest times a query may speak of, in ms: what a 64-bit count of ms holds exactly as a double. */
const latestMs = Number.MAX_SAFE_INTEGER

export class Parameters {
  readonly #values = new Map<string, string[]>()

  constructor(context: RequestContext) {
    const { body } = context
    // a form's body has the query's keys too; bytes are another protocol's
    const isForm = typeof body === 'object' && body !== null && !(body instanceof Uint8Array)
    const source = isForm ? body : context.query
    for (const [name, value] of Object.entries(source ?? {})) {
      this.#values.set(name, Array.isArray(value) ? value.map(String) : [String(value)])
    }
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  get(name: string): string | undefined {
    const value = this.#values.get(name)?.[0]
    return value === '' ? undefined : value
  }

  required(name: string): string {
    const value = this.get(name)
    if (value === undefined) throw badParameter(name, 'it is missing')
    return value
  }

  /** Unix seconds with fraction, or RFC 3339; in ms. */
  timeMs(name: string, fallback?: number): number {
    const text = this.get(name)
    if (text === undefined) {
      if (fallback === undefined) throw badParameter(name, `cannot parse "" to a valid timestamp`)
      return fallback
    }
    const ms = parseTime(text)
    if (ms === undefined || Math.abs(ms) > latestMs) {
      // a parameter that may be left out has other words in Prometheus
      const about = fallback === undefined ? '' : `Invalid time value for '${name}': `
      throw badParameter(name, `${about}cannot parse ${JSON.stringify(text)} to a valid timestamp`)
    }
    return ms
  }

  /** Seconds as a number, or a Prometheus duration; in ms. */
  durationMs(name: string, fallback?: number): number | undefined {
    const text = this.get(name)
    if (text === undefined) return fallback
    const ms = /^[-+]?[\d.]+(?:e[-+]?\d+)?$/i.test(text) ? secondsToMs(Number(text)) : parseDurationMs(text)
    if (ms === undefined || !Number.isSafeInteger(ms))
      throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid duration`)
    return ms
  }

  /** `limit`: 0 where none is given. */
  limit(): number {
    const text = this.get('limit') ?? '0'
    if (!/^[-+]?\d{1,18}$/.test(text))
      throw badParameter('limit', `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
    if (Number(text) < 0) throw badParameter('limit', 'limit must be non-negative')
    return Math.min(Number(text), Number.MAX_SAFE_INTEGER - 1)
  }

  /** PromQL, in the words that Prometheus has for what is wrong with it; the place is kept. */
  expression(name = 'query'): Expr {
    try {
      return parse(this.text(name))
    } catch (error) {
      throw aboutParameter(name, error)
    }
  }

  /** A text that may be empty. */
  text(name: string): string {
    return this.#values.get(name)?.[0] ?? ''
  }
}

/** What the parser said, as what is wrong with a parameter. */
export function aboutParameter(name: string, error: unknown): unknown {
  const { code, message, where } = AppError.from(error)
  if (code !== 'query.parse' || !/^(?:unknown position|\d+:\d+): parse error/.test(message)) return error
  return new AppError('query.parse', `invalid parameter ${JSON.stringify(name)}: ${message}`, {
    cause: error,
    ...(where === undefined ? {} : { where }),
  })
}

/** The times that Go's clients send for "since ever" and "for ever". */
const farTimes: Readonly<Record<string, number | undefined>> = {
  '-292273086-05-16T16:47:06Z': -latestMs,
  '292277025-08-18T07:12:54.999999999Z': latestMs,
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/

function parseTime(text: string): number | undefined {
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text)) return secondsToMs(Number(text))
  const far = farTimes[text]
  if (far !== undefined) return far
  const ms = rfc3339.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}
