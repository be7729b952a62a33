// Long lines, by whichever way they come: others have the thread between any two of them.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { field, varintField } from '@tidewatch/testkit/write-request.ts'
import { expect, test } from 'vitest'
import type { Route } from '../../http/port.ts'
import { FileReader } from '../files/file-reader.ts'
import { followJournal } from '../files/journald.ts'
import { fakeLogs } from '../logs/fakes.ts'
import type { LogIntake } from '../logs/port.ts'
import { CloudWatchLogs } from './cloudwatch/logs.ts'
import { fakeDocuments } from './elasticsearch/fakes.ts'
import { DocumentWriter } from './elasticsearch/write-routes.ts'
import { gelfHttp } from './gelf-http.ts'
import { logLines } from './logs.ts'
import { loki } from './loki.ts'
import { otlpLogRoutes } from './otlp/logs.ts'

const lineCount = 20
const long = 'long line '.repeat(2000)
const lines = Array.from({ length: lineCount }, (_, i) => `${i} ${long}`)
const nowMs = Date.UTC(2026, 5, 1, 12)
const { signal } = new AbortController()

/** Between any two looks at it a slice is over. */
class BusyClock extends FakeClock {
  #looks = 0
  override monotonicMs(): number {
    return this.#looks++ * 1000
  }
}

interface Way {
  readonly logs: LogIntake
  readonly clock: BusyClock
}
type Send = (way: Way) => Promise<unknown>

const contextOf = (body: string | Uint8Array, type: string, headers: Readonly<Record<string, string>> = {}) => ({
  ...{ id: 'r', params: {}, query: {}, remoteAddress: '10.0.0.7', signal },
  body: typeof body === 'string' ? Buffer.from(body) : body,
  headers: { 'content-type': type, ...headers },
  identity: {
    ...({ kind: 'local', name: 'test', permissions: new Set(), projects: 'all', project: defaultProject } as const),
  },
})

const byRoute =
  (routesOf: (parts: never) => readonly Route[], body: string | Uint8Array, type: string): Send =>
  async (parts) =>
    await routesOf(parts as never)[0]?.handle(contextOf(body, type) as never)

const json = (value: unknown): string => JSON.stringify(value)
const ndjson = lines.map((message) => `${json({ message })}\n`).join('')
const entry = (text: string): Uint8Array =>
  field(2, Buffer.concat([field(1, varintField(1, nowMs / 1000)), field(2, text)]))
const lokiProtobuf = field(1, Buffer.concat([field(1, '{app="shop"}'), ...lines.map(entry)]))
const lokiJson = json({ streams: [{ stream: { app: 'shop' }, values: lines.map((text) => [`${nowMs}000000`, text]) }] })
const otlpProtobuf = field(1, field(2, Buffer.concat(lines.map((text) => field(2, field(5, field(1, text)))))))
const logRecords = lines.map((stringValue) => ({
  body: { kvlistValue: { values: [{ key: 'a', value: { stringValue } }] } },
}))
const otlpJson = json({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })

const cloudwatch: Send = ({ logs, clock }) => {
  const logEvents = lines.map((message) => ({ timestamp: nowMs, message }))
  const content = { logGroupName: 'shop', logStreamName: '1', logEvents }
  const context = contextOf(json(content), '', { 'x-amz-target': 'Logs_20140328.PutLogEvents' })
  return new CloudWatchLogs({ logs, clock, state: { database: () => ({}) } as never }).handle(context as never, content)
}
const bulk: Send = ({ logs, clock }) => {
  const body = lines.map((message) => `{"create":{"_index":"shop"}}\n${json({ message })}\n`).join('')
  const writer = new DocumentWriter({ ...fakeDocuments().parts, logs, clock, count: () => undefined })
  return writer.bulk(contextOf(body, 'application/x-ndjson') as never)
}
const file =
  (format: 'auto' | 'docker', text: string): Send =>
  ({ logs, clock }) => {
    const bytes = Buffer.from(text)
    const position = { ...{ id: 'a', source: 's', path: '/a.log', device: 1n, inode: 1n, fingerprint: '' } }
    const whole = { fingerprintBytes: 0, position: 0, pendingEnd: undefined, isWithinLine: false, isDone: false }
    const reader = new FileReader(
      { ...position, ...whole },
      {
        ...{ clock, positions: { save: async () => undefined }, counts: { lines: 0, bytes: 0, cutLines: 0 } },
        origin: { service: 'shop', resource: new Map() },
        source: {
          ...{ key: 'test', patterns: [], exclude: [], format, project: defaultProject, start: 'beginning', logs },
          ...{ multiline: undefined, maxLineBytes: 100_000, ignoreOlderMs: undefined },
          describe: async () => ({ service: 'shop', resource: new Map() }),
        },
      },
    )
    const read = async (from: number): Promise<Uint8Array> => bytes.subarray(from)
    const source = { read, [Symbol.asyncDispose]: async () => undefined }
    return reader.step(source, { signal, isEnd: true, isWhole: true })
  }
const journald: Send = async ({ logs, clock }) => {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'))
  try {
    const stop = new AbortController()
    const entries = lines.map((MESSAGE, i) => json({ __REALTIME_TIMESTAMP: `${nowMs}000`, __CURSOR: `${i}`, MESSAGE }))
    writeFileSync(join(folder, 'entries'), `${entries.join('\n')}\n`)
    const command = join(folder, 'journalctl')
    writeFileSync(command, `#!/bin/sh\nexec cat ${join(folder, 'entries')}\n`)
    chmodSync(command, 0o755)
    const logger = { debug() {}, info() {}, error() {}, warn: () => stop.abort(), child: () => logger }
    await followJournal(
      {
        ...{ logs, clock, logger, counts: { lines: 0, bytes: 0, cutLines: 0 } },
        settings: { project: defaultProject, command, units: [], directory: undefined, start: 'beginning' },
        cursor: { read: async () => undefined, save: async () => undefined },
      },
      stop.signal,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const ways: readonly (readonly [name: string, send: Send])[] = [
  ['NDJSON', byRoute(logLines.routes, ndjson, 'application/x-ndjson')],
  ['a JSON array', byRoute(logLines.routes, json(lines.map((message) => ({ message }))), 'application/json')],
  ['text', byRoute(logLines.routes, lines.join('\n'), 'text/plain')],
  ['Loki, protobuf', byRoute(loki.routes, lokiProtobuf, 'application/x-protobuf')],
  ['Loki, JSON', byRoute(loki.routes, lokiJson, 'application/json')],
  ['OTLP, protobuf', byRoute(otlpLogRoutes, otlpProtobuf, 'application/x-protobuf')],
  ['OTLP, JSON', byRoute(otlpLogRoutes, otlpJson, 'application/json')],
  [
    'GELF',
    byRoute(
      gelfHttp.routes,
      lines.map((short_message) => json({ version: '1.1', host: 'a', short_message })).join('\n'),
      'application/json',
    ),
  ],
  ['CloudWatch', cloudwatch],
  ['a bulk', bulk],
  ['a file', file('auto', `${lines.join('\n')}\n`)],
  ['a container', file('docker', lines.map((log) => `${json({ log: `${log}\n`, stream: 'stdout' })}\n`).join(''))],
  ['the journal', journald],
]

test.each(ways)('%s', async (_name, send) => {
  const clock = new BusyClock(nowMs)
  const { intake, lines: stored } = fakeLogs({ clock })
  let turns = 0
  let isOver = false
  const other = (): void => {
    turns++
    if (!isOver) setImmediate(other)
  }
  setImmediate(other)
  await send({ logs: intake, clock })
  isOver = true
  expect(stored).toHaveLength(lineCount)
  expect(turns).toBeGreaterThanOrEqual(lineCount)
})
