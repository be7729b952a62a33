// Reads the conformance cases of Alertmanager's collection (see its README.md) as values of templates; for tests alone.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '@tidewatch/core/error.ts'
import { createDuration } from './go-duration.ts'
import { parseTime } from './go-time.ts'
import { createAlerts, createKv } from './notification/data.ts'
import { Struct, Uint, type Value } from './value.ts'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
export const directory = join(process.env.CONFORMANCE_DIR ?? join(repository, '../shared/conformance'), 'alertmanager')
export const hasCases = existsSync(directory)

export type Json = null | boolean | number | string | readonly Json[] | Fields
export interface Fields {
  readonly [key: string]: Json
}

/** The cases, their whole numbers as `{"$int": "1"}`: JSON.parse would not tell 1 from 1.0, nor keep the digits of large ones. */
export function readCases(file: string): Fields {
  const raw = readFileSync(join(directory, file), 'utf8')
  const marked = raw.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g, (token) =>
    /^-?\d+$/.test(token) ? `{"$int":"${token}"}` : token,
  )
  return fields(JSON.parse(marked))
}

export function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const fields = (value: Json | undefined): Fields => (isFields(value) ? value : {})

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
export const list = (value: Json | undefined): readonly Json[] => (isList(value) ? value : [])
export const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

export function toFloat(value: string): number {
  return /inf/i.test(value)
    ? value.startsWith('-')
      ? Number.NEGATIVE_INFINITY
      : Number.POSITIVE_INFINITY
    : Number(value)
}

/** Data of a case as templates see it. */
export function toValue(json: Json | undefined): Value {
  if (isFields(json)) {
    if ('$float' in json) return toFloat(text(json.$float))
    if ('$int' in json) return BigInt(text(json.$int))
    if ('$uint' in json) return new Uint(BigInt(text(fields(json.$uint).$int)), 'uint')
    if ('$time' in json) return parseTime(text(json.$time))
    if ('$duration' in json) return createDuration(BigInt(text(fields(json.$duration).$int)))
    if ('$struct' in json) return toStruct(text(json.$struct), fields(json.fields))
    return new Map(Object.entries(json).map(([key, value]) => [key, toValue(value)]))
  }
  if (isList(json)) return json.map(toValue)
  return json
}

const stringsOrNull = (json: Json | undefined): Record<string, string> | null =>
  isFields(json) ? Object.fromEntries(Object.entries(json).map(([key, value]) => [key, text(value)])) : null

/** The fields of Alertmanager's types, in its order. */
function toStruct(type: string, json: Fields): Struct {
  const kv = (name: string): Value => createKv(stringsOrNull(json[name]))
  if (type === 'template.Data') {
    return new Struct('*template.Data', {
      Receiver: text(json.Receiver),
      Status: text(json.Status),
      Alerts: createAlerts(isList(json.Alerts) ? json.Alerts.map(toValue) : null),
      NotificationReason: text(json.NotificationReason),
      GroupLabels: kv('GroupLabels'),
      CommonLabels: kv('CommonLabels'),
      CommonAnnotations: kv('CommonAnnotations'),
      ExternalURL: text(json.ExternalURL),
    })
  }
  if (type === 'template.Alert') {
    return new Struct(type, {
      Status: text(json.Status),
      Labels: kv('Labels'),
      Annotations: kv('Annotations'),
      StartsAt: toValue(json.StartsAt),
      EndsAt: toValue(json.EndsAt),
      GeneratorURL: text(json.GeneratorURL),
      Fingerprint: text(json.Fingerprint),
    })
  }
  return new Struct(type, Object.fromEntries(Object.entries(json).map(([name, value]) => [name, toValue(value)])))
}

/** The outcome of a case, in the form that `expected` gives. */
export function outcome(run: () => string): string {
  try {
    return run()
  } catch (error) {
    return refusal(error)
  }
}

export function refusal(error: unknown): string {
  if (!(error instanceof AppError)) throw error
  const { line, column } = error.where ?? {}
  // Go tells no column where a text cannot be parsed
  return `error at ${line}${error.code === 'template.parse' ? '' : `:${column}`}`
}

/** Output, or where Go's message says the fault is: `template: t:1:8: ...`. */
export function expected(kase: Fields): string {
  if (typeof kase.error !== 'string') return text(kase.output)
  return `error at ${/template(?:: |:)[^:]*:(\d+(?::\d+)?): /.exec(kase.error)?.[1] ?? '?'}`
}

export const stringsOf = (json: Json | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(fields(json)).map(([key, value]) => [key, text(value)]))
