import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Answer } from '../../../http/port.ts'
import { type FakeLogs, fakeLogs } from '../../logs/fakes.ts'
import { type FakeDocuments, fakeDocuments } from './fakes.ts'
import { DocumentWriter } from './write-routes.ts'

const at = '2026-06-01T11:59:00.000Z'
const doc = (message: string, more: object = {}): string => JSON.stringify({ '@timestamp': at, message, ...more })

let logs: FakeLogs
let writer: DocumentWriter
let documents: FakeDocuments

/** As after a start. */
const newWriter = (): DocumentWriter =>
  new DocumentWriter({ ...documents.parts, logs: logs.intake, clock: logs.clock, count: () => undefined })

beforeEach(() => {
  logs = fakeLogs()
  documents = fakeDocuments()
  writer = newWriter()
})

interface Item {
  readonly _index: string
  readonly _id: string | null
  readonly status: number
  readonly result?: string
  readonly error?: { readonly type: string; readonly reason: string }
}

function contextOf(body: string | Uint8Array, { params = {}, query = {} }: { params?: object; query?: object } = {}) {
  return {
    ...{ id: 'r', params, query, headers: {}, remoteAddress: '10.0.0.7', signal: new AbortController().signal },
    body: typeof body === 'string' ? Buffer.from(body) : body,
    identity: {
      ...{ kind: 'ingest_key', name: 'key', permissions: new Set(['ingest']), projects: new Set() },
      project: defaultProject,
    },
  } as unknown as Parameters<DocumentWriter['bulk']>[0]
}

async function bulk(lines: readonly string[], options?: Parameters<typeof contextOf>[1]) {
  const answer = await writer.bulk(contextOf(lines.map((line) => `${line}\n`).join(''), options))
  const body = JSON.parse(Buffer.from(answer.body as Uint8Array).toString()) as {
    readonly errors: boolean
    readonly took: number
    readonly items: readonly Readonly<Record<string, Item>>[]
  }
  return { ...body, items: (body.items ?? []).map((item) => Object.values(item)[0] as Item), raw: body, answer }
}

async function refusalOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  if (!(error instanceof AppError)) throw new Error('it was not refused')
  return error
}

describe('_bulk', () => {
  it('stores documents with their index, and answers each in its place with the id that queries know', async () => {
    const { errors, items } = await bulk(
      [
        '{"index":{"_index":"wagob-logs-2026.11.22"}}',
        doc('first', { level: 'error', userId: 7 }),
        '{"create":{}}',
        doc('second'),
      ],
      { params: { index: 'app' } },
    )
    expect(errors).toBe(false)
    expect(items).toMatchObject([
      { _index: 'wagob-logs-2026.11.22', status: 201, result: 'created' },
      { _index: 'app', status: 201, result: 'created' },
    ])
    expect(items[0]?._id).toMatch(/^1780315140000000000-\d+$/)
    expect(logs.lines.map(({ body, resource }) => [body, resource.get('index')])).toEqual([
      ['first', 'wagob-logs-2026.11.22'],
      ['second', 'app'],
    ])
    expect(logs.lines[0]).toMatchObject({ severity: 17, user: '7' })
  })

  it('keeps the others where one line is bad, and its item says which failed', async () => {
    const lines = Array.from({ length: 2000 }, (_, i) => ['{"create":{"_index":"a"}}', doc(`line ${i}`)]).flat()
    lines[2001] = '{"@timestamp":"2026-06-01T11:59:00Z","message":'
    const { errors, items } = await bulk(lines)
    expect(errors).toBe(true)
    expect(items.filter(({ status }) => status === 201)).toHaveLength(1999)
    expect(items[1000]).toMatchObject({ status: 400, error: { type: 'document_parsing_exception' } })
    expect(items[1000]?.error?.reason).toContain('[2002:')
    expect(logs.lines).toHaveLength(1999)
  })

  it('refuses what a data stream refuses, item by item', async () => {
    const { items } = await bulk([
      '{"update":{"_index":"a","_id":"1"}}',
      '{"doc":{"message":"changed"}}',
      '{"delete":{"_index":"a","_id":"1"}}',
      '{"index":{"_index":"Big","_id":"1"}}',
      doc('capital'),
      `{"index":{"_index":"a","_id":"${'x'.repeat(513)}"}}`,
      doc('long id'),
      '{"create":{"_index":"a"}}',
      '["no object"]',
      '{"create":{"_index":"a"}}',
      doc('kept'),
    ])
    expect(items.map(({ status, error }) => error?.type ?? status)).toEqual([
      ...['illegal_argument_exception', 'illegal_argument_exception', 'invalid_index_name_exception'],
      ...['illegal_argument_exception', 'document_parsing_exception', 201],
    ])
    expect(logs.lines.map(({ body }) => body)).toEqual(['kept'])
  })

  it.each([
    ['no newline at the end', '{"index":{"_index":"a"}}\n{"message":"x"}', 'must be terminated by a newline'],
    [
      'an action without a document',
      `{"index":{"_index":"a"}}\n${doc('x')}\n{"index":{"_index":"a"}}\n`,
      'line [3]: there is no document',
    ],
    [
      'a document in the place of an action',
      `{"index":{"_index":"a"}}\n${doc('x')}\n${doc('y')}\n{}\n`,
      'line [3]: expected one of create',
    ],
    ['an action that is no JSON', '{"index":\n{}\n', 'Malformed action/metadata line [1]'],
    ['no index', `{"index":{}}\n${doc('x')}\n`, 'index is missing'],
    ['nothing', '', 'request body is required'],
    ['a string as action', '"index"\n{}\n', 'Malformed action/metadata line [1]'],
  ])('stores nothing of a request with %s', async (_what, body, message) => {
    const error = await refusalOf(writer.bulk(contextOf(body)))
    expect(error).toMatchObject({ code: 'ingest.bad_body' })
    expect(error.message).toContain(message)
    expect(logs.lines).toEqual([])
  })

  it('stores a document with an id once: create says conflict, index the same again is nothing new', async () => {
    const create = ['{"create":{"_index":"a","_id":"one"}}', '{"message":"x"}']
    const { items: first } = await bulk(create)
    expect(first).toMatchObject([{ _id: 'one', status: 201 }])
    const { items: again, errors } = await bulk([...create, '{"create":{"_index":"a","_id":"two"}}', '{"message":"y"}'])
    expect(errors).toBe(true)
    expect(again).toMatchObject([
      { status: 409, error: { type: 'version_conflict_engine_exception' } },
      { status: 201 },
    ])
    const { items: indexed } = await bulk([
      ...['{"index":{"_index":"a","_id":"one"}}', '{"message":"x"}'],
      ...['{"index":{"_index":"a","_id":"one"}}', '{"message":"another"}'],
      ...['{"create":{"_index":"b","_id":"one"}}', '{"message":"elsewhere"}'],
    ])
    expect(indexed).toMatchObject([{ status: 200, result: 'noop' }, { status: 201 }, { status: 201 }])
    expect(logs.lines.map(({ body, attributes }) => [body, attributes.get('_id')])).toEqual([
      ['x', 'one'],
      ['y', 'two'],
      ['another', 'one'],
      ['elsewhere', 'one'],
    ])
  })

  it('forgets ids after a while, and does not remember what was not stored', async () => {
    const create = ['{"create":{"_index":"a","_id":"one"}}', doc('x')]
    logs.spool.refuseAppends = true
    await refusalOf(bulk(create))
    logs.spool.refuseAppends = false
    expect((await bulk(create)).items).toMatchObject([{ status: 201 }])
    await logs.clock.advance(3_601_000)
    expect((await bulk(create)).items).toMatchObject([{ status: 409 }])
    await logs.clock.advance(3_601_000)
    expect((await bulk(create)).items).toMatchObject([{ status: 201 }])
  })

  it('knows documents of before a start by what the store has of them', async () => {
    const first = ['{"create":{"_index":"a","_id":"one"}}', doc('x', { n: 7, tags: ['b', 'a'] })]
    const second = ['{"index":{"_index":"a","_id":"two"}}', '{"message":"without a time"}']
    await bulk([...first, ...second])
    const place = { timeNs: 0n, seq: 0n }
    documents.stored.push(...logs.lines.map((record) => ({ project: defaultProject, place, record })).reverse())
    await logs.clock.advance(60_000)
    writer = newWriter()
    const again = [first[0] as string, first[1] as string, ...second]
    expect((await bulk(again)).items.map(({ status }) => status)).toEqual([409, 200])
    const same = ['{"index":{"_index":"a","_id":"one"}}', first[1] as string]
    expect((await bulk(same)).items).toMatchObject([{ status: 200, result: 'noop' }])
    const other = ['{"index":{"_index":"a","_id":"one"}}', doc('y', { n: 7, tags: ['b', 'a'] })]
    expect((await bulk(other)).items).toMatchObject([{ status: 201, result: 'created' }])
    expect((await bulk(other)).items).toMatchObject([{ status: 200, result: 'noop' }])
    expect(logs.lines.map(({ body }) => body)).toEqual(['x', 'without a time', 'y'])
  })

  it('takes documents of an index that was deleted as new ones, also where the same request is sent', async () => {
    const lines = ['{"create":{"_index":"a","_id":"one"}}', doc('x')]
    await bulk(lines)
    documents.epochs.set('a', '1')
    expect((await bulk(lines)).items).toMatchObject([{ status: 201 }])
    expect(logs.lines).toHaveLength(2)
  })

  it('answers no more than filter_path names', async () => {
    const lines = ['{"index":{"_index":"a"}}', doc('x'), '{"index":{"_index":"a"}}', 'no JSON']
    const { raw } = await bulk(lines, { query: { filter_path: 'errors,items.*.error,items.*.status' } })
    expect(raw).toEqual({
      errors: true,
      items: [
        { index: { status: 201 } },
        { index: { status: 400, error: expect.objectContaining({ type: 'document_parsing_exception' }) } },
      ],
    })
    expect((await bulk(lines.slice(0, 2), { query: { filter_path: 'items.*.error' } })).raw).toEqual({})
    expect((await bulk(lines.slice(0, 2), { query: { filter_path: 'errors' } })).raw).toEqual({ errors: false })
  })

  it('wants an alias where one is required, and warns of pipelines', async () => {
    const lines = ['{"index":{"_index":"a","require_alias":true}}', doc('x'), '{"index":{"_index":"b"}}', doc('y')]
    expect((await bulk(lines)).items.map(({ status }) => status)).toEqual([404, 201])
    documents.aliases.push('a')
    const { items, answer } = await bulk(lines, { query: { pipeline: 'p' } })
    expect(items.map(({ status }) => status)).toEqual([201, 201])
    expect(answer.headers?.warning).toContain('not run')
  })

  it('passes over what stands behind the action, as winston-elasticsearch writes it', async () => {
    const { items } = await bulk(['{"index":{"_index":"a"},"_index":"b","timestamp":1}', doc('x')])
    expect(items).toMatchObject([{ _index: 'a', status: 201 }])
  })

  it('reads lines with returns, blank ones, and conflicting types of one field', async () => {
    const { items } = await bulk([
      '{"index":{"_index":"a"}}\r',
      `${doc('x', { code: 1 })}\r`,
      '',
      '{"index":{"_index":"a"}}',
      doc('y', { code: 'two' }),
    ])
    expect(items.map(({ status }) => status)).toEqual([201, 201])
    expect(logs.lines.map(({ attributes }) => attributes.get('code'))).toEqual([1, 'two'])
  })

  it('keeps a line whose clock is years off under its arrival, and one nested a thousand deep', async () => {
    const deep = `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`
    const { items } = await bulk([
      '{"index":{"_index":"a"}}',
      '{"@timestamp":"2091-01-01T00:00:00Z","message":"far"}',
      '{"index":{"_index":"a"}}',
      deep,
    ])
    expect(items.map(({ status }) => status)).toEqual([201, 201])
    expect(logs.lines[0]?.timeNs).toBe(BigInt(logs.clock.nowMs()) * 1_000_000n)
    expect(logs.lines[0]?.attributes.get('claimed_time')).toBe('2091-01-01T00:00:00.000Z')
  })
})

describe('_doc and _create', () => {
  const one = (
    body: string,
    params: object,
    query: object = {},
    operation: 'index' | 'create' = 'index',
  ): Promise<Answer> => writer.one(contextOf(body, { params, query }), operation)

  it('stores one document, pretty or not', async () => {
    const answer = await one(JSON.stringify({ '@timestamp': at, message: 'x' }, null, 2), { index: 'a' })
    expect(answer).toMatchObject({ status: 201, body: { _index: 'a', result: 'created' } })
    expect(answer.headers?.location).toMatch(/^\/a\/_doc\/1780315140000000000-\d+$/)
    expect(logs.lines).toMatchObject([{ body: 'x' }])
  })

  it('says conflict, fault and missing alias in its own shape', async () => {
    expect(await one(doc('x'), { index: 'a', id: '1' }, {}, 'create')).toMatchObject({
      status: 201,
      body: { _id: '1' },
    })
    expect(await one(doc('x'), { index: 'a', id: '1' }, {}, 'create')).toMatchObject({ status: 409 })
    expect(await one('[]', { index: 'a' })).toMatchObject({
      status: 400,
      body: { error: { type: 'document_parsing_exception' } },
    })
    expect(await one(doc('x'), { index: 'a' }, { require_alias: 'true' })).toMatchObject({ status: 404 })
    expect(await one(doc('x'), { index: '_x' })).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_index_name_exception' } },
    })
  })
})
