// What notification templates can call beside Go's own functions: those of Alertmanager (its page "Notification template reference"), up to 0.33.
import { createDuration } from '../go-duration.ts'
import { toJson } from '../go-json.ts'
import { formatTime } from '../go-time.ts'
import { humanizeDuration, toFloat } from '../humanize.ts'
import { quote } from '../quote.ts'
import { ofText, sharedFunctions } from '../shared-functions.ts'
import { functionError, limitError } from '../template-error.ts'
import { joinTexts, titleWords, trimSpace } from '../text-functions.ts'
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
  Time,
  textOf,
  type Value,
} from '../value.ts'

const time: Parameter = { type: 'time.Time' }
const anyList: Parameter = { type: '[]interface {}' }

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

/** What lists and dictionaries that templates make may hold in all, and how deep they may stand in one another. */
const maxWeight = 1_000_000
const maxDepth = 100

interface Size {
  /** Counted through all that it holds: a list that is put into itself again and again prints as more than there are atoms. */
  readonly weight: number
  readonly depth: number
}

const sizes = new WeakMap<object, Size>()

function sizeOf(value: Value): Size {
  if (typeof value === 'string') return { weight: 1 + (value.length >> 4), depth: 0 }
  if (typeof value !== 'object' || value === null) return { weight: 1, depth: 0 }
  const former = sizes.get(value)
  if (former !== undefined) return former
  const inner = itemsOf(value) ?? entriesOf(value)?.values() ?? (value instanceof Struct ? value.fields.values() : [])
  let weight = 1
  let depth = 0
  for (const item of inner) {
    const size = sizeOf(item)
    weight += size.weight
    depth = Math.max(depth, size.depth + 1)
  }
  sizes.set(value, { weight, depth })
  return { weight, depth }
}

function checked<T extends Value>(made: T): T {
  const { weight, depth } = sizeOf(made)
  if (weight > maxWeight) throw limitError(`a list or dictionary holds more than ${maxWeight} values`)
  if (depth > maxDepth)
    throw limitError(`lists and dictionaries stand in one another more than ${maxDepth} levels deep`)
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
    ...sharedFunctions,
    title: { params: ['string'], cost: (text) => String(text).length >> 1, call: (text) => titleWords(String(text)) },
    trimSpace: ofText(trimSpace),
    join: {
      params: ['string', { type: '[]string' }],
      call: (separator, list) => joinTexts(String(separator), (itemsOf(list) ?? []).map(String)),
    },
    safeUrl: ofText((text) => new SafeText('template.URL', text)),
    urlUnescape: ofText(unescapeQuery),
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
