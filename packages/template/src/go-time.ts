// Times as Go prints and formats them (time.Time.String, Format), in UTC.
import type { FunctionTable, Time } from './value.ts'

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

interface Parts {
  readonly date: Date
  /** 0 to 999,999,999. */
  readonly nanos: number
}

function partsOf({ atNs }: Time): Parts {
  const nanos = ((atNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  return { date: new Date(Number((atNs - nanos) / 1_000_000n)), nanos: Number(nanos) }
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0')
const hour12 = (date: Date): number => date.getUTCHours() % 12 || 12

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
}

/** Elements of a layout (Go's reference time), longest first where one begins like another. */
const elements: readonly (readonly [string, (parts: Parts) => string])[] = [
  ['January', ({ date }) => months[date.getUTCMonth()] ?? ''],
  ['Jan', ({ date }) => (months[date.getUTCMonth()] ?? '').slice(0, 3)],
  ['Monday', ({ date }) => days[date.getUTCDay()] ?? ''],
  ['Mon', ({ date }) => (days[date.getUTCDay()] ?? '').slice(0, 3)],
  ['MST', () => 'UTC'],
  ['2006', ({ date }) => pad(date.getUTCFullYear(), 4)],
  ['002', ({ date }) => pad(dayOfYear(date), 3)],
  ['__2', ({ date }) => String(dayOfYear(date)).padStart(3)],
  ['01', ({ date }) => pad(date.getUTCMonth() + 1, 2)],
  ['02', ({ date }) => pad(date.getUTCDate(), 2)],
  ['03', ({ date }) => pad(hour12(date), 2)],
  ['04', ({ date }) => pad(date.getUTCMinutes(), 2)],
  ['05', ({ date }) => pad(date.getUTCSeconds(), 2)],
  ['06', ({ date }) => pad(date.getUTCFullYear() % 100, 2)],
  ['15', ({ date }) => pad(date.getUTCHours(), 2)],
  ['_2006', ({ date }) => `_${pad(date.getUTCFullYear(), 4)}`],
  ['_2', ({ date }) => String(date.getUTCDate()).padStart(2)],
  ['PM', ({ date }) => (date.getUTCHours() < 12 ? 'AM' : 'PM')],
  ['pm', ({ date }) => (date.getUTCHours() < 12 ? 'am' : 'pm')],
  ['-07:00:00', () => '+00:00:00'],
  ['-07:00', () => '+00:00'],
  ['-070000', () => '+000000'],
  ['-0700', () => '+0000'],
  ['-07', () => '+00'],
  ['Z07:00:00', () => 'Z'],
  ['Z07:00', () => 'Z'],
  ['Z070000', () => 'Z'],
  ['Z0700', () => 'Z'],
  ['Z07', () => 'Z'],
  ['1', ({ date }) => String(date.getUTCMonth() + 1)],
  ['2', ({ date }) => String(date.getUTCDate())],
  ['3', ({ date }) => String(hour12(date))],
  ['4', ({ date }) => String(date.getUTCMinutes())],
  ['5', ({ date }) => String(date.getUTCSeconds())],
]

/** Seconds' fraction: `.000` and `,000` with all places, `.999` without trailing zeros. */
const fraction = /^[.,](0+|9+)(?!\d)/

/** The time in a layout of Go, such as `2006-01-02 15:04:05`. */
export function formatTime(time: Time, layout: string): string {
  const parts = partsOf(time)
  let text = ''
  let rest = layout
  while (rest !== '') {
    const places = fraction.exec(rest)
    const element = elements.find(([name]) => rest.startsWith(name))
    // `Jan` and `Mon` are no elements where a word goes on, as in `Janet`
    const isWord = element !== undefined && /^(?:Jan|Mon)$/.test(element[0]) && /^[a-z]/.test(rest.slice(3))
    if (places !== null) {
      text += fractionText(places[0], parts.nanos)
      rest = rest.slice(places[0].length)
    } else if (element === undefined || isWord) {
      text += rest[0]
      rest = rest.slice(1)
    } else {
      text += element[1](parts)
      rest = rest.slice(element[0].length)
    }
  }
  return text
}

function fractionText(places: string, nanos: number): string {
  const digits = pad(nanos, 9).slice(0, places.length - 1)
  if (places[1] === '0') return places[0] + digits
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? '' : places[0] + trimmed
}

/** As Go prints a time: `2015-06-23 13:19:44.128 +0000 UTC`. */
export function printTime(time: Time): string {
  return formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST')
}

/** The methods that templates call on times. */
export function timeMethods(time: Time): FunctionTable {
  const { date, nanos } = partsOf(time)
  const int = (value: number): { params: []; call: () => bigint } => ({ params: [], call: () => BigInt(value) })
  return {
    Format: { params: ['string'], call: (layout) => formatTime(time, String(layout)) },
    String: { params: [], call: () => printTime(time) },
    UTC: { params: [], call: () => time },
    Unix: { params: [], call: () => (time.atNs - BigInt(nanos)) / 1_000_000_000n },
    UnixMilli: int(date.getTime() + Math.floor(nanos / 1e6)),
    UnixNano: { params: [], call: () => time.atNs },
    Year: int(date.getUTCFullYear()),
    Month: { params: [], call: () => months[date.getUTCMonth()] ?? '' },
    Day: int(date.getUTCDate()),
    Weekday: { params: [], call: () => days[date.getUTCDay()] ?? '' },
    YearDay: int(dayOfYear(date)),
    Hour: int(date.getUTCHours()),
    Minute: int(date.getUTCMinutes()),
    Second: int(date.getUTCSeconds()),
  }
}
