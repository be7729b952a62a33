import { type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordOfObject } from '../../../ingest/logs/json-record.ts'
import { documentOf, readSourceFilter } from './source.ts'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const recordOf = (object: object): LogRecord => recordOfObject({ ...object }).record

describe('documents', () => {
  test.each([
    [{ '@timestamp': '2026-06-01T12:00:00.000Z', level: 'error', message: 'm', status: 500, ok: false }],
    [{ timestamp: '2026-06-01T12:00:00.123456789Z', severity: 'warn', msg: 'm', 'service.name': undefined }],
    [
      {
        '@timestamp': '2026-06-01T12:00:00.000Z',
        log: { level: 'info' },
        service: { name: 'web', tier: 2 },
        trace: { id: 'ab' },
      },
    ],
    [
      {
        '@timestamp': '2026-06-01T12:00:00.000Z',
        level: 30,
        msg: 'pino',
        tags: ['a', 'b'],
        items: [{ a: 1 }, { a: 2, b: 'x' }],
      },
    ],
  ])('%j comes back as it was sent', (sent) => {
    expect(plain(documentOf(recordOf(plain(sent) as object)))).toEqual(plain(sent))
  })

  test('whatever is nested below free names comes back', () => {
    const leaf = fc.oneof(fc.string({ minLength: 1 }), fc.integer(), fc.boolean())
    const name = fc.stringMatching(/^[a-z]{6,9}$/)
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(name, fc.oneof({ maxDepth: 4 }, leaf, tie('tree')), { minKeys: 1, maxKeys: 4 }),
    }))
    fc.assert(
      fc.property(tree, (sent) => {
        const record = recordOf({ '@timestamp': '2026-06-01T12:00:00.000Z', xs: sent })
        expect(plain(documentOf(record))).toEqual(plain({ '@timestamp': '2026-06-01T12:00:00.000Z', xs: sent }))
      }),
      { numRuns: 30 },
    )
  })

  test('a value that is an object too keeps what is below it beside it', () => {
    const attributes = new Map<string, string>([
      ['a', '1'],
      ['a.b', '2'],
      ['__proto__.x', '3'],
    ])
    const { '@timestamp': _time, ...rest } = Object(plain(documentOf(logRecord({ attributes, timeNs: 1n }))))
    expect(JSON.stringify(rest)).toBe('{"a":"1","a.b":"2","__proto__":{"x":"3"}}')
  })

  test('parts of it', () => {
    const document = { a: { b: 1, c: { d: 2 } }, e: 3 }
    const pick = (source: unknown) => plain(readSourceFilter({ source })?.(document))
    expect(pick(['a.b', 'e'])).toEqual({ a: { b: 1 }, e: 3 })
    expect(pick({ includes: 'a.*', excludes: ['*.d'] })).toEqual({ a: { b: 1 } })
    expect(pick(true)).toEqual(document)
    expect(readSourceFilter({ source: false })).toBeUndefined()
  })
})
