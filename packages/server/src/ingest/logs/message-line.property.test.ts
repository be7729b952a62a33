import { type LogRecord, logIdentityFields } from '@tidewatch/core/log-record.ts'
import type { Redactor } from '@tidewatch/redact/kinds.ts'
import { createRedactor } from '@tidewatch/redact/redactor.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MessageLine, StreamIdentity } from './port.ts'
import type { RequestLines } from './request.ts'
import { arrivedMs, fillRequest, trusting } from './testing-request.ts'

interface Given {
  readonly text: string
  readonly pairs?: readonly (readonly [name: string, value: string])[]
  readonly stream?: StreamIdentity
  readonly timeMs?: number
  readonly timeNs?: number
}

const nothing: StreamIdentity = { severity: 0, identity: logIdentityFields.map(() => '') }
const service = (name: string): StreamIdentity => ({
  severity: 0,
  identity: logIdentityFields.map((field) => (field === 'service' ? name : '')),
})

function read(given: readonly Given[], redactor: Redactor, begin?: (request: RequestLines) => void) {
  const fill = (request: RequestLines): void => {
    begin?.(request)
    for (const one of given) addLine(request, one)
  }
  const { records, isTimed } = fillRequest(redactor, fill, { maxAgeMs: 86_400_000 })
  return { records, isTimed }
}

function addLine(
  request: RequestLines,
  { text, pairs = [], stream = nothing, timeMs = arrivedMs, timeNs = 0 }: Given,
): void {
  const parts = [Buffer.from('=x"'), Buffer.from(text), ...pairs.flat().map((part) => Buffer.from(part))]
  const ends: number[] = []
  let length = 0
  for (const part of parts) {
    ends.push(length, length + part.length)
    length += part.length
  }
  const [, , from = 0, to = 0, ...places] = ends
  const line: MessageLine = {
    ...{ timeMs, timeNs, from, to, stream },
    ...{ pairs: Int32Array.from(places), pairCount: pairs.length },
  }
  request.addLine(line, Buffer.concat([...parts, Buffer.from(' level=error}"')]))
}

const one = (given: Given): LogRecord => read([given], trusting(false)).records[0] as LogRecord

const name = fc.oneof(
  fc.constantFrom('trace_id', 'traceId', 'level', 'severity', 'service', 'user', 'time', 'msg', 'message', 'a', 'é'),
  fc.string({ minLength: 1, maxLength: 5 }),
)
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('WARN', 'error', '0AF7651916CD43DD8448EB211C80319C', '', '17', 'a b'),
)
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .dictionary(name, fc.oneof(value, fc.integer(), fc.dictionary(name, value, { maxKeys: 2 })), { maxKeys: 5 })
    .map((o) => JSON.stringify(o)),
  fc
    .array(fc.tuple(name, value), { maxLength: 5 })
    .map((pairs) => pairs.map(([key, of]) => `${key}=${/[\s"=]/.test(of) ? JSON.stringify(of) : of}`).join(' ')),
)

describe('a message with what stands beside it', () => {
  it('is the same record by the fast and by the slow way', () => {
    const line = fc.record({
      text,
      pairs: fc.uniqueArray(fc.tuple(name, value), { maxLength: 5, selector: ([key]) => key }),
      stream: fc.constantFrom(nothing, service('its'), { ...service('loud'), severity: 17 }),
      timeMs: fc.constantFrom(0, arrivedMs, arrivedMs - 90_000_000, arrivedMs + 9_000_000),
      timeNs: fc.constantFrom(0, 999_999),
    })
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (lines) => {
        const resource = (request: RequestLines) => request.setResource(new Map([['app', 'x']]))
        expect(read(lines, trusting(false), resource)).toEqual(read(lines, trusting(true), resource))
      }),
      { numRuns: 1000 },
    )
  })

  it('stays as it is, whatever it says of itself', () => {
    const text =
      '{"time":"2020-01-01T00:00:00Z","level":"warn","msg":"a","trace_id":"0AF7651916CD43DD8448EB211C80319C","userId":7,"n":1}'
    const record = one({ text, timeMs: arrivedMs, timeNs: 5 })
    expect(record).toMatchObject({
      ...{ body: text, severity: 13, severityText: '', traceId: '0af7651916cd43dd8448eb211c80319c', user: '7' },
      timeNs: BigInt(arrivedMs) * 1_000_000n + 5n,
    })
    expect(record.attributes.size).toBe(0)
  })

  it.each([
    ['level=error msg="it failed" request_id=r-1', { severity: 17, requestId: 'r-1' }],
    ['ts=x lvl="warn" user="a b"', { severity: 13, user: 'a b' }],
    ['tracing=on trace=on', { traceId: '', severity: 0 }],
    ['2026 trace_id=0af7651916cd43dd span_id=b7ad6b7169203331 done', { traceId: '0af7651916cd43dd' }],
    ['a = b, level = error', { severity: 0 }],
    ['user="never ends', { user: '' }],
    ['=x ==y level==', { severity: 0 }],
    ['{"level":"error"', { severity: 0 }],
  ])('%s', (line, expected) => expect(one({ text: line })).toMatchObject({ body: line, ...expected }))

  it('believes what stands beside it, then its stream, then what it says', () => {
    const text = '{"service":"said","level":"debug","user":"said"}'
    const stream = { ...service('streamed'), severity: 17 }
    expect(one({ text, stream })).toMatchObject({ service: 'streamed', severity: 17, user: 'said' })
    const pairs = [
      ['serviceName', 'beside'],
      ['level', 'WARN'],
      ['k', 'v'],
    ] as const
    const record = one({ text, stream, pairs })
    expect(record).toMatchObject({ service: 'beside', severity: 13 })
    expect(Object.fromEntries(record.attributes)).toEqual({ level: 'WARN', k: 'v' })
  })

  it('has secrets taken out of its text, its fields, and of its stream', () => {
    const pairs = [['password', 'hunter22222']] as const
    const [inText, inPair, inStream] = read(
      [
        { text: 'Authorization: Bearer abcdefghijklmnop1234567890' },
        { text: 'a', pairs },
        { text: 'b', stream: service('x') },
      ],
      createRedactor(),
      (request) => request.setResource(new Map([['password', 'hunter33333']])),
    ).records
    expect(inText?.body).not.toContain('abcdefghijklmnop')
    expect(inPair?.attributes.get('password')).not.toContain('hunter')
    for (const record of [inText, inPair, inStream]) expect(record?.resource.get('password')).not.toContain('hunter')
  })

  it('without a time has that of arrival, and then cannot be known again', () => {
    const timed = read([{ text: 'a' }], trusting(false))
    const untimed = read([{ text: 'a', timeMs: 0 }], trusting(false))
    expect([timed.isTimed, untimed.isTimed]).toEqual([true, false])
    expect(untimed.records[0]?.timeNs).toBe(BigInt(arrivedMs) * 1_000_000n)
  })

  it('of years off keeps the time that it claims', () => {
    const record = one({ text: 'a', timeMs: Date.UTC(2099, 0, 1) })
    expect(record.timeNs).toBe(BigInt(arrivedMs) * 1_000_000n)
    expect(record.attributes.get('claimed_time')).toBe('2099-01-01T00:00:00.000Z')
  })
})
