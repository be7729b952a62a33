// Values as JSON, as Go's encoding/json writes them: keys of maps sorted, `<`, `>` and `&` escaped.

import { formatExponent, formatFixed } from './float.ts'
import { sortedKeys } from './format.ts'
import { jsonTime } from './go-time.ts'
import { functionError } from './template-error.ts'
import {
  Complex,
  entriesOf,
  integerOf,
  itemsOf,
  List,
  StringMap,
  Struct,
  stringOf,
  Time,
  typeName,
  type Value,
} from './value.ts'

/** How a struct's fields are called in JSON, and which of them are left out when they are empty. */
const fieldNames: Readonly<Record<string, string>> = {
  Receiver: 'receiver',
  Status: 'status',
  Alerts: 'alerts',
  NotificationReason: 'notification_reason',
  GroupLabels: 'groupLabels',
  CommonLabels: 'commonLabels',
  CommonAnnotations: 'commonAnnotations',
  ExternalURL: 'externalURL',
  Labels: 'labels',
  Annotations: 'annotations',
  StartsAt: 'startsAt',
  EndsAt: 'endsAt',
  GeneratorURL: 'generatorURL',
  Fingerprint: 'fingerprint',
}
const typesWithTags: ReadonlySet<string> = new Set(['*template.Data', 'template.Data', 'template.Alert'])

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
}

function text(value: string): string {
  return JSON.stringify(value.toWellFormed()).replace(/[<>&\u2028\u2029]/g, (c) => escapes[c] ?? c)
}

/** Plain digits but for the very large and the very small; `e-7` rather than `e-07`. */
function float(value: number): string {
  if (!Number.isFinite(value)) throw functionError(`json: unsupported value: ${formatFixed(value, undefined)}`)
  const size = Math.abs(value)
  if (size === 0 || (size >= 1e-6 && size < 1e21)) return formatFixed(value, undefined)
  return formatExponent(value, undefined).replace(/e-0(\d)$/, 'e-$1')
}

function struct(value: Struct): string {
  const isTagged = typesWithTags.has(value.type)
  const fields = [...value.fields].filter(([name, field]) => !isTagged || name !== 'NotificationReason' || field !== '')
  return `{${fields.map(([name, field]) => `${text(isTagged ? (fieldNames[name] ?? name) : name)}:${toJson(field)}`).join(',')}}`
}

/** The value as JSON. Throws `template.execute` for what JSON cannot hold. */
export function toJson(value: Value): string {
  if (value === undefined || value === null) return 'null'
  if ((value instanceof StringMap || value instanceof List) && value.isNil) return 'null'
  const words = stringOf(value)
  if (words !== undefined) return text(words)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return float(value)
  const integer = integerOf(value)
  if (integer !== undefined) return integer.toString()
  const items = itemsOf(value)
  if (items !== undefined) return `[${items.map(toJson).join(',')}]`
  const entries = entriesOf(value)
  if (entries !== undefined) {
    return `{${sortedKeys(entries)
      .map((key) => `${text(key)}:${toJson(entries.get(key))}`)
      .join(',')}}`
  }
  if (value instanceof Time) return text(jsonTime(value))
  if (value instanceof Struct) return struct(value)
  if (value instanceof Complex) throw functionError(`json: unsupported type: ${typeName(value)}`)
  return 'null'
}
