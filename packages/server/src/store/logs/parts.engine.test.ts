import { type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { everything, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { logTables } from '../tables/registry.ts'
import { openTestingStore } from '../testing-store.ts'
import { createLogParts } from './parts.ts'
import type { LogFilter, LogReader, LogSearch } from './port.ts'
import { createLogReader } from './reader.ts'
import { loadLines } from './testing-lines.ts'

const { signal } = new AbortController()
const startNs = 1_795_000_000_000_000_000n
const range = { projects: [defaultProject], fromNs: startNs, toNs: startNs + 1000n }
const store = await openTestingStore(logTables)
const { client } = store
afterAll(() => store[Symbol.asyncDispose]())

beforeAll(async () => {
  await loadLines(client, [{ record: logRecord({ body: 'a', timeNs: startNs }), project: defaultProject }])
})

it('a question waits until a few new lines are known', async () => {
  const known = await createLogParts(client).of(range, { fresh: true, signal })
  expect(known).toMatchObject({ rows: 1, arePlain: true, whole: [expect.any(String)] })
})

it('of many new lines it goes without, and those after it know them', async () => {
  const parts = createLogParts(client, { awaitedRows: 0 })
  const ask = () => parts.of(range, { fresh: false, signal })
  expect(await ask()).toMatchObject({ rows: 1, arePlain: false, whole: [] })
  await vi.waitFor(
    async () => expect(await ask()).toMatchObject({ arePlain: true, whole: [expect.any(String)] }),
    30_000,
  )
})

it('lines that are not plain are found and counted as soon as they are there, whatever was known before', async () => {
  const reader = createLogReader(client)
  const words: Predicate = testOf(
    { kind: 'column', column: 'body' },
    { op: 'equals', unit: 'token', values: ['a', '1,234'] },
  )
  const filter = { ...range, predicate: words }
  expect([await found(reader, filter), await reader.count(filter, { signal })]).toEqual([['a'], 1])
  const record = logRecord({ body: 'été 1,234', timeNs: startNs + 1n })
  await loadLines(client, [{ record, project: defaultProject }])
  expect(await found(reader, filter)).toEqual(['été 1,234', 'a'])
  await loadLines(client, [{ record, project: defaultProject }])
  expect(await reader.count(filter, { signal })).toBe(3)
})

it('what is in a line is shown as soon as it is there, whatever no line had before', async () => {
  const reader = createLogReader(client)
  const wide = { ...range, fromNs: startNs + 10_000n, toNs: startNs + 20_000n, predicate: everything }
  const load = (at: bigint, more: Partial<LogRecord>) =>
    loadLines(client, [{ record: logRecord({ body: 'b', timeNs: startNs + at, ...more }), project: defaultProject }])
  const shown = async (direction: LogSearch['direction']): Promise<unknown[]> => {
    const lines: unknown[] = []
    for await (const step of reader.search({ ...wide, direction, limit: 10 }, { signal }))
      lines.push(
        ...step.lines.map(({ record: { wallet, environment, resource } }) => [wallet, environment, [...resource]]),
      )
    return lines
  }
  const first = ['', '', []]
  await load(10_001n, {})
  expect(await shown('backward')).toEqual([first])
  const second = ['EQ1', 'prod', [['host', 'h1']]]
  await load(10_002n, { wallet: 'EQ1', environment: 'prod', resource: new Map([['host', 'h1']]) })
  expect(await shown('forward')).toEqual([first, second])
  expect(await shown('backward')).toEqual([second, first])
  await client.command('OPTIMIZE TABLE logs FINAL', { signal })
  await load(10_000n, { environment: 'dev' })
  expect(await shown('backward')).toEqual([second, first, ['', 'dev', []]])
})

async function found(reader: LogReader, filter: LogFilter): Promise<string[]> {
  const bodies: string[] = []
  for await (const { lines } of reader.search({ ...filter, direction: 'backward', limit: 10 }, { signal }))
    bodies.push(...lines.map(({ record }) => record.body))
  return bodies
}
