// Predicates of log queries as SQL. What it selects and what `match` of logquery says of a record are the same (render.engine.test.ts).

import { toLowerAscii } from '@tidewatch/core/letter-case.ts'
import { parseLogId } from '@tidewatch/core/log-id.ts'
import {
  type FieldRef,
  type Predicate,
  type TextColumn,
  textColumns,
  type ValueTest,
} from '@tidewatch/logquery/predicate.ts'
import { printWildcard } from '@tidewatch/logquery/wildcard.ts'
import { literal } from '../literal.ts'
import type { KnownNames } from './known-names.ts'
import { isOneOf, type ValueCondition, valueCondition } from './render-value.ts'
import { indexedPieces } from './words.ts'

export interface RenderedPredicate {
  /** A condition over the table of logs. */
  readonly where: string
  /**
   * The same for lines with `is_plain` alone, that the index of words can answer without reading bodies; undefined where there is no
   * difference.
   */
  readonly wherePlain: string | undefined
  /** An index leads to the lines, so that not all of them are gone through. */
  readonly isIndexed: boolean
  /** An index leaves something out, be it only for the names of attributes; where it is false the engine need not ask one. */
  readonly isNarrowed: boolean
  /** Where it is false the conditions hold for more lines than the predicate: `match` has to look at each. */
  readonly isExact: boolean
}

/** `names` spares looking for patterns of names in all lines. */
export function renderPredicate(predicate: Predicate, names: KnownNames = new Map()): RenderedPredicate {
  const every = new Renderer(false, names)
  const where = every.render(predicate, true)
  const wherePlain = new Renderer(true, names).render(predicate, true)
  return {
    ...{ where, wherePlain: wherePlain === where ? undefined : wherePlain, isExact: every.isExact },
    ...{ isIndexed: asksIndex(predicate, false), isNarrowed: asksIndex(predicate, true) },
  }
}

function asksIndex(predicate: Predicate, ofNames: boolean): boolean {
  switch (predicate.kind) {
    case 'and':
      return predicate.of.some((one) => asksIndex(one, ofNames))
    case 'or':
      return predicate.of.every((one) => asksIndex(one, ofNames))
    case 'nested':
      return ofNames
    case 'test': {
      const { field, test } = predicate
      if (field.kind !== 'column') return ofNames && field.kind === 'attribute'
      if (field.column === 'body') return indexCondition(test) !== undefined
      return idColumns.has(field.column) && (test.op === 'id' || (test.op === 'equals' && test.unit === 'value'))
    }
    default:
      return false
  }
}

const idColumns: ReadonlySet<string> = new Set([
  ...['traceId', 'spanId', 'requestId', 'sessionId', 'user', 'wallet', 'contract', 'tx'],
])

const sqlNames: Readonly<Record<TextColumn, string>> = {
  body: 'body',
  severityText: 'severity_text',
  service: 'service',
  environment: 'environment',
  release: 'release',
  traceId: 'trace_id',
  spanId: 'span_id',
  requestId: 'request_id',
  sessionId: 'session_id',
  user: 'user',
  wallet: 'wallet',
  contract: 'contract',
  tx: 'tx',
}

/** The name of a column in SQL. */
export const sqlColumn = (column: TextColumn): string => sqlNames[column]

/** Some attribute of the line is an array: its name is there once for each element. */
export const hasArrays = "match(kinds, '[A-Z]')"

class Renderer {
  readonly #isPlain: boolean
  readonly #names: KnownNames
  isExact = true

  constructor(isPlain: boolean, names: KnownNames) {
    this.#isPlain = isPlain
    this.#names = names
  }

  /** What cannot be said exactly holds for too much; in what is denied (`isDenied`), for too little. */
  render(predicate: Predicate, isAsserted: boolean): string {
    switch (predicate.kind) {
      case 'all':
        return '1'
      case 'none':
        return '0'
      case 'and':
        return this.#join(predicate.of, ' AND ', '1', isAsserted)
      case 'or':
        return this.#join(predicate.of, ' OR ', '0', isAsserted)
      case 'not':
        return `NOT (${this.render(predicate.of, !isAsserted)})`
      case 'at-least': {
        const each = predicate.of.map((one) => `toUInt32(${this.render(one, isAsserted)})`)
        return `(${each.join(' + ')} >= ${literal(predicate.count)})`
      }
      case 'test':
        return this.#test(predicate.field, predicate.test, isAsserted)
      case 'ids':
        return idsCondition(predicate.values)
      case 'nested':
        return this.#inexact(`mapContains(attributes, ${literal(predicate.path)})`, isAsserted)
      default:
        return predicate satisfies never
    }
  }

  #join(of: readonly Predicate[], by: string, nothing: string, isAsserted: boolean): string {
    return of.length === 0 ? nothing : `(${of.map((one) => this.render(one, isAsserted)).join(by)})`
  }

  #inexact(sql: string, isAsserted: boolean): string {
    this.isExact = false
    return isAsserted ? sql : '0'
  }

  #test(field: FieldRef, test: ValueTest, isAsserted: boolean): string {
    switch (field.kind) {
      case 'column':
        if (field.column === 'time') return timeCondition(test)
        if (field.column === 'severity') return severityCondition(test)
        return this.#column(field.column, test, isAsserted)
      case 'key':
        return this.#key(field.name, test, isAsserted)
      case 'attribute':
        return this.#attribute(field.name, test, isAsserted)
      case 'resource':
        return this.#resource(field.name, test, isAsserted)
      case 'keys':
        return this.#keys(field, test, isAsserted)
      case 'any':
        return this.#any(test, isAsserted)
      default:
        return field satisfies never
    }
  }

  #column(column: TextColumn, test: ValueTest, isAsserted: boolean): string {
    const name = sqlColumn(column)
    // the indexes of ids know them in small letters
    if (test.op === 'id') return isOneOf(`lower(${name})`, test.values.filter(isFilled))
    if (test.op === 'equals' && test.unit === 'value' && column !== 'body') return wholeColumn(name, test.values)
    if (column !== 'body') return `(${name} != '' AND ${this.#value(test, name, isAsserted)})`
    if (test.op === 'equals' && test.unit === 'token' && this.#isPlain) return plainWords(test.values)
    const indexed = indexCondition(test)
    const isIndexed = indexed !== undefined
    const body = { sql: 'body', isPlain: this.#isPlain, isIndexed }
    const condition = this.#accept(valueCondition(test, body), isAsserted)
    return indexed === undefined ? `(body != '' AND ${condition})` : `(${indexed} AND ${condition})`
  }

  /** One list of all texts: the test is written, and made ready by the engine, once. */
  #any(test: ValueTest, isAsserted: boolean): string {
    const columns = textColumns.map((column) => `toString(${sqlColumn(column)})`).join(', ')
    const texts = `arrayConcat(arrayFilter(text -> text != '', [${columns}]), mapValues(attributes), mapValues(resource))`
    return `arrayExists(value -> ${this.#value(test, 'value', isAsserted)}, ${texts})`
  }

  #attribute(name: string, test: ValueTest, isAsserted: boolean): string {
    const key = literal(name)
    const has = `mapContains(attributes, ${key})`
    if (test.op === 'exists') return has
    const elements = `arrayFilter((text, name) -> name = ${key}, mapValues(attributes), mapKeys(attributes))`
    const each = `arrayExists(value -> ${this.#value(test, 'value', isAsserted)}, ${elements})`
    if (readsWords(test)) return `(${has} AND ${each})`
    return `(${has} AND if(${hasArrays}, ${each}, ${this.#value(test, `attributes[${key}]`, isAsserted)}))`
  }

  #resource(name: string, test: ValueTest, isAsserted: boolean): string {
    const key = literal(name)
    return `(mapContains(resource, ${key}) AND ${this.#value(test, `resource[${key}]`, isAsserted)})`
  }

  #key(name: string, test: ValueTest, isAsserted: boolean): string {
    const key = literal(name)
    const has = `mapContains(attributes, ${key})`
    const isThere = `(${has} OR mapContains(resource, ${key}))`
    if (test.op === 'exists') return isThere
    const elements = (map: string): string =>
      `arrayFilter((text, name) -> name = ${key}, mapValues(${map}), mapKeys(${map}))`
    if (readsWords(test)) {
      const texts = `if(${has}, ${elements('attributes')}, ${elements('resource')})`
      return `(${isThere} AND arrayExists(value -> ${this.#value(test, 'value', isAsserted)}, ${texts}))`
    }
    // said once of whichever has it: the engine takes longer to read each condition than to choose between two texts
    const each = `arrayExists(value -> ${this.#value(test, 'value', isAsserted)}, ${elements('attributes')})`
    const text = `if(${has}, attributes[${key}], resource[${key}])`
    const passes = `if(${hasArrays} AND ${has}, ${each}, ${this.#value(test, text, isAsserted)})`
    return mayBeEmpty(test) ? `(${isThere} AND ${passes})` : passes
  }

  #keys({ names }: FieldRef & { readonly kind: 'keys' }, test: ValueTest, isAsserted: boolean): string {
    const fits = valueCondition(
      { op: 'wildcard', unit: 'value', pattern: names, ignoreCase: false },
      { sql: 'name' },
    ).sql
    const some = (map: string): string =>
      test.op === 'exists'
        ? `arrayExists(name -> ${fits}, mapKeys(${map}))`
        : `arrayExists((name, value) -> ${fits} AND ${this.#value(test, 'value', isAsserted)}, mapKeys(${map}), mapValues(${map}))`
    const known = this.#names.get(printWildcard(names))
    if (known === undefined) return `(${some('attributes')} OR ${some('resource')})`
    return `(${[...known.map((name) => this.#attribute(name, test, isAsserted)), some('resource')].join(' OR ')})`
  }

  #value(test: ValueTest, sql: string, isAsserted: boolean): string {
    return this.#accept(valueCondition(test, { sql, isPlain: this.#isPlain }), isAsserted)
  }

  #accept({ sql, isExact }: ValueCondition, isAsserted: boolean): string {
    return isExact ? `(${sql})` : `(${this.#inexact(sql, isAsserted)})`
  }
}

/** An empty text is no value. */
function wholeColumn(name: string, values: readonly string[]): string {
  const wanted = values.filter(isFilled)
  return `(${isOneOf(`lower(${name})`, wanted.map(toLowerAscii))} AND ${isOneOf(name, wanted)})`
}

const isFilled = (value: string): boolean => value !== ''

/** Whether an empty text may pass, which is also what a map says of a name that it has not. */
function mayBeEmpty(test: ValueTest): boolean {
  if (test.op === 'equals') return !test.values.every(isFilled)
  return test.op !== 'number' && test.op !== 'ip'
}

/** Whether texts are cut into words, which the engine takes some time to get ready for, each time it is written. */
const readsWords = (test: ValueTest): boolean => test.op === 'phrase' || ('unit' in test && test.unit === 'token')

/** Of a plain body the index alone says which of the words are in it; what is no word of ASCII is in none. */
function plainWords(values: readonly string[]): string {
  const words = values.filter((value) => indexedPieces(value)[0] === value)
  return words.length === 0 ? '0' : `hasAnyTokens(body, ${literal(words)})`
}

/** What the index of words can say of the body, true of all bodies that pass; undefined where it knows nothing. */
function indexCondition(test: ValueTest): string | undefined {
  switch (test.op) {
    case 'equals': {
      if (test.unit === 'value') return undefined
      const pieces = test.values.map(indexedPieces)
      if (pieces.some((of) => of.length === 0)) return undefined
      if (pieces.every((of) => of.length === 1)) return `hasAnyTokens(body, ${literal(pieces.flat())})`
      return `(${pieces.map(hasAll).join(' OR ')})`
    }
    case 'phrase': {
      const pieces = (test.prefix ? test.tokens.slice(0, -1) : test.tokens).flatMap(indexedPieces)
      return pieces.length === 0 ? undefined : hasAll(pieces)
    }
    case 'contains': {
      // words that have white space of the wanted text on both sides are whole words of the body
      const inner = test.text.match(/(?<=[ \t\n])[A-Za-z0-9_]*[A-Za-z0-9][A-Za-z0-9_]*(?=[ \t\n])/g)
      return inner === null ? undefined : hasAll(inner.map((word) => word.toLowerCase()))
    }
    default:
      return undefined
  }
}

const hasAll = (pieces: readonly string[]): string => `hasAllTokens(body, ${literal([...new Set(pieces)])})`

function timeCondition(test: ValueTest): string {
  if (test.op === 'exists') return '1'
  if (test.op !== 'time') return '0'
  const from = test.fromNs === undefined ? [] : [`time_ns >= ${timeLiteral(test.fromNs)}`]
  const to = test.toNs === undefined ? [] : [`time_ns <= ${timeLiteral(test.toNs)}`]
  return [...from, ...to].join(' AND ') || '1'
}

/** A time in ns as an Int64; what is beyond it, its end. */
export function timeLiteral(ns: bigint): string {
  const end = 2n ** 63n - 1n
  return `toInt64(${literal(ns > end ? end : ns < -end ? -end : ns)})`
}

function severityCondition(test: ValueTest): string {
  if (test.op === 'exists') return 'severity > 0'
  if (test.op !== 'severity') return '0'
  return severityBetween(test.from, test.to)
}

/** As one comparison of bytes: of two the engine asks each for itself, which takes as long again. */
function severityBetween(from: number, to: number): string {
  if (from > to) return '0'
  if (from === to) return `severity = ${literal(from)}`
  if (from <= 0) return `severity <= ${literal(to)}`
  // what is below the first wraps around to more than any is
  return to < 255 ? `toUInt8(severity - ${literal(from)}) <= ${literal(to - from)}` : `severity >= ${literal(from)}`
}

function idsCondition(values: readonly string[]): string {
  const ids = values.map(parseLogId).filter((id) => id !== undefined)
  if (ids.length === 0) return '0'
  return `((time_ns, seq) IN (${ids.map(({ timeNs, seq }) => `(${timeLiteral(timeNs)}, toUInt64(${literal(seq)}))`).join(', ')}))`
}
