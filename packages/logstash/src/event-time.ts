// The names of an event that have a meaning of their own: its time must be a moment, its tags a list of texts.
import { parseIso } from './date-iso.ts'
import type { LogEvent } from './event.ts'
import { fieldPath } from './field-path.ts'
import { isMap, isMoment, numberOf, setKey, Timestamp, type Value, type ValueMap } from './values.ts'

const utc = { timeZone: 'UTC', nowMs: 0 }
const tagsPath = fieldPath('tags')

/** A moment, ISO 8601, or seconds since 1970; undefined for what is none. */
export function timestampOf(value: Value): Timestamp | undefined {
  if (value instanceof Timestamp) return value
  if (typeof value === 'string') return parseIso(value, utc)
  const seconds = numberOf(value)
  const ms = seconds === undefined ? Number.NaN : Math.round(Number(seconds) * 1000)
  return isMoment(ms) ? new Timestamp(ms) : undefined
}

/** Puts every key of a map into the event; a time or tags that are none stand under another name, and a tag says so. */
export function mergeFields(event: LogEvent, fields: ValueMap): void {
  for (const key of Object.keys(fields)) {
    const value = fields[key] as Value
    if (key === '@timestamp') mergeTimestamp(event, value)
    else if (key === 'tags') mergeTags(event, value)
    else if (key === '@metadata' && isMap(value)) event.metadata = value
    else setKey(event.data, key, value)
  }
}

function mergeTimestamp(event: LogEvent, value: Value): void {
  const timestamp = timestampOf(value)
  if (timestamp !== undefined) setKey(event.data, '@timestamp', timestamp)
  else {
    setKey(event.data, '_@timestamp', value)
    event.tag('_timestampparsefailure')
  }
}

function mergeTags(event: LogEvent, value: Value): void {
  const isTags = typeof value === 'string' || (Array.isArray(value) && value.every((tag) => typeof tag === 'string'))
  if (isTags || value === null) event.set(tagsPath, value)
  else {
    setKey(event.data, '_tags', value)
    event.tag('_tagsparsefailure')
  }
}
