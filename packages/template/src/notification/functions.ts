// What notification templates can call beside Go's own functions: those of Alertmanager (its page "Notification template reference"), up to 0.33.
import { toLowerSimple, toUpperSimple } from '@tidewatch/core/letter-case.ts'
import { matchesSomewhere } from '@tidewatch/core/regexp-search.ts'
import { createDuration } from '../go-duration.ts'
import { toJson } from '../go-json.ts'
import { formatTime } from '../go-time.ts'
import { humanizeDuration, toFloat } from '../humanize.ts'
import { quote } from '../quote.ts'
import { functionError, limitError } from '../template-error.ts'
import { joinTexts, replaceAll, titleWords, trimSpace, withRegex } from '../text-functions.ts'
import { findZone } from '../time-zone.ts'
import {
  bytesOf,
  entriesOf,
  type FunctionTable,
  itemsOf,
  List,
  type Parameter,
  SafeText,
  Struct,
  type TemplateFunction,
  Time,
  textOf,
  type Value,
} from '../value.ts'

const time: Parameter = { type: 'time.Time' }
const anyList: Parameter = { type: '[]interface {}' }

const ofText = (call: (text: string) => Value): TemplateFunction => ({
  params: ['string'],
  call: (text) => call(String(text)),
})

function timeOf(value: Value): Time {
  if (value instanceof Time) return value
  throw functionError('not a time')
}

function inZone(name: Value, value: Value): Time {
  const zone = findZone(String(name))
  if (zone === undefined) throw functionError(`unknown time zone ${String(name)}`)
  return new Time(timeOf(value).atNs, zone)
}

/** `a%20b+c` to `a b c`: Go's url.QueryUnescape. */
function unescapeQuery(text: string): string {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text)
  if (bad !== null) throw functionError(`invalid URL escape ${quote(bad[0])}`)
  const bytes: number[] = []
  for (const part of text.replaceAll('+', ' ').split(/(%[0-9a-fA-F]{2})/)) {
    if (part.startsWith('%')) bytes.push(Number.parseInt(part.slice(1), 16))
    else for (const byte of bytesOf(part)) bytes.push(byte)
  }
  return textOf(Uint8Array.from(bytes))
}

/**
 * What lists and dictionaries that templates make may hold in all: counted through what they hold, since a list that is put into itself again and
 * again would soon print as more than there are atoms.
 */
const maxWeight = 1_000_000

const weights = new WeakMap<object, number>()

function weightOf(value: Value): number {
  if (typeof value === 'string') return 1 + (value.length >> 4)
  if (typeof value !== 'object' || value === null) return 1
  const former = weights.get(value)
  if (former !== undefined) return former
  const inner = itemsOf(value) ?? entriesOf(value)?.values() ?? (value instanceof Struct ? value.fields.values() : [])
  let weight = 1
  for (const item of inner) weight += weightOf(item)
  weights.set(value, weight)
  return weight
}

function checked<T extends Value>(made: T): T {
  if (weightOf(made) > maxWeight) throw limitError(`a list or dictionary holds more than ${maxWeight} values`)
  return made
}

function dict(args: readonly Value[]): Value {
  if (args.length % 2 !== 0) throw functionError('dict requires an even number of arguments')
  const entries = new Map<string, Value>()
  for (let i = 0; i < args.length; i += 2) {
    const key = args[i]
    if (typeof key !== 'string') throw functionError('dict keys must be strings')
    entries.set(key, args[i + 1])
  }
  return checked(entries)
}

/** The functions; `nowMs` tells the present for `now` and `since`. */
export function notificationFunctions(nowMs: () => number): FunctionTable {
  const now = (): bigint => BigInt(Math.round(nowMs())) * 1_000_000n
  return {
    toUpper: ofText(toUpperSimple),
    toLower: ofText(toLowerSimple),
    title: ofText(titleWords),
    trimSpace: ofText(trimSpace),
    join: {
      params: ['string', { type: '[]string' }],
      call: (separator, list) => joinTexts(String(separator), (itemsOf(list) ?? []).map(String)),
    },
    match: {
      params: ['string', 'string'],
      call: (pattern, text) =>
        withRegex(
          () => matchesSomewhere(String(pattern), String(text)),
          (message) => message,
        ),
    },
    safeHtml: ofText((text) => new SafeText('template.HTML', text)),
    safeUrl: ofText((text) => new SafeText('template.URL', text)),
    urlUnescape: ofText(unescapeQuery),
    reReplaceAll: {
      params: ['string', 'string', 'string'],
      call: (pattern, replacement, text) => replaceAll(String(pattern), String(replacement), String(text)),
    },
    stringSlice: { params: ['string'], variadic: true, call: (...texts) => new List('[]string', texts) },
    date: { params: ['string', time], call: (layout, value) => formatTime(timeOf(value), String(layout)) },
    tz: { params: ['string', time], call: inZone },
    since: { params: [time], call: (value) => createDuration(now() - timeOf(value).atNs) },
    now: { params: [], call: () => new Time(now()) },
    humanizeDuration: { params: ['any'], call: (value) => humanizeDuration(toFloat(value)) },
    toJson: { params: ['any'], call: (value) => toJson(value) },
    list: { params: ['any'], variadic: true, call: (...items) => checked(items) },
    dict: { params: ['any'], variadic: true, call: (...args) => dict(args) },
    append: {
      params: [anyList, 'any'],
      variadic: true,
      call: (list, ...added) => checked([...(itemsOf(list) ?? []), ...added]),
    },
  }
}
