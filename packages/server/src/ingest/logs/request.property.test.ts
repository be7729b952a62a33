import type { LogRecord } from '@tidewatch/core/log-record.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordOfObject } from './json-record.ts'
import type { RequestLines } from './request.ts'
import { fillRequest, trusting } from './testing-request.ts'

const records = (isSlow: boolean, fill: (request: RequestLines) => void): readonly LogRecord[] =>
  fillRequest(trusting(isSlow), fill).records

const read = (lines: readonly string[], isSlow: boolean, begin?: (request: RequestLines) => void) =>
  records(isSlow, (request) => {
    begin?.(request)
    for (const line of lines) {
      const bytes = Buffer.from(`xx${line}yy`)
      expect(request.addJson(bytes, 2, bytes.length - 2)).toBeUndefined()
    }
  })

const name = fc.oneof(
  fc.constantFrom(
    'timestamp',
    'time',
    'level',
    'message',
    'msg',
    'service',
    'trace_id',
    'traceId',
    'user',
    'log',
    'id',
    'a',
    'b',
  ),
  fc.string({ maxLength: 5 }),
)
const scalar = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.integer(),
  fc.double({ min: -1e15, max: 1e15, noNaN: true }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(
    '2026-11-21T10:00:00.123456789Z',
    '2026-11-21 10:00:00,5+02:00',
    '1700000000',
    'WARN',
    '30',
    'ABCDEF',
    '😀\n"',
    'ERROR broke',
    '12:00 [warn] \u00e9',
  ),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
}))

describe('a line of JSON', () => {
  it('is the same record by the fast and by the slow way', () => {
    const line = fc.dictionary(name, value, { maxKeys: 8 })
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), fc.boolean(), (objects, isSpaced) => {
        const lines = objects.map((object) => (isSpaced ? ` ${JSON.stringify(object)}\r` : JSON.stringify(object)))
        expect(read(lines, false)).toEqual(read(lines, true))
      }),
      { numRuns: 1000 },
    )
  })

  it('that was parsed is the same record looked through by its bytes and by the redactor', () => {
    const parsed = fc.record({
      object: fc.dictionary(name, value, { maxKeys: 8 }),
      resource: fc.dictionary(name, fc.string({ unit: 'binary', maxLength: 8 }), { maxKeys: 3 }),
    })
    const added = (isSlow: boolean, of: readonly { readonly object: object; readonly resource: object }[]) =>
      records(isSlow, (request) => {
        request.setService('theirs')
        request.setResource(new Map([['host', 'eu-1']]))
        for (const { object, resource } of of) {
          const { record } = recordOfObject(object as Readonly<Record<string, unknown>>)
          request.add({ ...record, resource: new Map(Object.entries(resource)) })
        }
      })
    fc.assert(
      fc.property(fc.array(parsed, { minLength: 1, maxLength: 4 }), (of) => {
        expect(added(false, of)).toEqual(added(true, of))
      }),
      { numRuns: 500 },
    )
  })

  it('is read as it is written', () => {
    const [record] = read(
      [
        '{"@timestamp":"2026-11-21T10:00:00.5Z","log":{"level":"warning"},"msg":"a \\u00e9\\ud83d\\ude00 b","userId":7,"n":1.50,"big":12345678901234567890,"tags":["x"],"items":[{"n":"p"},{"n":"q"}],"ok":true,"no":null}',
      ],
      false,
    )
    expect(record).toMatchObject({
      timeNs: BigInt(Date.UTC(2026, 10, 21, 10)) * 1_000_000n + 500_000_000n,
      ...{ severity: 13, severityText: 'warning', body: 'a é😀 b', user: '7', spelling: 'BcCbKB' },
    })
    expect(Object.fromEntries(record.attributes)).toEqual({
      ...{ n: 1.5, big: '12345678901234567890', tags: ['x'], 'items.n': ['p', 'q'], ok: true },
      items: '[{"n":"p"},{"n":"q"}]',
    })
  })

  it('is as severe as its message says where nothing else says it', () => {
    const lines = ['{"message":"ERROR broke"}', '{"level":"odd","msg":"ERROR"}', '{"level":"info","msg":"[error] x"}']
    expect(read(lines, false).map(({ severity }) => severity)).toEqual([17, 0, 9])
  })

  it.each([
    ['', 'at byte 0 stands the end of the line'],
    ['hello', 'at byte 0 stands "hello'],
    ['{"a":1', 'at byte 6 stands the end of the line'],
    ['{"a":1}}', 'at byte 7 stands "}'],
    ['{"a" 1}', 'at byte 5 stands "1}'],
    ['{"a":"\\q"}', 'at byte 7 stands "q'],
    ['[1]', 'at byte 0 stands "[1]'],
    ['{"a":01}', 'at byte 7 stands "}'],
    ['{"a":"\t"}', 'at byte 6 stands "\\t'],
  ])('%s is refused where it is none', (line, message) => {
    const bytes = Buffer.from(line)
    const found = records(false, (request) => {
      expect(request.addJson(bytes, 0, bytes.length)?.message).toContain(message)
    })
    expect(found).toEqual([])
  })

  it('has numbers as JavaScript writes them', () => {
    const written = [
      '1.50',
      '1e3',
      '-0',
      '0.000001',
      '0.0000001',
      '0.05',
      '-0.5',
      '123456789012345',
      '1234567890123456789',
    ]
    const bytes = Buffer.from(`{${written.map((number, i) => `"n${i}":${number}`).join(',')}}`)
    const { values } = fillRequest(trusting(false), (request) => void request.addJson(bytes, 0, bytes.length))
    const own = written.map((text) => (text.length > 17 ? text : String(Number(text))))
    expect(values).toBe(own.map((text) => String.fromCharCode(text.length) + text).join(''))
  })

  it('has the resource and service of its request', () => {
    const records = read(['{"service":"own"}', '{}', '{"a":1}'], false, (request) => {
      request.setResource(new Map([['host', 'h1']]))
      request.setService('its')
    })
    expect(records.map(({ service }) => service)).toEqual(['own', 'its', 'its'])
    expect(records.map(({ resource }) => Object.fromEntries(resource))).toEqual([
      { host: 'h1' },
      { host: 'h1' },
      { host: 'h1' },
    ])
  })
})
