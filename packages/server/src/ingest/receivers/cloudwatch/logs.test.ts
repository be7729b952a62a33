import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestContext } from '../../../http/port.ts'
import { createLogger } from '../../../self/logger.ts'
import type { StateStore } from '../../../state/port.ts'
import { createStateStore } from '../../../state/store.ts'
import { fakeLogs } from '../../logs/fakes.ts'
import { CloudWatchLogs } from './logs.ts'
import { cloudwatchState } from './names.ts'
import { awsErrorBody, logsPrefix } from './wire.ts'

const nowMs = Date.UTC(2026, 5, 1, 12)
const hourMs = 3_600_000

const dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-cloudwatch-'))
let state: StateStore

beforeAll(async () => {
  const clock = new FakeClock(nowMs)
  const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
  const features = [cloudwatchState]
  state = await createStateStore({ dataDir, databaseUrl: undefined, env: {}, features, clock, logger })
})
afterAll(async () => {
  await state[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true })
})

function open() {
  const { intake, clock, lines } = fakeLogs({ clock: new FakeClock(nowMs) })
  const receiver = new CloudWatchLogs({ logs: intake, clock, state })
  const call = async (operation: string, content: unknown): Promise<unknown> => {
    const body = Buffer.from(JSON.stringify(content))
    const context: RequestContext<unknown, unknown, Uint8Array> = {
      ...{ id: 'r', params: {}, query: {}, body, remoteAddress: '10.0.0.7' },
      headers: { 'x-amz-target': logsPrefix + operation },
      identity: { kind: 'local', name: 'test', permissions: new Set(), projects: 'all', project: defaultProject },
      signal: new AbortController().signal,
    }
    const answer = await receiver.handle(context, content)
    expect(answer.headers).toMatchObject({ 'content-type': 'application/x-amz-json-1.1' })
    return JSON.parse(String(answer.body))
  }
  return { call, lines }
}

const named = { logGroupName: '/ecs/shop', logStreamName: 'task/1' }
const event = (timestamp: number, message = 'x') => ({ timestamp, message })

describe('PutLogEvents', () => {
  it('keeps messages as they are, with what they say of themselves', async () => {
    const { call, lines } = open()
    const message = '{"level":"error","msg":"a","trace_id":"0af7651916cd43dd8448eb211c80319c"}'
    const logEvents = [event(nowMs - 5, message), event(nowMs, 'ä')]
    expect(await call('PutLogEvents', { ...named, logEvents })).toEqual({ nextSequenceToken: '0' })
    expect(lines).toMatchObject([
      {
        ...{ body: message, service: 'shop', severity: 17, traceId: '0af7651916cd43dd8448eb211c80319c' },
        ...{
          timeNs: BigInt(nowMs - 5) * 1_000_000n,
          resource: new Map(Object.entries({ log_group: '/ecs/shop', log_stream: 'task/1' })),
        },
      },
      { body: 'ä', severity: 0 },
    ])
  })

  it('says which events are too old and too new, and keeps the others', async () => {
    const { call, lines } = open()
    const logEvents = [event(1), event(nowMs - 15 * 24 * hourMs), event(nowMs, 'kept'), event(nowMs + 3 * hourMs)]
    expect(await call('PutLogEvents', { ...named, logEvents })).toMatchObject({
      rejectedLogEventsInfo: { tooOldLogEventEndIndex: 2, tooNewLogEventStartIndex: 3 },
    })
    expect(lines.map(({ body }) => body)).toEqual(['kept'])
    const old = await call('PutLogEvents', { ...named, logEvents: [event(1)] })
    expect(old).toMatchObject({ rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 } })
  })

  it.each([
    [{ ...named, logEvents: [] }, 'logEvents'],
    [{ ...named, logEvents: [event(2), event(1)] }, 'logEvents.member.2: events must be in chronological order'],
    [{ ...named, logEvents: [event(nowMs - 30 * hourMs), event(nowMs)] }, 'within 24 hours'],
    [{ ...named, logGroupName: 'a b', logEvents: [event(1)] }, 'logGroupName: is not the name of a log group'],
    [{ ...named, logStreamName: 'a:b', logEvents: [event(1)] }, 'logStreamName: is not the name of a log stream'],
    [{ ...named, logEvents: [{ timestamp: 'now', message: 'x' }] }, 'logEvents.member.1.timestamp'],
    [{ ...named, logEvents: [event(1, '')] }, 'logEvents.member.1.message'],
    [5, 'the request'],
  ])('refuses %j', async (content, message) => {
    const { call, lines } = open()
    await expect(call('PutLogEvents', content)).rejects.toThrow(message)
    expect(lines).toEqual([])
  })
})

it('groups and streams are there once they were created or written to', async () => {
  const { call } = open()
  expect(await call('DescribeLogGroups', { logGroupNamePrefix: 'a' })).toEqual({ logGroups: [] })
  await call('CreateLogGroup', { logGroupName: 'a' })
  await call('CreateLogStream', { logGroupName: 'a', logStreamName: 's2' })
  await call('PutLogEvents', { logGroupName: 'a', logStreamName: 's1', logEvents: [event(nowMs)] })
  await call('PutRetentionPolicy', { logGroupName: 'a', retentionInDays: 7 })
  expect(await call('DescribeLogGroups', { logGroupNamePrefix: 'a' })).toMatchObject({
    logGroups: [{ logGroupName: 'a' }],
  })
  expect(await call('DescribeLogGroups', { logGroupNamePrefix: 'b' })).toEqual({ logGroups: [] })
  const streams = (more: object) => call('DescribeLogStreams', { logGroupName: 'a', ...more })
  expect(await streams({})).toMatchObject({ logStreams: [{ logStreamName: 's1' }, { logStreamName: 's2' }] })
  expect(await streams({ logStreamNamePrefix: 's2' })).toMatchObject({ logStreams: [{ logStreamName: 's2' }] })
})

it('answers errors in its own form', async () => {
  const { call } = open()
  await expect(call('DeleteLogGroup', {})).rejects.toMatchObject({ code: 'ingest.unknown_action' })
  const failure = { status: 400, code: 'ingest.bad_point', message: 'm', requestId: 'r' } as const
  expect(awsErrorBody(failure, { 'x-amz-target': `${logsPrefix}PutLogEvents` })).toEqual({
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'r' },
    body: JSON.stringify({ __type: 'InvalidParameterException', message: 'm' }),
  })
})
