// `time_intervals` and `mute_time_intervals`: times of the day, days, months, years, and the place whose clock counts.
import { type Form, field, list, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { checkedText, text } from '@tidewatch/yaml/scalars.ts'
import { isLocation } from '../local-time.ts'
import type { InclusiveRange, TimeInterval } from '../port.ts'

const timeFault = (value: string): string | undefined =>
  value === '' || /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.test(value)
    ? undefined
    : `${JSON.stringify(value)} is not a time of the day. Write one such as 09:30; 24:00 is the day's end.`

const minuteOf = (value: string): number => Number(value.slice(0, 2)) * 60 + Number(value.slice(3))

const timeRangeForm = new StructForm(
  { start_time: field(checkedText(timeFault)), end_time: field(checkedText(timeFault)) },
  {
    check(range, complain) {
      const { start_time: start, end_time: end } = range
      if (start === '') complain('start_time', 'missing; a range has a start and an end.')
      if (end === '') complain('end_time', 'missing; a range has a start and an end.')
      if (start !== '' && end !== '' && minuteOf(start) >= minuteOf(end))
        complain(
          'end_time',
          `${end} is not after ${start}.`,
          'Over midnight write two ranges: to 24:00, and from 00:00.',
        )
    },
  },
)

type Range = InclusiveRange & { readonly text: string }

/** One member, or the first and the last with a colon between. */
function rangeForm(
  what: string,
  member: (word: string) => number | undefined,
  fault: (range: InclusiveRange) => string | undefined,
): Form<Range> {
  return {
    zero: () => ({ begin: 0, end: 0, text: '' }),
    read(node, path, context) {
      const written = text.read(node, path, context)
      if (written === undefined) return undefined
      const words = written.toLowerCase().split(':')
      const numbers = words.map(member)
      const bad = words.find((_, i) => numbers[i] === undefined)
      const [begin, end = begin] = numbers
      const range = begin === undefined || end === undefined ? undefined : { begin, end, text: written }
      const wrong =
        words.length > 2
          ? `${JSON.stringify(written)} is not a range: it has more than one colon.`
          : bad !== undefined || range === undefined
            ? `${JSON.stringify(bad ?? '')} is not ${what}.`
            : fault(range)
      if (wrong === undefined) return range
      context.problem(node, path, wrong)
      return undefined
    },
    isEmpty: () => false,
    print: (range) => ({ kind: 'text', text: range.text }),
  }
}

const whole = (word: string): number | undefined => (/^[-+]?\d{1,9}$/.test(word) ? Number(word) : undefined)
const indexIn = (words: readonly string[], word: string): number | undefined => {
  const index = words.indexOf(word)
  return index < 0 ? undefined : index
}

const ordered = ({ begin, end }: InclusiveRange): string | undefined =>
  begin > end ? 'the range ends before it starts.' : undefined

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const weekday = rangeForm(
  `a day of the week: ${weekdays.join(', ')}`,
  (word) => indexIn(weekdays, word),
  (range) => (ordered(range) === undefined ? undefined : 'the range ends before it starts; a week begins with sunday.'),
)

const months = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
]
const month = rangeForm(
  `a month: ${months.join(', ')}, or 1 to 12`,
  (word) => {
    const index = indexIn(months, word)
    return index === undefined ? whole(word) : index + 1
  },
  ordered,
)

const year = rangeForm('a year', whole, ordered)

/** The shortest month decides whether a range from the end of the month can ever be right. */
const shortestMonth = 28
const fromStart = (day: number): number => (day < 0 ? shortestMonth + day : day)

const dayOfMonth = rangeForm('a day of the month: 1 to 31, or -1 for the last one', whole, ({ begin, end }) => {
  for (const day of [begin, end])
    if (day === 0 || Math.abs(day) > 31) return `${day} is not a day of the month: 1 to 31, or -31 to -1 from its end.`
  if (begin < 0 && end > 0)
    return 'a range that starts from the end of the month ends there too: its end must be negative.'
  return fromStart(begin) > fromStart(end) ? `day ${end} is always before day ${begin}.` : undefined
})

const ranges = (form: Form<Range>) => list(form, { nullItem: 'this range is empty.' })

const location: Form<string | undefined> = {
  zero: () => undefined,
  read: (node, path, context) =>
    checkedText((name) =>
      isLocation(name)
        ? undefined
        : `${JSON.stringify(name)} is not a time zone. Write one such as Europe/Berlin, or UTC.`,
    ).read(node, path, context),
  isEmpty: (value) => value === undefined,
  print: (value) => (value === undefined ? { kind: 'null' } : { kind: 'text', text: value }),
}

const fields = {
  times: field(list(timeRangeForm, { nullItem: 'this range of times is empty.' })),
  weekdays: field(ranges(weekday)),
  days_of_month: field(ranges(dayOfMonth)),
  months: field(ranges(month)),
  years: field(ranges(year)),
  location: field(location),
}

const intervalForm = new StructForm(fields)

/** A list of intervals, of which any is enough. */
const intervalList = list(intervalForm, { nullItem: 'this interval is empty.' })

export const toTimeInterval = (values: Values<typeof fields>): TimeInterval => ({
  times: values.times?.map((range) => ({
    startMinute: minuteOf(range.start_time),
    endMinute: minuteOf(range.end_time),
  })),
  weekdays: values.weekdays,
  daysOfMonth: values.days_of_month,
  months: values.months,
  years: values.years,
  location: values.location,
})

function checkName(values: { readonly name: string }, complain: Complain): void {
  if (values.name === '') complain('name', 'missing; routes name it.')
}

/** Intervals with the name that routes use. */
export const namedIntervals = list(
  new StructForm({ name: field(text), time_intervals: field(intervalList) }, { check: checkName }),
)
