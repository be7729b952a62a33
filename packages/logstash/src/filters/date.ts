// date: the moment that a field tells, put where the event's own time is.
import { isTimeZone } from '@tidewatch/core/time-zone.ts'
import { parseIso } from '../date-iso.ts'
import { isLocale } from '../date-names.ts'
import { compileDatePattern, type DateContext } from '../date-parse.ts'
import type { LogEvent } from '../event.ts'
import type { Filter, FilterContext, FilterDefinition } from '../filter.ts'
import type { Settings } from '../settings.ts'
import { isMoment, Timestamp, textOf, type Value, WholeFloat } from '../values.ts'

type Parser = (value: Value, context: DateContext) => Timestamp | undefined

/** Seconds; what is larger is most likely ms. */
const maxUnixSeconds = 2 ** 31 - 1
/** TAI counts from 1970 with this, and was 10 s ahead of UTC then. */
const taiLabel = 2n ** 62n
const taiAheadSeconds = 10n

export const date: FilterDefinition = {
  name: 'date',
  compile(settings, context): Filter {
    const [field, ...patterns] = settings.texts('match')
    if (field === undefined || patterns.length === 0)
      settings.complain('date needs a field and at least one pattern', 'Write match => ["field", "ISO8601"].')
    const source = settings.fieldOf(field ?? 'message', 'match')
    const target = settings.field('target', '@timestamp')
    const locale = localeOf(settings)
    const parsers = patterns.map((pattern) => parserOf(pattern, locale, settings))
    const zone = zoneOf(settings, context)
    const failureTags = settings.texts('tag_on_failure', ['_dateparsefailure'])
    const precision = settings.choice('precision', ['ms', 'ns'], 'ns')
    return {
      failureTags,
      run(event) {
        const value = event.get(source)
        if (value === undefined || value === null) return false
        const dates: DateContext = { timeZone: zone(event), nowMs: context.clock.nowMs() }
        for (const parse of parsers) {
          const found = parse(value, dates)
          if (found === undefined) continue
          event.set(target, precision === 'ms' ? new Timestamp(found.ms) : found)
          return true
        }
        for (const tag of failureTags) event.tag(tag)
        return false
      },
    }
  },
}

function localeOf(settings: Settings): string {
  const locale = settings.text('locale', 'en')
  if (isLocale(locale)) return locale
  settings.complain(`"${locale}" is no language`, 'Write en, de or pt-BR.', 'locale')
  return 'en'
}

/** A zone may be a field of the event. */
function zoneOf(settings: Settings, { timeZone }: FilterContext): (event: LogEvent) => string {
  const text = settings.optionalText('timezone')
  if (text === undefined) return () => timeZone
  const template = settings.template(text, 'timezone')
  if (template.isConstant) {
    if (!isTimeZone(text)) settings.complain(`"${text}" is no time zone`, 'Write Europe/Zurich or UTC.', 'timezone')
    return () => (isTimeZone(text) ? text : timeZone)
  }
  return (event) => {
    const zone = template.render(event)
    if (!isTimeZone(zone)) throw new RangeError(`${JSON.stringify(zone.slice(0, 40))} is no time zone`)
    return zone
  }
}

function parserOf(pattern: string, locale: string, settings: Settings): Parser {
  switch (pattern) {
    case 'ISO8601':
      return (value, context) => (typeof value === 'string' ? parseIso(value, context) : undefined)
    case 'UNIX':
      return (value) => unix(value, 1000)
    case 'UNIX_MS':
      return (value) => unix(value, 1)
    case 'TAI64N':
      return (value) => (typeof value === 'string' ? tai64n(value) : undefined)
    default:
      return jodaParser(pattern, locale, settings)
  }
}

function jodaParser(pattern: string, locale: string, settings: Settings): Parser {
  try {
    const parse = compileDatePattern(pattern, locale)
    return (value, context) => {
      if (typeof value !== 'string') return undefined
      const ms = parse(value, context)
      return ms === undefined || !isMoment(ms) ? undefined : new Timestamp(ms)
    }
  } catch (error) {
    settings.complain(
      `"${pattern}": ${error instanceof Error ? error.message : String(error)}`,
      'Write a pattern such as yyyy-MM-dd HH:mm:ss.',
      'match',
    )
    return () => undefined
  }
}

/** `unitMs`: 1000 for seconds. */
function unix(value: Value, unitMs: number): Timestamp | undefined {
  const isNumeric = typeof value === 'number' || typeof value === 'bigint' || value instanceof WholeFloat
  const text = typeof value === 'string' || isNumeric ? textOf(value) : ''
  const match = /^(\d{1,16})(?:\.(\d+))?$/.exec(text)
  if (match === null) return undefined
  const whole = Number(match[1])
  if (unitMs === 1000 && whole > maxUnixSeconds) return undefined
  const fraction = unitMs === 1 ? 0 : Number((match[2] ?? '').padEnd(3, '0').slice(0, 3))
  const ms = whole * unitMs + fraction
  return isMoment(ms) ? new Timestamp(ms) : undefined
}

/** `@4000000050d506482dbdf024`. Source: D. J. Bernstein, TAI64. */
function tai64n(text: string): Timestamp | undefined {
  const match = /^@?([0-9a-f]{16})([0-9a-f]{8})$/i.exec(text)
  if (match === null) return undefined
  const seconds = BigInt(`0x${match[1]}`) - taiLabel - taiAheadSeconds
  const nanos = Number(`0x${match[2]}`)
  const ms = Number(seconds) * 1000 + Math.floor(nanos / 1e6)
  return isMoment(ms) && nanos < 1e9 ? new Timestamp(ms, nanos % 1e6) : undefined
}
