import { AppError } from '@tidewatch/core/error.ts'
import { logRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import type { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import type { SocketContext, SocketRoute, TextSocket } from '../../../http/port.ts'
import { fakeLogs } from '../../../ingest/logs/fakes.ts'
import type { LogReader } from '../../../store/port.ts'
import { createLokiTail } from './tail.ts'

/** A store in which nothing is yet. */
const emptyReader = {
  async *search() {
    yield* []
  },
  streams: () => Promise.resolve([]),
} as unknown as LogReader

interface Message {
  readonly streams: readonly {
    readonly stream: Record<string, string>
    readonly values: readonly (readonly [string, string])[]
  }[]
  readonly dropped_entries?: readonly { readonly labels: Record<string, string>; readonly timestamp: string }[]
}

async function follow(query: string) {
  const { intake, clock } = fakeLogs()
  const { open } = createLokiTail({
    queries: { reader: emptyReader, projects: () => [defaultProject] },
    feed: intake,
    clock,
  })
  const store = async (bodies: readonly string[], service = 'shop'): Promise<void> => {
    using request = intake.begin({ project: defaultProject, sender: 'test' })
    for (const body of bodies) request.add(logRecord({ body, service }))
    await request.store()
  }
  return { ...(await followBy(open, clock, query)), clock, store, open }
}

async function followBy(open: SocketRoute['open'], clock: FakeClock, query: string) {
  const over = new AbortController()
  const sent: Message[] = []
  const state = { unsent: 0 }
  const socket: TextSocket = {
    signal: over.signal,
    get bufferedBytes() {
      return state.unsent
    },
    send: (text) => void sent.push(JSON.parse(text)),
    close: (reason) => expect.unreachable(reason),
  }
  const identity = {
    kind: 'local',
    name: 'a',
    permissions: new Set(['view']),
    projects: 'all',
    project: defaultProject,
  } as const
  const context: SocketContext = {
    query: { query },
    headers: {},
    identity,
    remoteAddress: '',
    signal: over.signal,
  } as SocketContext
  const begin = await open(context)
  begin(socket)
  await clock.advance(200)
  return { sent, state, over }
}

test('lines of the query as they are accepted', async () => {
  const { sent, clock, store, over } = await follow('{service="shop"} |= "sold"')
  await store(['sold 1', 'bought'])
  await store(['sold elsewhere'], 'other')
  await clock.advance(200)
  expect(sent).toEqual([
    { streams: [expect.objectContaining({ values: [[expect.stringMatching(/^\d{19}$/), 'sold 1']] })] },
  ])
  over.abort(new AppError('internal.cancelled', 'gone'))
  await store(['sold 2'])
  await clock.advance(200)
  expect(sent).toHaveLength(1)
})

test('who reads slowly gets what fits, and hears what was left out', async () => {
  const { sent, state, clock, store, over } = await follow('{service="shop"}')
  state.unsent = 2 << 20
  await store(Array.from({ length: 2500 }, (_, i) => `line ${i}`))
  await clock.advance(1000)
  expect(sent).toEqual([])
  state.unsent = 0
  await clock.advance(200)
  const [message] = sent
  expect(message?.streams.flatMap(({ values }) => values).length).toBeLessThanOrEqual(1000)
  expect(message?.dropped_entries?.length).toBeGreaterThan(0)
  expect(message?.dropped_entries?.length).toBeLessThanOrEqual(100)
  over.abort(new AppError('internal.cancelled', 'gone'))
})

test('many follow: each gets its own lines, and goes when it likes', async () => {
  const { sent, clock, store, over, open } = await follow('{service="shop"}')
  const others = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      followBy(open, clock, i % 2 === 0 ? '{service="shop"} |= "1"' : '{service="bank"}'),
    ),
  )
  const linesOf = (messages: readonly Message[]): readonly string[] =>
    messages.flatMap(({ streams }) => streams.flatMap(({ values }) => values.map(([, line]) => line)))
  await store(['line 1', 'line 2'])
  await store(['paid'], 'bank')
  await clock.advance(200)
  expect(linesOf(sent)).toEqual(['line 1', 'line 2'])
  for (const [i, other] of others.entries()) expect(linesOf(other.sent)).toEqual(i % 2 === 0 ? ['line 1'] : ['paid'])
  for (const other of others) other.over.abort(new AppError('internal.cancelled', 'gone'))
  await clock.advance(200)
  await store(['line 11'])
  await clock.advance(200)
  expect(linesOf(sent)).toEqual(['line 1', 'line 2', 'line 11'])
  for (const other of others) expect(other.sent).toHaveLength(1)
  over.abort(new AppError('internal.cancelled', 'gone'))
})
