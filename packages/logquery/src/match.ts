// Whether a record satisfies a predicate, in memory: live tail, rules on what arrives, tests. Bench: none yet; compiled once, called per record.
import { toLowerAscii, toLowerSimple } from '@tidewatch/core/letter-case.ts'
import type { AttributeScalar, AttributeValue, LogRecord } from '@tidewatch/core/log-record.ts'
import { logRecord } from '@tidewatch/core/log-record.ts'
import { RE2JS } from 're2js'
import { numberOf, timeOf, tokenize } from './analysis.ts'
import { isWithinEdits } from './fuzzy.ts'
import { ipOf } from './ip.ts'
import { hasPhrase } from './phrase.ts'
import { type Bound, type FieldRef, type Predicate, textColumns, type Unit, type ValueTest } from './predicate.ts'
import { compileWildcard, mapWildcard } from './wildcard.ts'

export type RecordTest = (record: LogRecord) => boolean
type TextTest = (text: string) => boolean

export interface MatchOptions {
  /** Whether the record has one of the ids; without it no record has any. */
  readonly hasId?: (record: LogRecord, ids: ReadonlySet<string>) => boolean
}

/** Compiles once, answers for each record. Throws re2js's error for a regular expression that is none. */
export function compilePredicate(predicate: Predicate, options: MatchOptions = {}): RecordTest {
  switch (predicate.kind) {
    case 'all':
      return () => true
    case 'none':
      return () => false
    case 'and': {
      const tests = predicate.of.map((one) => compilePredicate(one, options))
      return (record) => tests.every((test) => test(record))
    }
    case 'or': {
      const tests = predicate.of.map((one) => compilePredicate(one, options))
      return (record) => tests.some((test) => test(record))
    }
    case 'not': {
      const test = compilePredicate(predicate.of, options)
      return (record) => !test(record)
    }
    case 'at-least':
      return compileAtLeast(predicate.count, predicate.of, options)
    case 'ids': {
      const ids = new Set(predicate.values)
      const { hasId } = options
      return hasId === undefined ? () => false : (record) => hasId(record, ids)
    }
    case 'nested':
      return compileNested(predicate.path, compilePredicate(predicate.of, options))
    case 'test':
      return compileTest(predicate.field, predicate.test)
  }
}

function compileAtLeast(count: number, of: readonly Predicate[], options: MatchOptions): RecordTest {
  const tests = of.map((one) => compilePredicate(one, options))
  return (record) => {
    let holding = 0
    for (const test of tests) if (test(record) && ++holding >= count) return true
    return false
  }
}

function compileTest(field: FieldRef, test: ValueTest): RecordTest {
  if (field.kind === 'column' && field.column === 'time') {
    return test.op === 'exists'
      ? () => true
      : (record) => test.op === 'time' && isBetween(record.timeNs, test.fromNs, test.toNs)
  }
  if (field.kind === 'column' && field.column === 'severity') {
    if (test.op === 'exists') return (record) => record.severity !== 0
    return (record) => test.op === 'severity' && record.severity >= test.from && record.severity <= test.to
  }
  const holds = compileValueTest(test)
  const visit = compileField(field)
  return (record) => visit(record, holds)
}

/** Calls the test for the texts of a field until it holds. */
type Visit = (record: LogRecord, holds: TextTest) => boolean

function compileField(field: FieldRef): Visit {
  switch (field.kind) {
    case 'column': {
      const { column } = field
      if (column === 'time' || column === 'severity') return () => false
      return (record, holds) => record[column] !== '' && holds(record[column])
    }
    case 'attribute':
      return (record, holds) => someText(record.attributes.get(field.name), holds)
    case 'resource':
      return (record, holds) => someText(record.resource.get(field.name), holds)
    case 'key':
      return (record, holds) =>
        record.attributes.has(field.name)
          ? someText(record.attributes.get(field.name), holds)
          : someText(record.resource.get(field.name), holds)
    case 'keys': {
      const matches = compileWildcard(field.names)
      return (record, holds) => someValue(record, holds, matches)
    }
    case 'any':
      return (record, holds) =>
        textColumns.some((column) => record[column] !== '' && holds(record[column])) ||
        someValue(record, holds, () => true)
  }
}

function someValue(record: LogRecord, holds: TextTest, isNamed: TextTest): boolean {
  for (const [name, value] of record.attributes) if (isNamed(name) && someText(value, holds)) return true
  for (const [name, value] of record.resource) if (isNamed(name) && someText(value, holds)) return true
  return false
}

function someText(value: AttributeValue | undefined, holds: TextTest): boolean {
  if (value === undefined) return false
  if (typeof value === 'string') return holds(value)
  if (typeof value === 'object') return value.some((one: AttributeScalar) => holds(String(one)))
  return holds(String(value))
}

function compileValueTest(test: ValueTest): TextTest {
  switch (test.op) {
    case 'exists':
      return () => true
    case 'equals': {
      const values = new Set(test.values)
      return onUnit(test.unit, (text) => values.has(text))
    }
    case 'id': {
      const values = new Set(test.values)
      return (text) => values.has(toLowerAscii(text))
    }
    case 'phrase':
      return (text) => hasPhrase(test.tokens, tokenize(text), test.slop, test.prefix)
    case 'wildcard': {
      if (!test.ignoreCase) return onUnit(test.unit, compileWildcard(test.pattern))
      const matches = compileWildcard(mapWildcard(test.pattern, toLowerSimple))
      return onUnit(test.unit, (text) => matches(toLowerSimple(text)))
    }
    case 'regexp': {
      const compiled = RE2JS.compile(test.anchored ? `^(?s:${test.pattern})$` : test.pattern)
      return onUnit(test.unit, (text) => compiled.test(text))
    }
    case 'fuzzy': {
      const wanted = [...test.text]
      return onUnit(test.unit, (text) => isWithinEdits(wanted, text, test.edits, test.prefixLength))
    }
    case 'contains': {
      if (!test.ignoreCase) return (text) => text.includes(test.text)
      const wanted = toLowerSimple(test.text)
      return (text) => toLowerSimple(text).includes(wanted)
    }
    case 'number':
      return (text) => {
        const number = numberOf(text)
        return number !== undefined && isInside(number, test.from, test.to, (a, b) => a - b)
      }
    case 'text-range':
      return onUnit(test.unit, (text) => isInside(text, test.from, test.to, compareTexts))
    case 'time':
      return (text) => {
        const ns = timeOf(text)
        return ns !== undefined && isBetween(ns, test.fromNs, test.toNs)
      }
    case 'ip':
      return (text) => {
        const address = ipOf(text)
        return address !== undefined && isBetween(address, test.from, test.to)
      }
    case 'severity':
      return () => false
  }
}

const onUnit = (unit: Unit, holds: TextTest): TextTest =>
  unit === 'value' ? holds : (text) => tokenize(text).some(holds)

const isBetween = (value: bigint, from: bigint | undefined, to: bigint | undefined): boolean =>
  (from === undefined || value >= from) && (to === undefined || value <= to)

function isInside<T>(
  value: T,
  from: Bound<T> | undefined,
  to: Bound<T> | undefined,
  compare: (a: T, b: T) => number,
): boolean {
  const low = from === undefined ? 1 : compare(value, from.value)
  const high = to === undefined ? -1 : compare(value, to.value)
  return (low > 0 || (low === 0 && from?.inclusive === true)) && (high < 0 || (high === 0 && to?.inclusive === true))
}

/** By code points; JavaScript's own order puts surrogates below the rest of the upper plane. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return (a.codePointAt(i) as number) - (b.codePointAt(i) as number)
  }
  return a.length - b.length
}

const maxNestedDepth = 32

function compileNested(path: string, holds: RecordTest): RecordTest {
  return (record) => {
    const written = record.attributes.get(path)
    if (typeof written !== 'string' || !/^\s*[[{]/.test(written)) return false
    let parsed: unknown
    try {
      parsed = JSON.parse(written)
    } catch {
      // a text that only looks like objects holds none
      return false
    }
    const objects: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed]
    return objects.some((object) => {
      const attributes = new Map<string, AttributeValue>()
      flatten(object, path, attributes)
      return holds(logRecord({ attributes }))
    })
  }
}

/** The leaves of an object under their whole names; what is an array of objects inside is kept as its JSON text too. */
function flatten(value: unknown, name: string, into: Map<string, AttributeValue>, depth = 0): void {
  if (depth > maxNestedDepth || value === null) return
  if (Array.isArray(value)) {
    if (value.some((one) => typeof one === 'object' && one !== null)) into.set(name, JSON.stringify(value))
    for (const one of value) flatten(one, name, into, depth + 1)
  } else if (typeof value === 'object') {
    for (const [key, inner] of Object.entries(value as Record<string, unknown>))
      flatten(inner, `${name}.${key}`, into, depth + 1)
  } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    const known = into.get(name)
    into.set(name, known === undefined ? value : [...(typeof known === 'object' ? known : [known]), value])
  }
}
