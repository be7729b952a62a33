// The plain values of a prometheus.yml.
import { compileCapturingRegex } from '@tidewatch/core/regexp-capture.ts'
import { formatDurationMs, parseDurationMs } from '@tidewatch/core/time.ts'
import { isScalar, type Node } from 'yaml'
import { durationAdvice } from './duration-advice.ts'
import type { Form, Printed } from './form.ts'
import { keyText, type Path } from './place.ts'
import type { ReadContext } from './read-context.ts'
import { resolveScalar } from './resolve.ts'
import { formatBase2Bytes, parseBase2Bytes } from './size.ts'
import { redactUrl, urlFault } from './url.ts'

const base64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/

function textOf(node: Node, path: Path, context: ReadContext): string | undefined {
  if (!isScalar(node)) {
    context.wrongType(node, path, 'text')
    return undefined
  }
  if (node.value instanceof Uint8Array && !base64.test(node.source ?? '')) {
    context.problem(node, path, '!!binary takes base64, and this is none.')
    return undefined
  }
  const resolved = resolveScalar(node)
  if (resolved.kind !== 'fault') return keyText(node)
  context.problem(node, path, resolved.message)
  return undefined
}

/** Text with what is wrong with it, undefined where nothing is. */
export function checkedText(fault: (text: string) => string | undefined): Form<string> {
  return {
    zero: () => '',
    read(node, path, context) {
      const value = textOf(node, path, context)
      const wrong = value === undefined ? undefined : fault(value)
      if (value === undefined || wrong === undefined) return value
      context.problem(node, path, wrong)
      return undefined
    },
    isEmpty: (value) => value === '',
    print: (value) => ({ kind: 'text', text: value }),
  }
}

export const text: Form<string> = checkedText(() => undefined)

/** Relative to the file that has it. */
export const fileName: Form<string> = {
  ...text,
  print: (value) => ({ kind: 'text', text: value, isFileName: value !== '' }),
}

export const secret: Form<string> = {
  ...text,
  print: (value) => (value === '' ? { kind: 'null' } : { kind: 'secret', text: value, shown: '<secret>' }),
}

/** One of several words, exactly so. */
export const oneOf = (what: string, words: readonly string[]): Form<string> =>
  checkedText((value) =>
    words.includes(value) ? undefined : `${JSON.stringify(value)} is no ${what}. Allowed: ${words.join(', ')}.`,
  )

const isUtf8 = (value: string): boolean => value.isWellFormed()

export const labelNameFault = (name: string): string | undefined =>
  name !== '' && isUtf8(name)
    ? undefined
    : `${JSON.stringify(name)} is not a label name: any UTF-8 text but the empty one.`

export const labelName: Form<string> = checkedText(labelNameFault)
export const labelValue: Form<string> = checkedText((value) =>
  isUtf8(value) ? undefined : 'this is not a label value: it is not UTF-8 text.',
)

/** Milliseconds. */
export const duration: Form<number> = {
  zero: () => 0,
  read(node, path, context) {
    const value = textOf(node, path, context)
    if (value === undefined) return undefined
    const ms = parseDurationMs(value)
    if (ms === undefined) context.problem(node, path, `"${value}" is ${durationAdvice(value)}.`)
    return ms
  },
  isEmpty: (value) => value === 0,
  print: (value) => ({ kind: 'text', text: formatDurationMs(value) }),
}

const word = (value: number | bigint | boolean): Printed => ({ kind: 'word', text: String(value), value })

/** Bytes. */
export const byteSize: Form<number> = {
  zero: () => 0,
  read(node, path, context) {
    const value = textOf(node, path, context)
    if (value === undefined) return undefined
    const bytes = parseBase2Bytes(value)
    if (bytes === undefined)
      context.problem(node, path, `${JSON.stringify(value)} is not a size. Write a number and its unit, such as 15MB.`)
    return bytes
  },
  isEmpty: (value) => value === 0,
  print: (value, whole) => (whole === true ? word(value) : { kind: 'text', text: formatBase2Bytes(value) }),
}

export const truth: Form<boolean> = {
  zero: () => false,
  read(node, path, context) {
    const resolved = isScalar(node) ? resolveScalar(node) : undefined
    if (resolved?.kind === 'bool') return resolved.value
    context.wrongType(node, path, 'true or false')
    return undefined
  },
  isEmpty: (value) => !value,
  print: word,
}

/** A number as it is written; undefined where it is none. */
function numberOf(node: Node): number | bigint | undefined {
  const resolved = isScalar(node) ? resolveScalar(node) : undefined
  return resolved?.kind === 'int' || resolved?.kind === 'float' ? resolved.value : undefined
}

/** What is not whole is cut, as Prometheus cuts it. */
function numeric(what: string, min: number, max: number, whole: boolean): Form<number> {
  return {
    zero: () => 0,
    read(node, path, context) {
      const number = numberOf(node)
      const value = whole ? Math.trunc(Number(number)) + 0 : Number(number)
      const isInside = !whole || (value >= min && (typeof number === 'bigint' ? number < BigInt(max) : value <= max))
      if (number !== undefined && isInside) return value
      context.wrongType(node, path, what)
      return undefined
    },
    isEmpty: (value) => value === 0,
    print: word,
  }
}

export const integer = numeric('a whole number', -(2 ** 63), 2 ** 63, true)
export const count = numeric('a whole number from 0 on', 0, 2 ** 64, true)

/** A whole number of 64 bits, beyond what a double holds exactly. */
export const count64: Form<bigint> = {
  zero: () => 0n,
  read(node, path, context) {
    const value = numberOf(node)
    if (typeof value === 'bigint' && value >= 0n) return value
    const small = count.read(node, path, context)
    return small === undefined ? undefined : BigInt(small)
  },
  isEmpty: (value) => value === 0n,
  print: word,
}

export const float = numeric('a number', -Infinity, Infinity, false)

/** Undefined: no URL is written. */
export const url: Form<string | undefined> = {
  zero: () => undefined,
  read(node, path, context) {
    const value = textOf(node, path, context)
    const fault = value === undefined ? undefined : urlFault(value)
    if (fault !== undefined)
      context.problem(node, path, `${JSON.stringify(redactUrl(value ?? ''))} is not a URL: ${fault}.`)
    return fault === undefined ? value : undefined
  },
  isEmpty: (value) => value === undefined,
  print: (value) => (value === undefined ? { kind: 'null' } : { kind: 'secret', text: value, shown: redactUrl(value) }),
}

/** An RE2 expression; null is the one that matches the empty text. */
export interface RegexValue {
  readonly source: string
  /** Not written, so that Prometheus's own `(.*)` holds. */
  readonly isDefault: boolean
}

export const defaultRegex: RegexValue = { source: '(.*)', isDefault: true }

export const regex: Form<RegexValue> = {
  zero: () => ({ source: '', isDefault: false }),
  read(node, path, context) {
    const source = textOf(node, path, context)
    if (source === undefined) return undefined
    try {
      compileCapturingRegex(source)
      return { source, isDefault: false }
    } catch (error) {
      context.problem(node, path, `not an RE2 expression: ${error instanceof Error ? error.message : String(error)}.`)
      return undefined
    }
  },
  isEmpty: (value) => value.isDefault,
  print: ({ source }) => (source === '' ? { kind: 'null' } : { kind: 'text', text: source }),
}
