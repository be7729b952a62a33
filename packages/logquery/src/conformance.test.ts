// The query bar's cases from outside of the repository: 60 documents, what each query must find, how Lucene prints it, where an error stands.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@tidewatch/core/error.ts'
import { type AttributeValue, type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { findConformanceKit } from '@tidewatch/testkit/promqltest/kit.ts'
import { expect, test } from 'vitest'
import { type FieldType, mappedFields } from './fields.ts'
import { kqlTree } from './kql/build.ts'
import { parseKql } from './kql/parse.ts'
import { luceneTree } from './lucene/build.ts'
import { compilePredicate } from './match.ts'
import { explain, predicateOf } from './query-tree.ts'

const dir = findConformanceKit('lucene')

interface Case {
  readonly id: string
  readonly language: 'lucene' | 'kql'
  readonly query: string
  readonly ids?: readonly string[]
  readonly error?: string
  readonly lucene?: string
  readonly ast?: unknown
}

interface ErrorCase {
  readonly id: string
  readonly language: 'lucene' | 'kql'
  readonly query: string
  readonly offset: number
  readonly message: string
}

function load<T>(name: string): T {
  if (dir === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
  return JSON.parse(readFileSync(join(dir, name), 'utf8')) as T
}

function loadDocuments(): readonly (readonly [id: string, record: LogRecord])[] {
  if (dir === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
  const lines = readFileSync(join(dir, 'documents.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line) => {
    const { id, ...fields } = JSON.parse(line) as { id: string } & Record<string, unknown>
    const attributes = new Map<string, AttributeValue>()
    flatten(fields, '', attributes)
    return [id, logRecord({ attributes })]
  })
}

/** As our receivers flatten documents. */
function flatten(object: object, prefix: string, into: Map<string, AttributeValue>): void {
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === 'object' && !Array.isArray(value)) flatten(value, `${prefix}${key}.`, into)
    else if (Array.isArray(value) && value.some((one) => typeof one === 'object')) {
      into.set(prefix + key, JSON.stringify(value))
      for (const leaf of new Set(value.flatMap((one: object) => Object.keys(one))))
        into.set(
          `${prefix}${key}.${leaf}`,
          value.map((one: Record<string, string>) => one[leaf] as string),
        )
    } else into.set(prefix + key, value)
  }
}

const isMissing = dir === undefined && process.env.CI === undefined

test.skipIf(isMissing)('finds what each query must find, and prints it as Lucene does', () => {
  const mapping = load<{ now: string; timeZone: string; fields: Record<string, FieldType> }>('mapping.json')
  const documents = loadDocuments()
  const options = { nowMs: Date.parse(mapping.now), timeZone: mapping.timeZone, fields: mappedFields(mapping.fields) }
  const cases = load<readonly Case[]>('cases.json')
  expect(cases.length).toBeGreaterThanOrEqual(248)

  const answers = cases.map(({ id, language, query, lucene, ast }) => {
    const shown = { id, query, ...(ast === undefined ? {} : { ast: parseKql(query) }) }
    try {
      const tree = language === 'lucene' ? luceneTree(query, options) : kqlTree(query, options)
      const holds = compilePredicate(predicateOf(tree))
      const ids = documents.filter(([, record]) => holds(record)).map(([documentId]) => documentId)
      return { ...shown, ids, ...(lucene === undefined ? {} : { lucene: explain(tree) }) }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { ...shown, refused: error.code }
    }
  })
  const wanted = cases.map(({ id, query, ids, error, lucene, ast }) => ({
    id,
    query,
    ...(ast === undefined ? {} : { ast }),
    ...(error === undefined ? { ids } : { refused: 'query.execution' }),
    ...(lucene === undefined ? {} : { lucene }),
  }))
  const wrong = answers.filter((answer, i) => JSON.stringify(answer) !== JSON.stringify(wanted[i]))
  expect(wrong).toEqual(wanted.filter(({ id }) => wrong.some((answer) => answer.id === id)))
})

test.skipIf(isMissing)('tells where each error stands', () => {
  const cases = load<readonly ErrorCase[]>('errors.json')
  expect(cases.length).toBeGreaterThanOrEqual(53)
  const parse = {
    lucene: (text: string) => luceneTree(text, { nowMs: 0, timeZone: 'UTC', fields: mappedFields({}) }),
    kql: parseKql,
  }
  const wrong = cases.flatMap(({ id, language, query, offset, message }) => {
    const found = placeOf(() => parse[language](query))
    // the oracle counts one more where a character begins no token
    const isRight =
      found === offset || (message.startsWith('Lexical') && found !== undefined && Math.abs(found - offset) === 1)
    return isRight ? [] : [{ id, query, offset, found }]
  })
  expect(wrong).toEqual([])
})

function placeOf(parse: () => unknown): number | undefined {
  try {
    parse()
  } catch (error) {
    if (error instanceof AppError && error.code === 'query.parse') return error.where?.span?.start
    throw error
  }
  return undefined
}
