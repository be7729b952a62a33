// Names of metrics, labels and units as Prometheus's OTLP receiver makes them:
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
import type { OtlpSettings } from '../../port.ts'

export type NamedKind = 'gauge' | 'counter' | 'up_down_counter' | 'histogram' | 'summary'

/** UCUM units with a name of their own (https://ucum.org/ucum); others are taken as they are. */
const unitNames: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
}

const perUnitNames: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
}

const lookUp = (names: Readonly<Record<string, string>>, unit: string): string =>
  Object.hasOwn(names, unit) ? (names[unit] as string) : unit

/** `By/s`: `bytes` and `per_second`. What stands in braces is a remark and no unit. */
function unitSuffixes(unit: string): { readonly main: string; readonly per: string } {
  const slash = unit.indexOf('/')
  const parts = slash === -1 ? [unit, ''] : [unit.slice(0, slash), unit.slice(slash + 1)]
  const [main, per] = parts.map((part) => (/[{}]/.test(part) ? '' : part.trim())) as [string, string]
  const perName = lookUp(perUnitNames, per)
  return { main: lookUp(unitNames, main), per: perName === '' ? '' : `per_${perName}` }
}

const tidyUnit = (unit: string): string =>
  unit
    .replace(/[^a-zA-Z0-9:]/gu, '_')
    .replace(/__+/g, '_')
    .replace(/^_/, '')

/** The unit for the metric's metadata: `bytes_per_second`. */
export function unitName(unit: string, settings: OtlpSettings): string {
  const { main, per } = unitSuffixes(unit)
  const parts = settings.escapes ? [tidyUnit(main), tidyUnit(per)] : [main, per]
  return parts
    .filter((part) => part !== '')
    .join('_')
    .replace(/^_|_$/g, '')
}

/** The name of the metric's family, with the `_total` of counters; undefined where nothing is left of it. */
export function metricName(
  name: string,
  unit: string,
  of: { kind: NamedKind; settings: OtlpSettings },
): string | undefined {
  const { kind, settings } = of
  const made = settings.escapes
    ? settings.addsSuffixes
      ? escapedWithSuffixes(name, unit, kind)
      : withoutLeadingDigit(
          name
            .split(/[^a-zA-Z0-9:_]+/u)
            .filter(Boolean)
            .join('_'),
        )
    : settings.addsSuffixes
      ? plainWithSuffixes(name, unit, kind)
      : name
  return made === '' || (made !== name && /^_*$/.test(made)) ? undefined : made
}

const withoutLeadingDigit = (name: string): string => (/^\d/.test(name) ? `_${name}` : name)

function escapedWithSuffixes(name: string, unit: string, kind: NamedKind): string {
  let tokens = name.split(/[^a-zA-Z0-9:]+/u).filter(Boolean)
  const suffixes = unitSuffixes(unit)
  let main = tidyUnit(suffixes.main)
  let per = tidyUnit(suffixes.per)
  if (tokens.includes(main)) main = ''
  per = per === 'per_' ? '' : per.replace(/_$/, '')
  if (tokens.includes(per)) per = ''
  if (per !== '') main = main.replace(/_$/, '')
  tokens.push(...[main, per].filter(Boolean))
  const last = typeSuffix(unit, kind)
  if (last !== undefined) tokens = [...tokens.filter((token) => token !== last), last]
  return withoutLeadingDigit(tokens.join('_'))
}

/** A unit of 1 makes a ratio of gauges alone: many count objects in it. */
function typeSuffix(unit: string, kind: NamedKind): 'total' | 'ratio' | undefined {
  if (kind === 'counter') return 'total'
  return unit === '1' && kind === 'gauge' ? 'ratio' : undefined
}

function plainWithSuffixes(name: string, unit: string, kind: NamedKind): string {
  const { main, per } = unitSuffixes(unit)
  const last = typeSuffix(unit, kind)
  let made = name
  if (last !== undefined) made = withoutSuffix(made, last)
  if (per !== '') made = withoutSuffix(made, per)
  if (main !== '' && !made.endsWith(main)) made += `_${main}`
  return [made, per, last ?? ''].filter(Boolean).join('_')
}

/** Without the suffix and the one character before it. */
function withoutSuffix(name: string, suffix: string): string {
  const rest = name.length - suffix.length - 1
  return name.endsWith(suffix) && rest > 0 ? name.slice(0, rest) : name
}

/** The name of an attribute as a label's; undefined where nothing is left of it. */
export function labelName(name: string, settings: OtlpSettings): string | undefined {
  if (!settings.escapes) return name === '' ? undefined : name
  let made = settings.keepsUnderscores ? name.replace(/[^a-zA-Z0-9_]/gu, '_') : collapsed(name)
  if (/^\d/.test(made)) made = `key_${made}`
  else if (settings.guardsUnderscore && /^_(?!_)/.test(made)) made = `key${made}`
  return made === '' || (made !== name && /^_*$/.test(made)) ? undefined : made
}

/** One underscore for several, but for the two at either end of a reserved name. */
function collapsed(name: string): string {
  const isReserved = name.length >= 4 && name.startsWith('__') && name.endsWith('__')
  const inner = (isReserved ? name.slice(2, -2) : name).replace(/[^a-zA-Z0-9]+/gu, '_')
  return isReserved ? `__${inner}__` : inner
}

/** As Go's 'f' format with the shortest digits: never with an exponent. */
export function plainFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const text = Object.is(value, -0) ? '-0' : String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign, first, rest = '', exponentText] = match
  const digits = `${first}${rest}`
  const point = 1 + Number(exponentText)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${digits.padEnd(point, '0')}`
}
