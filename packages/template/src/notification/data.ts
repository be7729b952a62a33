// A notification's data as templates see it: Alertmanager's types, with the fields and methods that its documentation names.

import { compareBytes } from '../format.ts'
import { parseTime, zeroTimeNs } from '../go-time.ts'
import type { Moment, NotificationAlert, NotificationData } from '../notification-templates.ts'
import { functionError } from '../template-error.ts'
import { itemsOf, List, type MethodTable, StringMap, Struct, Time, type Value } from '../value.ts'

type Strings = Readonly<Record<string, string>>

const pairsType = 'template.Pairs'

const stringList = (items: readonly string[]): List => new List('[]string', items)

function mapOf(value: Value): ReadonlyMap<string, string> {
  if (value instanceof StringMap) return value.entries
  throw functionError('not a map of texts')
}

/** Alertname first, then by name. */
function sortedNames(entries: ReadonlyMap<string, string>): readonly string[] {
  const names = [...entries.keys()].filter((name) => name !== 'alertname').sort(compareBytes)
  return entries.has('alertname') ? ['alertname', ...names] : names
}

function sortedPairs(entries: ReadonlyMap<string, string>): List {
  const pairs = sortedNames(entries).map(
    (name) => new Struct('template.Pair', { Name: name, Value: entries.get(name) ?? '' }),
  )
  return new List(pairsType, pairs, pairsMethods)
}

const pairField = (value: Value, field: 'Name' | 'Value'): readonly string[] =>
  (itemsOf(value) ?? []).map((pair) => (pair instanceof Struct ? String(pair.fields.get(field)) : ''))

const pairsMethods: MethodTable = {
  Names: { params: [], call: (self) => stringList(pairField(self, 'Name')) },
  Values: { params: [], call: (self) => stringList(pairField(self, 'Value')) },
  String: {
    params: [],
    call: (self) => {
      const values = pairField(self, 'Value')
      return pairField(self, 'Name')
        .map((name, i) => `${name}=${values[i]}`)
        .join(', ')
    },
  },
}

function remove(value: Value, names: Value): StringMap {
  const left = new Map(mapOf(value))
  for (const name of itemsOf(names) ?? []) if (typeof name === 'string') left.delete(name)
  return createKv(left)
}

const kvMethods: MethodTable = {
  SortedPairs: { params: [], call: (self) => sortedPairs(mapOf(self)) },
  Remove: { params: [{ type: '[]string' }], call: remove },
  Names: { params: [], call: (self) => stringList(sortedNames(mapOf(self))) },
  Values: {
    params: [],
    call: (self) => stringList(sortedNames(mapOf(self)).map((name) => mapOf(self).get(name) ?? '')),
  },
  String: {
    params: [],
    call: (self) =>
      sortedNames(mapOf(self))
        .map((name) => `${name}=${mapOf(self).get(name)}`)
        .join(', '),
  },
}

/** Labels or annotations; null for those that were never set. */
export function createKv(entries: ReadonlyMap<string, string> | Strings | null): StringMap {
  return new StringMap(entries, 'template.KV', kvMethods)
}

function withStatus(value: Value, status: string): List {
  return createAlerts(
    (itemsOf(value) ?? []).filter((alert) => alert instanceof Struct && alert.fields.get('Status') === status),
  )
}

const alertsMethods: MethodTable = {
  Firing: { params: [], call: (self) => withStatus(self, 'firing') },
  Resolved: { params: [], call: (self) => withStatus(self, 'resolved') },
}

/** A list of alerts; null for one that was never set. */
export function createAlerts(alerts: readonly Value[] | null): List {
  return new List('template.Alerts', alerts, alertsMethods)
}

/** The time of a moment; year 1 for one that has not come. Throws `template.execute` for a text that is no time. */
function timeOfMoment(moment: Moment): Time {
  if (moment === undefined || moment === 0 || moment === '') return new Time(zeroTimeNs)
  if (typeof moment === 'number') return new Time(BigInt(Math.round(moment)) * 1_000_000n)
  const time = parseTime(moment)
  if (time === undefined)
    throw functionError(`${moment.slice(0, 60)} is not a time. Write it as RFC 3339: 2026-01-31T10:00:00Z`)
  return time
}

function alertOf(alert: NotificationAlert): Struct {
  return new Struct('template.Alert', {
    Status: alert.status,
    Labels: createKv(alert.labels),
    Annotations: createKv(alert.annotations),
    StartsAt: timeOfMoment(alert.startsAt),
    EndsAt: timeOfMoment(alert.endsAt),
    GeneratorURL: alert.generatorURL,
    Fingerprint: alert.fingerprint,
  })
}

/** The data of a notification as the dot of its templates. */
export function notificationValue(data: NotificationData): Struct {
  return new Struct('*template.Data', {
    Receiver: data.receiver,
    Status: data.status,
    Alerts: createAlerts(data.alerts.map(alertOf)),
    NotificationReason: data.notificationReason ?? '',
    GroupLabels: createKv(data.groupLabels),
    CommonLabels: createKv(data.commonLabels),
    CommonAnnotations: createKv(data.commonAnnotations),
    ExternalURL: data.externalURL,
  })
}
