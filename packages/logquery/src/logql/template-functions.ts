// What Loki's templates can call beside Go's own functions: texts here, numbers in template-math.ts, times in template-time.ts.
import { toLowerSimple, toUpperSimple } from '@tidewatch/core/letter-case.ts'
import { escapeQuery } from '@tidewatch/template/builtins.ts'
import { functionError, limitError } from '@tidewatch/template/template-error.ts'
import { regexCost, replaceAll, title, trimSpace, withRegex } from '@tidewatch/template/text-functions.ts'
import { type FunctionTable, isTrue, type TemplateFunction, Time, type Value } from '@tidewatch/template/value.ts'
import { RE2JS } from 're2js'
import { mathFunctions, toInteger } from './template-math.ts'
import { timeFunctions } from './template-time.ts'
import { parseDurationNs, parseSize } from './units.ts'

/** Characters that one call may make. */
const maxMade = 1_000_000

export interface TemplateLine {
  readonly line: () => string
  readonly timeNs: () => bigint
  /** ms since 1970. */
  readonly nowMs: () => number
}

/** The functions for templates over a line that changes from call to call. */
export function templateFunctions({ line, timeNs, nowMs }: TemplateLine): FunctionTable {
  return {
    ...textFunctions,
    ...oldFunctions,
    ...mathFunctions,
    ...timeFunctions,
    __line__: { params: [], call: () => line() },
    now: { params: [], call: () => new Time(BigInt(nowMs()) * 1_000_000n) },
    __timestamp__: { params: [], call: () => new Time(timeNs()) },
  }
}

const ofText = (call: (text: string) => Value): TemplateFunction => ({
  params: ['string'],
  call: (text) => call(String(text)),
})

const ofTexts = (call: (a: string, b: string) => Value): TemplateFunction => ({
  params: ['string', 'string'],
  call: (a, b) => call(String(a), String(b)),
})

function bounded(text: string): string {
  if (text.length > maxMade) throw limitError(`a text is longer than ${maxMade} characters`)
  return text
}

/** A count that is no text's length away from sense. */
const countOf = (value: Value): number => Number(toInteger(value))

function repeat(count: number, text: string): string {
  if (count < 0) throw functionError('strings: negative Repeat count')
  if (count * text.length > maxMade) throw limitError(`a text is longer than ${maxMade} characters`)
  return text.repeat(count)
}

function trunc(count: number, text: string): string {
  const runes = [...text]
  if (count < 0) return runes.length + count > 0 ? runes.slice(count).join('') : text
  return runes.length > count ? runes.slice(0, count).join('') : text
}

/** Sprig's substring: a start below zero takes from the front, an end below zero or behind the text takes the rest. */
function substring(start: number, end: number, text: string): string {
  const runes = [...text]
  if (start < 0) return end < 0 ? '' : runes.slice(0, end).join('')
  if (end < 0 || end > runes.length) return runes.slice(start).join('')
  return runes.slice(start, end).join('')
}

function indent(count: number, text: string): string {
  if (count < 0) throw functionError('strings: negative Repeat count')
  const lines = text.split('\n')
  if (count * lines.length > maxMade) throw limitError(`a text is longer than ${maxMade} characters`)
  const pad = ' '.repeat(count)
  return bounded(pad + lines.join(`\n${pad}`))
}

/** The text in a column of so many characters: filled up with blanks, or cut. */
function align(count: number, text: string, isLeft: boolean): string {
  const runes = [...text]
  if (count < 0 || runes.length === count) return text
  if (count > maxMade) throw limitError(`a text is longer than ${maxMade} characters`)
  if (runes.length > count) return (isLeft ? runes.slice(0, count) : runes.slice(runes.length - count)).join('')
  const pad = ' '.repeat(count - runes.length)
  return isLeft ? text + pad : pad + text
}

function trimSet(text: string, set: string, isLeft: boolean, isRight: boolean): string {
  const runes = [...text]
  const cut = new Set(set)
  let from = 0
  let to = runes.length
  while (isLeft && from < to && cut.has(runes[from] ?? '')) from++
  while (isRight && to > from && cut.has(runes[to - 1] ?? '')) to--
  return runes.slice(from, to).join('')
}

const trimPrefix = (prefix: string, text: string): string =>
  text.startsWith(prefix) ? text.slice(prefix.length) : text
const trimSuffix = (suffix: string, text: string): string =>
  suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text

/** Go's strings.Replace: the first `count` places, all of them below zero. */
function replaceSome(text: string, from: string, to: string, count: number): string {
  // nothing is found before each character and at the end
  const parts = from === '' ? ['', ...text, ''] : text.split(from)
  const places = count < 0 ? parts.length - 1 : Math.min(count, parts.length - 1)
  if (text.length + places * to.length > maxMade) throw limitError(`a text is longer than ${maxMade} characters`)
  if (places === parts.length - 1) return parts.join(to)
  return parts.slice(0, places + 1).join(to) + from + parts.slice(places + 1).join(from)
}

const regex = <T>(pattern: string, run: (compiled: RE2JS) => T): T =>
  withRegex(
    () => run(RE2JS.compile(pattern)),
    (message) => `regexp: Compile(\`${pattern}\`): ${message}`,
  )

function countMatches(pattern: string, text: string): bigint {
  return regex(pattern, (compiled) => {
    const matcher = compiled.matcher(text)
    let count = 0n
    while (matcher.find()) count++
    return count
  })
}

const utf8 = new TextEncoder()
const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const percent = 37

function decodeQuery(text: string): string {
  const wrong = /%(?![\da-fA-F]{2})/.exec(text)
  if (wrong !== null)
    throw functionError(`invalid URL escape ${JSON.stringify(text.slice(wrong.index, wrong.index + 3))}`)
  const bytes = utf8.encode(text.replaceAll('+', ' '))
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at]
    if (byte === percent) {
      byte = Number.parseInt(String.fromCharCode(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0), 16)
      at += 2
    }
    bytes[length++] = byte ?? 0
  }
  return utf8Decoder.decode(bytes.subarray(0, length))
}

/** With the signs that fill it up: without them it is none to Go. */
const base64Form = /^(?:[\dA-Za-z+/]{4})*(?:[\dA-Za-z+/]{2}==|[\dA-Za-z+/]{3}=)?$/

function encodeBase64(text: string): string {
  let binary = ''
  for (const byte of utf8.encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** As sprig: what is no Base64 gives the fault as its text. */
function decodeBase64(text: string): string {
  const digits = text.replace(/[\r\n]/g, '')
  if (!base64Form.test(digits)) return 'illegal base64 data'
  return utf8Decoder.decode(Uint8Array.from(atob(digits), (c) => c.charCodeAt(0)))
}

function fromJson(text: string): Value {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // sprig's fromJson gives nothing for what is no JSON
    return undefined
  }
  return toValue(value)
}

/** Numbers are float64 to Go's decoder. */
function toValue(value: unknown): Value {
  if (Array.isArray(value)) return value.map(toValue)
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([name, inner]) => [name, toValue(inner)]))
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

function sizeOf(text: string): number {
  const size = parseSize(text)
  if (size === undefined) throw functionError(`${JSON.stringify(text.slice(0, 80))} is no size`)
  return size
}

function secondsOf(text: string): number {
  const ns = parseDurationNs(text)
  if (ns === undefined) throw functionError(`time: invalid duration ${JSON.stringify(text.slice(0, 80))}`)
  return ns / 1e9
}

const textFunctions: FunctionTable = {
  lower: ofText(toLowerSimple),
  upper: ofText(toUpperSimple),
  title: ofText(title),
  trim: ofText(trimSpace),
  trimAll: ofTexts((set, text) => trimSet(text, set, true, true)),
  trimPrefix: ofTexts(trimPrefix),
  trimSuffix: ofTexts(trimSuffix),
  contains: ofTexts((part, text) => text.includes(part)),
  hasPrefix: ofTexts((part, text) => text.startsWith(part)),
  hasSuffix: ofTexts((part, text) => text.endsWith(part)),
  replace: {
    params: ['string', 'string', 'string'],
    call: (from, to, text) => replaceSome(String(text), String(from), String(to), -1),
  },
  repeat: { params: ['int', 'string'], call: (count, text) => repeat(countOf(count), String(text)) },
  trunc: { params: ['int', 'string'], call: (count, text) => trunc(countOf(count), String(text)) },
  substr: {
    params: ['int', 'int', 'string'],
    call: (start, end, text) => substring(countOf(start), countOf(end), String(text)),
  },
  indent: { params: ['int', 'string'], call: (count, text) => indent(countOf(count), String(text)) },
  nindent: { params: ['int', 'string'], call: (count, text) => `\n${indent(countOf(count), String(text))}` },
  alignLeft: { params: ['int', 'string'], call: (count, text) => align(countOf(count), String(text), true) },
  alignRight: { params: ['int', 'string'], call: (count, text) => align(countOf(count), String(text), false) },
  b64enc: ofText(encodeBase64),
  b64dec: ofText(decodeBase64),
  urlencode: ofText(escapeQuery),
  urldecode: ofText(decodeQuery),
  fromJson: ofText(fromJson),
  bytes: ofText(sizeOf),
  duration: ofText(secondsOf),
  duration_seconds: ofText(secondsOf),
  default: {
    params: ['any', 'any'],
    variadic: true,
    call: (fallback, given) => (isTrue(given) ? given : fallback),
  },
  count: {
    params: ['string', 'string'],
    cost: regexCost,
    call: (pattern, text) => countMatches(String(pattern), String(text)),
  },
  regexReplaceAll: {
    params: ['string', 'string', 'string'],
    cost: (pattern, text) => regexCost(pattern, text),
    call: (pattern, text, replacement) => replaceAll(String(pattern), String(replacement), String(text)),
  },
  regexReplaceAllLiteral: {
    params: ['string', 'string', 'string'],
    cost: (pattern, text) => regexCost(pattern, text),
    call: (pattern, text, replacement) =>
      replaceAll(String(pattern), String(replacement).replaceAll('$', '$$$$'), String(text)),
  },
}

/** Names from before sprig, whose arguments stand the other way round. */
const oldFunctions: FunctionTable = {
  ToLower: ofText(toLowerSimple),
  ToUpper: ofText(toUpperSimple),
  Replace: {
    params: ['string', 'string', 'string', 'int'],
    call: (text, from, to, count) => replaceSome(String(text), String(from), String(to), countOf(count)),
  },
  Trim: ofTexts((text, set) => trimSet(text, set, true, true)),
  TrimLeft: ofTexts((text, set) => trimSet(text, set, true, false)),
  TrimRight: ofTexts((text, set) => trimSet(text, set, false, true)),
  TrimPrefix: ofTexts((text, prefix) => trimPrefix(prefix, text)),
  TrimSuffix: ofTexts((text, suffix) => trimSuffix(suffix, text)),
  TrimSpace: ofText(trimSpace),
}
