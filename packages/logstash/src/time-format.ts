// Moments to texts by the letters of Joda-Time and of java.time, in UTC and English. Source: DateTimeFormat (Joda-Time 2), DateTimeFormatter (Java 17).

interface Parts {
  readonly date: Date
  readonly ms: number
}

type Print = (parts: Parts) => string

/** Letters of a format; a run of one letter is one part. */
const maxLetters = 200

export const monthNames = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
]
export const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

export interface FormatRun {
  /** Undefined for text to be copied. */
  readonly letter: string | undefined
  readonly count: number
  readonly text: string
}

/** Cuts a format into runs of letters and plain text; `'quoted'` text is plain, `''` a quote. Throws RangeError. */
export function runsOf(format: string): FormatRun[] {
  if (format.length > maxLetters) throw new RangeError(`a time format of more than ${maxLetters} letters`)
  const runs: FormatRun[] = []
  for (const [whole, quoted, letters] of format.matchAll(/''|'((?:[^']|'')*)'|([a-zA-Z])\2*|'|[^a-zA-Z']+/g)) {
    if (letters !== undefined) runs.push({ letter: letters, count: whole.length, text: '' })
    else if (whole === "'") throw new RangeError(`the quote in ${format} is not closed`)
    else if (whole === "''") runs.push({ letter: undefined, count: 1, text: "'" })
    else runs.push({ letter: undefined, count: 1, text: quoted === undefined ? whole : quoted.replaceAll("''", "'") })
  }
  return runs
}

const pad = (value: number, count: number): string =>
  value < 0 ? `-${String(-value).padStart(count, '0')}` : String(value).padStart(count, '0')

const yearText = (year: number, count: number): string =>
  count === 2 ? pad(((year % 100) + 100) % 100, 2) : pad(year, count)

const weekday = ({ date }: Parts): number => date.getUTCDay() || 7

/** Year and week as ISO 8601 counts them. */
function isoWeek(parts: Parts): { year: number; week: number } {
  const thursday = new Date(parts.date)
  thursday.setUTCDate(thursday.getUTCDate() + 4 - weekday(parts))
  const year = thursday.getUTCFullYear()
  return { year, week: Math.ceil(((thursday.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 + 1) / 7) }
}

const dayOfYear = ({ date, ms }: Parts): number =>
  Math.floor((ms - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1

const nameOr = (names: readonly string[], at: number, count: number): string =>
  count >= 4 ? (names[at] as string) : (names[at] as string).slice(0, 3)

const fraction = ({ date }: Parts, count: number): string =>
  pad(date.getUTCMilliseconds(), 3).padEnd(count, '0').slice(0, count)

/** What both libraries print alike. */
function commonPrint(letter: string, count: number): Print | undefined {
  const number =
    (of: (parts: Parts) => number): Print =>
    (parts) =>
      pad(of(parts), count)
  switch (letter) {
    case 'y':
      return (parts) => yearText(parts.date.getUTCFullYear(), count)
    case 'M':
      if (count >= 3) return (parts) => nameOr(monthNames, parts.date.getUTCMonth(), count)
      return number((parts) => parts.date.getUTCMonth() + 1)
    case 'd':
      return number((parts) => parts.date.getUTCDate())
    case 'D':
      return number(dayOfYear)
    case 'E':
      return (parts) => nameOr(dayNames, weekday(parts) - 1, count)
    case 'e':
      return number(weekday)
    case 'w':
      return number((parts) => isoWeek(parts).week)
    case 'a':
      return (parts) => (parts.date.getUTCHours() < 12 ? 'AM' : 'PM')
    case 'H':
      return number((parts) => parts.date.getUTCHours())
    case 'k':
      return number((parts) => parts.date.getUTCHours() || 24)
    case 'K':
      return number((parts) => parts.date.getUTCHours() % 12)
    case 'h':
      return number((parts) => parts.date.getUTCHours() % 12 || 12)
    case 'm':
      return number((parts) => parts.date.getUTCMinutes())
    case 's':
      return number((parts) => parts.date.getUTCSeconds())
    case 'S':
      return (parts) => fraction(parts, count)
    case 'G':
      return () => 'AD'
    case 'z':
      return () => 'UTC'
    default:
      return undefined
  }
}

function jodaPrint(letter: string, count: number): Print | undefined {
  switch (letter) {
    case 'Y':
      return commonPrint('y', count)
    case 'C':
      return (parts) => pad(Math.floor(parts.date.getUTCFullYear() / 100), count)
    case 'x':
      return (parts) => yearText(isoWeek(parts).year, count)
    case 'Z':
      return () => (count === 1 ? '+0000' : count === 2 ? '+00:00' : 'UTC')
    default:
      return commonPrint(letter, count)
  }
}

function javaPrint(letter: string, count: number): Print | undefined {
  switch (letter) {
    case 'u':
      return commonPrint('y', count)
    case 'Y':
      return (parts) => yearText(isoWeek(parts).year, count)
    case 'L':
      return commonPrint('M', count)
    case 'Q':
    case 'q':
      return (parts) => pad(Math.floor(parts.date.getUTCMonth() / 3) + 1, count)
    case 'n':
      return (parts) => pad(parts.date.getUTCMilliseconds() * 1_000_000, count)
    case 'A':
      return (parts) => pad(((parts.ms % 86_400_000) + 86_400_000) % 86_400_000, count)
    case 'X':
      return () => 'Z'
    case 'x':
    case 'Z':
      return () => (count === 3 || count === 5 ? '+00:00' : letter === 'x' && count === 1 ? '+00' : '+0000')
    case 'V':
      return () => 'UTC'
    case 'O':
      return () => 'GMT'
    default:
      return commonPrint(letter, count)
  }
}

function compile(format: string, printOf: typeof jodaPrint): (ms: number) => string {
  const prints = runsOf(format).map(({ letter, count, text }): Print => {
    if (letter === undefined) return () => text
    const print = printOf(letter, count)
    if (print === undefined) throw new RangeError(`${letter} is no letter of a time format`)
    return print
  })
  return (ms) => {
    const parts = { date: new Date(ms), ms }
    return prints.map((print) => print(parts)).join('')
  }
}

/** `YYYY.MM.dd`. Throws RangeError for letters that mean nothing. */
export const compileJodaFormat = (format: string): ((ms: number) => string) => compile(format, jodaPrint)

/** `yyyy-MM-dd'T'HH:mm:ss`. Throws RangeError for letters that mean nothing. */
export const compileJavaFormat = (format: string): ((ms: number) => string) => compile(format, javaPrint)
