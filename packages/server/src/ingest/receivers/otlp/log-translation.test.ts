import { defaultProject } from '@tidewatch/core/matcher.ts'
import { describe, expect, it } from 'vitest'
import { fakeLogs } from '../../logs/fakes.ts'
import type { AnyValue } from './any-value.ts'
import { OtlpRecord } from './log-sink.ts'
import { LogTranslation } from './log-translation.ts'
import type { Attribute } from './point.ts'

const map = (object: Readonly<Record<string, AnyValue>>): AnyValue => new Map(Object.entries(object))

async function lineOf(fields: Partial<OtlpRecord>, resource: readonly Attribute[] = []) {
  const { intake, lines } = fakeLogs()
  using request = intake.begin({ project: defaultProject, sender: 'a test' })
  const translation = new LogTranslation(request)
  translation.resource(resource)
  translation.record(Object.assign(new OtlpRecord(), { time: { ms: 1000, restNs: 5 } }, fields))
  await request.store()
  const [line] = lines
  return { ...line, attributes: Object.fromEntries(line?.attributes ?? []) }
}

describe('a body', () => {
  it.each<[AnyValue, string]>([
    ['text', 'text'],
    [null, ''],
    [true, 'true'],
    [12n, '12'],
    [2n ** 62n, '4611686018427387904'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [new Uint8Array([1, 2, 255]), 'AQL/'],
    [[1n, 'a', [true]], '[1,"a",[true]]'],
    [map({ b: '<x>', a: map({ n: 2n ** 62n }) }), '{"b":"<x>","a":{"n":4611686018427387904}}'],
  ])('%o is %s', async (body, text) => expect((await lineOf({ body })).body).toBe(text))

  it('that is a map is found by what is in it', async () => {
    const body = map({ msg: 'a', user: map({ id: 7n }), trace_id: 'abc', list: [map({ k: 1n }), map({ k: 2n })] })
    expect(await lineOf({ body })).toMatchObject({
      traceId: 'abc',
      attributes: {
        ...{ 'body.msg': 'a', 'body.user.id': 7, 'body.trace_id': 'abc', 'body.list.k': [1, 2] },
        'body.list': '[{"k":1},{"k":2}]',
      },
    })
  })
})

describe('attributes', () => {
  it('go into the columns that they name, once', async () => {
    const attributes: Attribute[] = [
      ['user.id', 'u1'],
      ['enduser.id', 'u2'],
      ['session.id', 's'],
      ['trace_id', 'theirs'],
      ['service.name', 'its own'],
      ['message', 'stays'],
      ['level', 'error'],
    ]
    expect(await lineOf({ attributes, traceId: 'a'.repeat(32), body: 'b' }, [['service.name', 'svc']])).toMatchObject({
      ...{ user: 'u1', sessionId: 's', traceId: 'a'.repeat(32), service: 'its own', body: 'b', severity: 17 },
      attributes: { 'enduser.id': 'u2', trace_id: 'theirs', message: 'stays', level: 'error' },
    })
  })

  it('of ids that are none leave them out', async () => {
    expect(await lineOf({ traceId: 'abc', spanId: '0'.repeat(16) })).toMatchObject({ traceId: '', spanId: '' })
  })

  it('are counted where some were dropped', async () => {
    expect((await lineOf({ dropped: 3 })).attributes).toEqual({ dropped_attributes_count: 3 })
  })
})
