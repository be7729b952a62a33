// One line of a log as the page shows it: its fields by the names that queries know, its time, its state. No React here.
import type { LogLine } from '@tidewatch/api/logs.ts'
import { logColumnOf, logFieldNames } from '@tidewatch/core/log-fields.ts'
import { severityWord } from '@tidewatch/core/log-severity.ts'
import type { State } from '../../ui/glyph.tsx'
import { formatDay, formatSecond, partsOf, type Zone, zoneName } from '../../ui/times.ts'

type FieldPlace = 'column' | 'attribute' | 'resource'

export interface LineField {
  /** As a query names it. */
  readonly name: string
  readonly place: FieldPlace
  /** Several where the line has an array. */
  readonly values: readonly (string | number | boolean)[]
}

const levelName = logFieldNames.severity[0] ?? 'level'
export const messageName = logFieldNames.body[0] ?? 'message'
export const serviceName = logFieldNames.service[0] ?? 'service'

/** The name in queries of what lines have under `identity`. */
export function identityName(key: string): string {
  const column = logColumnOf(key)
  return column === undefined ? key : (logFieldNames[column][0] ?? key)
}

export const timeMsOf = ({ timeNs }: LogLine): number => Number(BigInt(timeNs) / 1_000_000n)

export const levelWord = ({ severity, severityText }: Pick<LogLine, 'severity' | 'severityText'>): string =>
  severityWord(severity) ?? severityText

/** Warnings and worse have a shape; the rest stays quiet. */
export function levelState(word: string): State | undefined {
  if (word === 'fatal' || word === 'error') return 'critical'
  return word === 'warn' ? 'warning' : undefined
}

/** All that a line says, in the order in which a person looks: what it is of, then its own fields, then its source's. */
export function fieldsOf(line: LogLine): LineField[] {
  const columns: (readonly [string, string])[] = [
    [levelName, levelWord(line)],
    [serviceName, line.service],
    ...Object.entries(line.identity).map(([key, value]) => [identityName(key), value] as const),
  ]
  return [
    ...columns
      .filter(([, value]) => value !== '')
      .map(([name, value]): LineField => ({ name, place: 'column', values: [value] })),
    ...Object.entries(line.attributes).map(
      ([name, value]): LineField => ({ name, place: 'attribute', values: Array.isArray(value) ? value : [value] }),
    ),
    ...Object.entries(line.resource).map(([name, value]): LineField => ({ name, place: 'resource', values: [value] })),
  ]
}

/** What stands in a column of the list; '' where the line has nothing there. */
export function cellText(line: LogLine, name: string): string {
  switch (logColumnOf(name)) {
    case 'severity':
      return levelWord(line)
    case 'body':
      return line.body
    case 'service':
      return line.service
    case 'time':
      return line.timeNs
    case undefined: {
      const value = line.attributes[name] ?? line.resource[name]
      return value === undefined ? '' : Array.isArray(value) ? value.join(', ') : String(value)
    }
    default: {
      const found = Object.entries(line.identity).find(([key]) => logColumnOf(key) === logColumnOf(name))
      return found?.[1] ?? String(line.attributes[name] ?? line.resource[name] ?? '')
    }
  }
}

/** `03:14:18.902`, the day before it where that is another than today's. */
export function shortTime(timeNs: string, zone: Zone, nowMs: number): string {
  const ns = BigInt(timeNs)
  const atMs = Number(ns / 1_000_000n)
  const time = `${formatSecond(atMs, zone)}.${String(Number(ns % 1_000_000_000n))
    .padStart(9, '0')
    .slice(0, 3)}`
  const [then, now] = [partsOf(atMs, zone), partsOf(nowMs, zone)]
  const isToday = then.year === now.year && then.month === now.month && then.day === now.day
  return isToday ? time : `${formatDay(atMs, zone)} ${time}`
}

/** `21 Nov 2026, 03:14:18.902 113 004 UTC`: to the nanosecond, with the zone. */
export function exactTime(timeNs: string, zone: Zone): string {
  const ns = BigInt(timeNs)
  const atMs = Number(ns / 1_000_000n)
  const digits = String(ns % 1_000_000_000n).padStart(9, '0')
  const fraction = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)].join(' ')
  return `${formatDay(atMs, zone)} ${partsOf(atMs, zone).year}, ${formatSecond(atMs, zone)}.${fraction} ${zoneName(atMs, zone)}`
}

/** The line as JSON, as a person would write it: without what it does not say. */
export function jsonOf(line: LogLine): string {
  const { id, timeNs, severity, severityText, body, service, identity, resource, attributes } = line
  const named = Object.fromEntries(Object.entries(identity).map(([key, value]) => [identityName(key), value]))
  return JSON.stringify(
    {
      '@timestamp': isoNs(timeNs),
      ...(severityText !== '' || severity !== 0 ? { [levelName]: severityText || levelWord(line), severity } : {}),
      [messageName]: body,
      ...(service === '' ? {} : { [serviceName]: service }),
      ...named,
      ...attributes,
      ...(Object.keys(resource).length === 0 ? {} : { resource }),
      id,
    },
    undefined,
    2,
  )
}

/** RFC 3339 to the nanosecond. */
export function isoNs(timeNs: string): string {
  const ns = BigInt(timeNs)
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`
}
