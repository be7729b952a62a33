// What a name in a rule stands for: a query that the team wrote under `values:`, or what is found under that name.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { knownValues } from './known-values.ts'
import { grouped, overTime } from './over-time.ts'

/** Queries by the names that conditions use: PromQL in which `$window` is the rule's window. */
export type WrittenValues = Readonly<Record<string, string>>

export interface ValueOptions {
  /** What `$window` is; undefined: the rule has none of its own. */
  readonly windowMs: number | undefined
  /** Labels that are kept where a value is counted over its series. */
  readonly by: readonly string[]
}

/** Resolves names of values. */
export interface ValueNames {
  /** The name whose series a name stands for: what is derived of a value has its labels. */
  sourceOf(name: string): string
  /** PromQL for a name. Throws `rules.invalid` for a query that does not follow the window it is asked for. */
  query(name: string, options: ValueOptions): string
  /** PromQL for what `value:` of a rule says: a name, or a query itself. */
  read(written: string, options: ValueOptions): string
}

/** `$window` of a rule that names none. */
const defaultWindowMs = 300_000
/** What `historical_avg_…` looks back over. */
const historyMs = 30 * 86_400_000
const historyStepMs = 3_600_000

const valueName = /^[a-zA-Z_][a-zA-Z0-9_]*(?:[.-][a-zA-Z0-9_]+)*$/
const counterName = /_(?:total|count|sum)$/
const windowName = /\$window\b|\$\{window\}/g

export function createValueNames(written: WrittenValues): ValueNames {
  const query = (name: string, options: ValueOptions): string => {
    const own = Object.hasOwn(written, name) ? written[name] : undefined
    return own === undefined ? automatic(name, options, written) : withWindow(name, own, options)
  }
  return {
    query,
    sourceOf: (name) => sourceOf(name, written),
    read(text, options) {
      const trimmed = text.trim()
      if (valueName.test(trimmed)) return query(trimmed, options)
      return withWindow('value', trimmed, options)
    },
  }
}

const historical = /^(?:historical_avg|avg_historical|historical)_(.+)$/

/** `historical_avg_gas` is that of `current_gas`, and `current_gas` may be called `gas`. */
function sourceOf(name: string, written: WrittenValues): string {
  if (Object.hasOwn(written, name)) return name
  const past = historical.exec(name)?.[1]
  if (past !== undefined) return sourceOf(`current_${past}`, written)
  const current = /^current_(.+)$/.exec(name)?.[1]
  return current !== undefined && Object.hasOwn(written, current) ? current : name
}

function withWindow(name: string, text: string, { windowMs }: ValueOptions): string {
  const window = formatDurationMs(windowMs ?? defaultWindowMs)
  const expr = text.replace(windowName, window)
  if (windowMs !== undefined && expr === text && !text.includes(`[${window}`) && name !== 'value') {
    throw new AppError(
      'rules.invalid',
      `the value ${name} does not follow the window of ${window}: ${quoteValue(text)}.`,
      {
        fix: `Write $window in its query: sum(increase(metric[$window])).`,
      },
    )
  }
  return expr
}

/** A metric of that name, then what the name is known for; over a window counters are counted and gauges averaged. */
function automatic(name: string, options: ValueOptions, written: WrittenValues): string {
  const source = sourceOf(name, written)
  if (source !== name) {
    const isPast = historical.test(name)
    const expr = createValueNames(written).query(source, isPast ? { ...options, windowMs: undefined } : options)
    return isPast ? overTime('avg_over_time', expr, { rangeMs: historyMs, stepMs: historyStepMs }) : expr
  }
  const window = formatDurationMs(options.windowMs ?? defaultWindowMs)
  const own = overWindow(name, options)
  const known = Object.hasOwn(knownValues, name) ? knownValues[name] : undefined
  return known === undefined ? own : `${own} or on () ${grouped(known(window))}`
}

function overWindow(name: string, { windowMs, by }: ValueOptions): string {
  const current = /^current_(.+)$/.exec(name)?.[1]
  const names = current === undefined ? [name] : [name, current]
  if (windowMs === undefined) return selectorOf(names)
  const window = formatDurationMs(windowMs)
  if (!counterName.test(name)) return `avg_over_time(${selectorOf(names)}[${window}])`
  const counters = name.endsWith('_total') ? names : [...names, `${name}_total`]
  return `sum${by.length === 0 ? '' : ` by (${by.join(', ')})`} (increase(${selectorOf(counters)}[${window}]))`
}

/** Dots and dashes are underscores in most metrics' names; where they are written as they stand, that is found too. */
function selectorOf(names: readonly string[]): string {
  const all = new Set(names.flatMap((name) => [name.replaceAll(/[.-]/g, '_'), name]))
  const [only, ...others] = all
  if (only !== undefined && others.length === 0) return only
  return `{__name__=~${JSON.stringify([...all].map((name) => name.replaceAll('.', '[.]')).join('|'))}}`
}

/** What is wrong with `values:`, by name. */
export function valueFaults(written: WrittenValues): { readonly name: string; readonly message: string }[] {
  return Object.entries(written).flatMap(([name, text]) => {
    if (!valueName.test(name))
      return [{ name, message: `${quoteValue(name)} is no name: letters, digits and _, parts joined by dots.` }]
    if (reservedNames.has(name)) return [{ name, message: `${name} is a word of conditions. Choose another name.` }]
    try {
      parse(text.replace(windowName, '5m'))
      return []
    } catch (error) {
      return [{ name, message: `could not parse expression: ${AppError.from(error).message}` }]
    }
  })
}

/** The window a condition is about: `time_window == "5m"`. */
export const windowNames: ReadonlySet<string> = new Set(['time_window', 'window'])
const reservedNames: ReadonlySet<string> = new Set([...windowNames, 'and', 'or', 'not', 'true', 'false'])
