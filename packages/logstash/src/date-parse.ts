// Texts to moments by Joda-Time's patterns. A pattern is compiled to a list of readers; the whole text must be read. Source: DateTimeFormat (Joda-Time 2).
import { fromLocalMs, isTimeZone } from '@tidewatch/core/time-zone.ts'
import { localeNames } from './date-names.ts'
import { type FormatRun, runsOf } from './time-format.ts'

/** What the readers of one text have found. */
interface Found {
  text: string
  at: number
  year: number | undefined
  weekyear: number | undefined
  century: number | undefined
  month: number
  day: number
  dayOfYear: number | undefined
  week: number | undefined
  weekday: number | undefined
  hour: number
  isHalfDay: boolean
  isAfternoon: boolean
  minute: number
  second: number
  ms: number
  offsetMs: number | undefined
  zone: string | undefined
}

type Reader = (found: Found) => boolean

export interface DateContext {
  /** Of texts that do not say theirs. */
  readonly timeZone: string
  readonly nowMs: number
}

/** ms since 1970, or undefined where the text is not written so. */
export type DateParser = (text: string, context: DateContext) => number | undefined

/** Throws RangeError for a pattern with letters that mean nothing or cannot be read. */
export function compileDatePattern(pattern: string, locale: string): DateParser {
  const runs = runsOf(pattern)
  const readers = runs.map((run, i) => readerOf(run, runs[i + 1], locale))
  const hasYear = runs.some(({ letter }) => letter !== undefined && 'yYx'.includes(letter))
  return (text, context) => {
    const found = nothingFound(text)
    for (const reader of readers) if (!reader(found)) return undefined
    if (found.at !== text.length) return undefined
    if (!hasYear) guessYear(found, context)
    return momentOf(found, context)
  }
}

const nothingFound = (text: string): Found => ({
  ...{ text, at: 0, year: undefined, weekyear: undefined, century: undefined, month: 1, day: 1, dayOfYear: undefined },
  ...{
    week: undefined,
    weekday: undefined,
    hour: 0,
    isHalfDay: false,
    isAfternoon: false,
    minute: 0,
    second: 0,
    ms: 0,
  },
  ...{ offsetMs: undefined, zone: undefined },
})

/** A line of December that comes in January is last year's, and the other way round. */
function guessYear(found: Found, { nowMs }: DateContext): void {
  const now = new Date(nowMs)
  const month = now.getUTCMonth() + 1
  const shift = found.month === 12 && month === 1 ? -1 : found.month === 1 && month === 12 ? 1 : 0
  found.year = now.getUTCFullYear() + shift
}

function momentOf(found: Found, { timeZone }: DateContext): number | undefined {
  const dayMs = dayOf(found)
  if (dayMs === undefined) return undefined
  const hour = found.isHalfDay ? (found.hour % 12) + (found.isAfternoon ? 12 : 0) : found.hour
  if (hour > 23 || found.minute > 59 || found.second > 59) return undefined
  const localMs = dayMs + ((hour * 60 + found.minute) * 60 + found.second) * 1000 + found.ms
  if (found.offsetMs !== undefined) return localMs - found.offsetMs
  return fromLocalMs(found.zone ?? timeZone, localMs)
}

/** The midnight of the day as if it were UTC; undefined for a day that is none. */
function dayOf(found: Found): number | undefined {
  const year = found.year ?? (found.century === undefined ? 1970 : found.century * 100)
  if (found.dayOfYear !== undefined) {
    const ms = utcMs(year, 1, found.dayOfYear)
    return found.dayOfYear >= 1 && new Date(ms).getUTCFullYear() === year ? ms : undefined
  }
  if (found.week !== undefined) return weekDay(found.weekyear ?? year, found.week, found.weekday ?? 1)
  const ms = utcMs(year, found.month, found.day)
  const date = new Date(ms)
  return date.getUTCMonth() + 1 === found.month && date.getUTCDate() === found.day ? ms : undefined
}

function utcMs(year: number, month: number, day: number): number {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getTime()
}

export function weekDay(year: number, week: number, weekday: number): number | undefined {
  if (week < 1 || week > 53 || weekday < 1 || weekday > 7) return undefined
  const fourth = new Date(utcMs(year, 1, 4))
  const monday = fourth.getTime() - ((fourth.getUTCDay() || 7) - 1) * 86_400_000
  return monday + ((week - 1) * 7 + weekday - 1) * 86_400_000
}

const numbers = 'yYxCMwdDehHkKmsS'

/** Whether the digits of a part end only where the next part begins. */
const isNumber = (run: FormatRun | undefined): boolean =>
  run?.letter !== undefined && numbers.includes(run.letter) && !(run.letter === 'M' && run.count > 2)

function readerOf(run: FormatRun, next: FormatRun | undefined, locale: string): Reader {
  const { letter, count, text } = run
  if (letter === undefined) return literal(text)
  const setter = setters[letter]
  if (letter === 'M' && count >= 3)
    return names(
      () => localeNames(locale).months,
      (found, at) => {
        found.month = at + 1
      },
    )
  if (letter === 'y' || letter === 'Y' || letter === 'x') return year(letter, count, isNumber(next))
  if (letter === 'S') return fraction
  if (setter !== undefined) return digits(letter, setter)
  switch (letter) {
    case 'E':
      return names(
        () => localeNames(locale).days,
        () => undefined,
      )
    case 'a':
      return names(
        () => localeNames(locale).halves,
        (found, at) => {
          found.isAfternoon = at === 1
        },
      )
    case 'G':
      return names(
        () => [
          ['BC', 'BCE'],
          ['AD', 'CE'],
        ],
        () => undefined,
      )
    case 'Z':
      return count >= 3 ? zoneName : offset
    case 'z':
      throw new RangeError('names of time zones (z) cannot be read: they have more than one meaning')
    default:
      throw new RangeError(`${letter} is no letter of a date pattern`)
  }
}

/** What a number may be, and which part it is; hours of half days are told by their letters. */
const setters: Readonly<Record<string, readonly [min: number, max: number, part: NumberPart]>> = {
  C: [0, 99, 'century'],
  M: [1, 12, 'month'],
  d: [1, 31, 'day'],
  D: [1, 366, 'dayOfYear'],
  w: [1, 53, 'week'],
  e: [1, 7, 'weekday'],
  H: [0, 23, 'hour'],
  k: [1, 24, 'hour'],
  h: [1, 12, 'hour'],
  K: [0, 11, 'hour'],
  m: [0, 59, 'minute'],
  s: [0, 59, 'second'],
}

type NumberPart = 'century' | 'month' | 'day' | 'dayOfYear' | 'week' | 'weekday' | 'hour' | 'minute' | 'second'

function literal(text: string): Reader {
  const lower = text.toLowerCase()
  return (found) => {
    const part = found.text.slice(found.at, found.at + text.length)
    if (part !== text && part.toLowerCase() !== lower) return false
    found.at += text.length
    return true
  }
}

/** Undefined where there is no digit. */
function readDigits(found: Found, most: number): number | undefined {
  const start = found.at
  let value = 0
  while (found.at - start < most) {
    const digit = found.text.charCodeAt(found.at) - 48
    if (!(digit >= 0 && digit <= 9)) break
    value = value * 10 + digit
    found.at++
  }
  return found.at === start ? undefined : value
}

function digits(letter: string, [min, max, part]: readonly [number, number, NumberPart]): Reader {
  const most = String(max).length
  // the last hour of a day is its first, and so is that of each half
  const whole = letter === 'k' ? 24 : letter === 'h' ? 12 : Number.POSITIVE_INFINITY
  const isHalfDay = letter === 'h' || letter === 'K'
  return (found) => {
    const value = readDigits(found, most)
    if (value === undefined || value < min || value > max) return false
    found[part] = value === whole ? 0 : value
    if (isHalfDay) found.isHalfDay = true
    return true
  }
}

function year(letter: string, count: number, isFollowed: boolean): Reader {
  return (found) => {
    const isNegative = found.text[found.at] === '-'
    if (isNegative) found.at++
    const start = found.at
    const value = readDigits(found, isFollowed ? count : 9)
    if (value === undefined) return false
    const isShort = count === 2 && found.at - start === 2 && !isNegative
    const full = isShort ? pivoted(value) : isNegative ? -value : value
    if (letter === 'x') found.weekyear = full
    else found.year = full
    return true
  }
}

/** Two digits are the year of the hundred around 2030 less 50 to 49 more, as Joda has it for patterns (its pivot is 30 years ahead of 2000). */
const pivoted = (value: number): number => (value < 80 ? 2000 + value : 1900 + value)

function fraction(found: Found): boolean {
  const start = found.at
  const value = readDigits(found, 9)
  if (value === undefined) return false
  found.ms = Math.floor((value * 1000) / 10 ** (found.at - start))
  return true
}

function names(of: () => readonly (readonly string[])[], set: (found: Found, at: number) => void): Reader {
  // longest first: June is not Jun
  const all = of()
    .flatMap((forms, at) => forms.map((form) => ({ form: form.toLowerCase(), at })))
    .sort((a, b) => b.form.length - a.form.length)
  return (found) => {
    const rest = found.text.slice(found.at, found.at + 20).toLowerCase()
    const name = all.find(({ form }) => rest.startsWith(form))
    if (name === undefined) return false
    found.at += name.form.length
    set(found, name.at)
    return true
  }
}

const offsetPattern = /Z|([+-])(\d\d):?(?:(\d\d)(?::?(\d\d))?)?/y

function offset(found: Found): boolean {
  offsetPattern.lastIndex = found.at
  const match = offsetPattern.exec(found.text)
  if (match === null) return false
  const [whole, sign, hours = '0', minutes = '0', seconds = '0'] = match
  found.at += whole.length
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  found.offsetMs = sign === '-' ? -ms : ms
  return Number(hours) <= 23 && Number(minutes) <= 59
}

const zonePattern = /[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)*/y

function zoneName(found: Found): boolean {
  zonePattern.lastIndex = found.at
  const name = zonePattern.exec(found.text)?.[0]
  if (name === undefined || !isTimeZone(name)) return false
  found.at += name.length
  found.zone = name
  return true
}
