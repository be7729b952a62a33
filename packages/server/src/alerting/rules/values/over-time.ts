// PromQL text over the past of a value: of a series itself where there is one, of steps of an expression otherwise.
import { AppError } from '@tidewatch/core/error.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { parse } from '@tidewatch/promql/parse.ts'

export interface Stretch {
  readonly rangeMs: number
  /** How far back the stretch ends; below 0: ahead of now, which only makes sense of a past shifted by more. */
  readonly offsetMs?: number
  /** Between two looks at an expression; of a plain series every sample counts. */
  readonly stepMs: number
}

const plainSelector = /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^{}]*\})?$|^\{[^{}]*\}$/

/** Whether the text selects series and does nothing to them. */
export function isSelector(expr: string): boolean {
  return plainSelector.test(expr) && parse(expr).kind === 'vector_selector'
}

/** `fn` over a stretch of the past, such as `avg_over_time`; arguments that stand before it come first. */
export function overTime(fn: string, expr: string, stretch: Stretch, ...before: readonly string[]): string {
  const range = formatDurationMs(stretch.rangeMs)
  const offset = shiftText(stretch.offsetMs ?? 0)
  const of = isSelector(expr) ? `${expr}[${range}]` : `(${expr})[${range}:${formatDurationMs(stretch.stepMs)}]`
  return `${fn}(${[...before, `${of}${offset}`].join(', ')})`
}

/** The value as it was: of an expression the last step of a stretch. */
export function asOf(expr: string, agoMs: number): string {
  if (isSelector(expr)) return `${expr}${shiftText(agoMs)}`
  return overTime('last_over_time', expr, { rangeMs: 300_000, offsetMs: agoMs, stepMs: 60_000 })
}

const shiftText = (ms: number): string => (ms === 0 ? '' : ` offset ${formatDurationMs(ms)}`)

/** In parentheses unless it is one thing already. */
export function grouped(expr: string): string {
  if (plainSelector.test(expr) || /^[\d.]+(e[+-]?\d+)?$/.test(expr)) return expr
  const { kind } = parse(expr)
  return kind === 'binary' || kind === 'unary' ? `(${expr})` : expr
}

/** Throws `rules.invalid` with what PromQL's parser says. */
export function checkPromql(expr: string): void {
  try {
    parse(expr)
  } catch (error) {
    throw new AppError('rules.invalid', `could not parse expression: ${AppError.from(error).message}`, { cause: error })
  }
}
