// fingerprint: a hash of fields.
import { createHash, createHmac } from 'node:crypto'
import type { LogEvent } from '../event.ts'
import { type FieldPath, fieldPath } from '../field-path.ts'
import { ecsOf, type Filter, type FilterDefinition } from '../filter.ts'
import { isMap, jsonText, Timestamp, textOf, type Value, type ValueMap } from '../values.ts'
import { murmur3 } from './murmur.ts'

const methods = ['SHA1', 'SHA256', 'SHA384', 'SHA512', 'MD5', 'MURMUR3', 'IPV4_NETWORK', 'UUID', 'PUNCTUATION'] as const
type Method = (typeof methods)[number]

export const fingerprint: FilterDefinition = {
  name: 'fingerprint',
  compile(settings, context): Filter {
    const isEcs = ecsOf(settings, context) !== 'disabled'
    const sources = settings.texts('source', ['message']).map((name) => settings.fieldOf(name, 'source'))
    const target = settings.field('target', isEcs ? '[event][hash]' : 'fingerprint')
    const method = settings.choice('method', methods, 'SHA1')
    const key = settings.optionalText('key')
    const isBase64 = settings.flag('base64encode', false)
    const joins = settings.flag('concatenate_sources', false)
    const isWhole = settings.flag('concatenate_all_fields', false)
    if (method === 'IPV4_NETWORK' && key === undefined) settings.complain('IPV4_NETWORK needs key', 'Write key => 24.')
    const hash = (text: string): Value => (method === 'UUID' ? context.uuid() : hashOf(text, method, key, isBase64))
    return {
      failureTags: ['_fingerprint_failure'],
      run(event) {
        const text = isWhole ? wholeText(event) : joins ? joinedText(event, sources) : undefined
        if (text !== undefined) event.set(target, hash(text))
        else for (const source of sources) setEach(event, source, target, hash)
        return true
      },
    }
  },
}

function setEach(event: LogEvent, source: FieldPath, target: FieldPath, hash: (text: string) => Value): void {
  const value = event.get(source)
  if (value === undefined) return
  event.set(target, Array.isArray(value) ? value.map((item) => hash(textToHash(item))) : hash(textToHash(value)))
}

/** Names and values by turns with bars between, as Logstash puts them together. */
function joinedText(event: LogEvent, sources: readonly FieldPath[]): string {
  const names = [...sources].sort((a, b) => (a.text < b.text ? -1 : 1))
  return `${names.map((path) => `|${path.text}|${textToHash(event.get(path) ?? '')}`).join('')}|`
}

function wholeText(event: LogEvent): string {
  const names = Object.keys(event.data).sort()
  return `${names.map((name) => `|${name}|${textToHash(event.get(fieldPath(`[${name}]`)) ?? '')}`).join('')}|`
}

/** Maps by the order of their names. */
function textToHash(value: Value): string {
  if (!isMap(value)) return value instanceof Timestamp ? value.toString() : textOf(value)
  const sorted: ValueMap = Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  return jsonText(sorted)
}

function hashOf(text: string, method: Exclude<Method, 'UUID'>, key: string | undefined, isBase64: boolean): Value {
  if (method === 'MURMUR3') return murmur3(text)
  if (method === 'PUNCTUATION') return text.replace(/[A-Za-z0-9\s]/g, '')
  if (method === 'IPV4_NETWORK') return ipv4Network(text, Number(key))
  const encoding = isBase64 ? 'base64' : 'hex'
  const name = method.toLowerCase()
  return key === undefined
    ? createHash(name).update(text).digest(encoding)
    : createHmac(name, key).update(text).digest(encoding)
}

function ipv4Network(text: string, prefix: number): string {
  const bytes = text.split('.').map(Number)
  if (bytes.length !== 4 || bytes.some((byte) => !(byte >= 0 && byte <= 255))) throw new RangeError('no IPv4 address')
  return bytes.map((byte, i) => byte & (0xff << Math.max(0, 8 - Math.max(0, prefix - 8 * i))) & 0xff).join('.')
}
