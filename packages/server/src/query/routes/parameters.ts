// Parameters as Prometheus's API takes them: from the URL, a form body, or both; repeated where they may repeat.
import { parseDurationMs, secondsToMs } from '@tidewatch/core/time.ts'
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
    if (ms === undefined || Math.abs(ms) > latestMs)
      throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`)
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

  count(name: string): number | undefined {
    const text = this.get(name)
    if (text === undefined) return undefined
    if (!/^\d{1,9}$/.test(text)) throw badParameter(name, `${JSON.stringify(text)} is not a whole number from 0 on`)
    return Number(text)
  }
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/

function parseTime(text: string): number | undefined {
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text)) return secondsToMs(Number(text))
  const ms = rfc3339.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}
