// Parameters as Loki's API takes them: times in ns, seconds or RFC 3339, durations of Go or seconds; from the URL, a form, or both.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { parseDurationNs } from '@tidewatch/logquery/logql/units.ts'
import type { RequestContext } from '../../../http/port.ts'
import { Parameters } from '../../routes/parameters.ts'
import { scope } from '../../routes/scope.ts'

export interface LokiScope {
  readonly projects: readonly ProjectId[]
  readonly signal: AbortSignal
}

export interface TimeRange {
  /** ns since 1970: fromNs <= time < toNs. */
  readonly fromNs: bigint
  readonly toNs: bigint
}

const hourNs = 3_600_000_000_000n
const nsPerMs = 1_000_000n
/** As Loki has them by default. */
export const defaultLimit = 100
export const maxLimit = 5000
/** Points that a range is cut into where no step is given. */
const defaultPoints = 250

export class LokiParameters {
  readonly #values: Parameters
  readonly #nowMs: number

  constructor(context: RequestContext, nowMs: number) {
    this.#values = new Parameters(context)
    this.#nowMs = nowMs
  }

  get(name: string): string | undefined {
    return this.#values.get(name)
  }

  all(name: string): readonly string[] {
    return this.#values.all(name).filter((text) => text !== '')
  }

  required(name: string): string {
    const text = this.get(name)
    if (text === undefined) throw badParameter(name, 'is missing')
    return text
  }

  /** `start` and `end`, or `since`; the last hour where nothing is said, or `spanNs`. */
  range(spanNs = hourNs): TimeRange {
    const toNs = this.timeNs('end') ?? BigInt(this.#nowMs) * nsPerMs
    const since = this.get('since')
    const sinceNs = since === undefined ? spanNs : BigInt(Math.round(this.#durationMs('since', since))) * nsPerMs
    const fromNs = this.timeNs('start') ?? toNs - sinceNs
    if (toNs < fromNs) throw badRequest(`end timestamp must not be before or equal to start time`)
    return { fromNs, toNs }
  }

  timeNs(name: string): bigint | undefined {
    const text = this.get(name)
    if (text === undefined) return undefined
    const ns = parseTimeNs(text)
    if (ns === undefined)
      throw badParameter(name, `${quoteValue(text)} is no time. Write ns or seconds since 1970, or RFC 3339.`)
    return ns
  }

  /** ms; by the length of the range where it is not said. */
  stepMs({ fromNs, toNs }: TimeRange): number {
    const text = this.get('step')
    if (text === undefined)
      return Math.max(1, Math.ceil(Number((toNs - fromNs) / nsPerMs) / 1000 / defaultPoints)) * 1000
    const ms = this.#durationMs('step', text)
    if (ms <= 0)
      throw badRequest('zero or negative query resolution step widths are not accepted. Try a positive integer')
    return Math.max(1, Math.round(ms))
  }

  /** ns; 0 where it is not said. */
  intervalNs(): bigint {
    const text = this.get('interval')
    if (text === undefined) return 0n
    const ms = this.#durationMs('interval', text)
    if (ms < 0) throw badRequest('interval must be >= 0')
    return BigInt(Math.round(ms * 1e6))
  }

  limit(fallback = defaultLimit, most = maxLimit): number {
    const text = this.get('limit')
    if (text === undefined) return fallback
    const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0
    if (limit <= 0) throw badRequest('limit must be a positive value')
    if (limit > most)
      throw badRequest(`max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${most})`)
    return limit
  }

  direction(): 'forward' | 'backward' {
    const text = (this.get('direction') ?? 'backward').toLowerCase()
    if (text !== 'forward' && text !== 'backward') throw badRequest(`invalid direction '${text}'`)
    return text
  }

  /** Whose lines: all that the asker may see, or those of the project that X-Scope-OrgID or `project` names. */
  scope(context: RequestContext, projects: (seen: readonly ProjectId[] | 'all') => readonly ProjectId[]): LokiScope {
    const seen = scope(context, this.#values)
    return { signal: seen.signal, projects: projects(seen.projects === 'all' ? 'all' : [...seen.projects]) }
  }

  #durationMs(name: string, text: string): number {
    if (/^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(text)) return Number(text) * 1000
    const ns = parseDurationNs(text)
    const ms = ns === undefined ? parseDurationMs(text) : ns / 1e6
    if (ms === undefined)
      throw badParameter(name, `${quoteValue(text)} is no duration. Write seconds, or one such as 30s.`)
    return ms
  }
}

export const badRequest = (message: string): AppError => new AppError('query.parse', message)
const badParameter = (name: string, what: string): AppError =>
  new AppError('query.parse', `invalid parameter ${JSON.stringify(name)}: ${what}`, { where: { key: name } })

/** Numbers of up to 10 digits are seconds, longer ones ns; with a point they are seconds. */
export function parseTimeNs(text: string): bigint | undefined {
  if (/^-?\d{1,19}$/.test(text)) return BigInt(text) * (text.replace('-', '').length <= 10 ? 1_000_000_000n : 1n)
  if (/^-?\d{1,12}\.\d*$/.test(text)) return BigInt(Math.round(Number(text) * 1e6)) * 1000n
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[-+]\d\d:\d\d)$/.exec(text)
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`)
  if (match === null || Number.isNaN(ms)) return undefined
  return BigInt(ms) * nsPerMs + BigInt((match[2] ?? '').padEnd(9, '0'))
}
