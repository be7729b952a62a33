// What anybody on the network can throw at the StatsD port: a real socket, and what is stored of it.
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { systemClock } from '@tidewatch/core/clock.ts'
import { eventually } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fakeParts } from '../../packages/server/src/ingest/fakes.ts'
import { fakeLogs } from '../../packages/server/src/ingest/logs/fakes.ts'
import type { OpenListener } from '../../packages/server/src/ingest/port.ts'
import { statsd } from '../../packages/server/src/ingest/receivers/statsd.ts'
import { createLogger } from '../../packages/server/src/self/logger.ts'
import { createMetrics } from '../../packages/server/src/self/metrics.ts'

const maxSeries = 500
const lines: string[] = []
const logger = createLogger({ clock: systemClock, format: 'json', level: 'info', write: (line) => lines.push(line) })
const metrics = createMetrics({ logger })
const openCertificate = (): Promise<never> => Promise.reject(new Error('StatsD has none'))
let listener: OpenListener
let port: number
const sockets: Socket[] = []

beforeAll(async () => {
  const { acceptor } = fakeParts()
  const { intake: logs } = fakeLogs()
  const config = statsd.config.parse({ address: '127.0.0.1:0', flush_interval: '1s', max_series: maxSeries })
  listener = await statsd.open(config, { acceptor, logs, clock: systemClock, logger, metrics, openCertificate })
  port = Number(listener.address.split(':').at(-1))
})
afterAll(async () => {
  for (const socket of sockets) socket.close()
  await listener[Symbol.asyncDispose]()
})

async function send(packets: readonly (string | Uint8Array)[]): Promise<void> {
  const socket = createSocket('udp4')
  sockets.push(socket)
  for (const packet of packets)
    await new Promise<void>((resolve, reject) =>
      socket.send(packet, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))),
    )
}

const count = (name: string, outcome?: string): number =>
  metrics
    .render()
    .filter((one) => one.name === name && (outcome === undefined || one.labels.outcome === outcome))
    .reduce((sum, { value }) => sum + value, 0)
const lineCount = (outcome: string): number => count('tidewatch_statsd_lines_total', outcome)

/** A right line still counts. */
async function isWell(): Promise<void> {
  const before = lineCount('accepted')
  await eventually(async () => {
    await send(['well:1|c'])
    if (lineCount('accepted') === before) throw new Error('it is not taken')
  })
}

test('lines that are none are counted, told once, and keep nothing of a packet from being taken', async () => {
  const bad = [
    ...[
      '',
      ':',
      '|',
      'a',
      'a:',
      'a:1',
      'a:1|',
      'a:1|x',
      ':1|c',
      'a:b|c',
      'a:1e999|c',
      'a:1|c|@0',
      'a:1|c|@-1',
      'a:NaN|g',
    ],
    ...['a:1|c|#' + ','.repeat(1000), 'a:1|c|#:::,::', `${'n'.repeat(9000)}:1|c`, `a:1|c|#${'t'.repeat(9000)}`],
    ...['a:1:2:3:|c', 'a:\0|c', 'ä\xff:1|c', '_e{5,5}:title', '_sc|x', 'a:1|c|@0.5|@0.5'],
  ]
  const before = lineCount('accepted')
  await send([[...bad, 'beside.them:1|c'].join('\n')])
  await eventually(async () => {
    if (lineCount('accepted') === before) throw new Error('the good one is not there')
  })
  expect(lineCount('malformed')).toBeGreaterThan(5)
  await send(Array.from({ length: 50 }, () => 'no statsd at all'))
  await isWell()
  // one example a minute, not a line of log for each
  expect(lines.filter((line) => line.includes('a line is no StatsD'))).toHaveLength(1)
})

test('bytes of chance, empty packets and the largest there are', async () => {
  await send([
    ...Array.from({ length: 200 }, (_, i) => randomBytes(i * 7)),
    new Uint8Array(0),
    Buffer.alloc(65_000, 'x'),
    Buffer.alloc(65_000, '\n'),
    Buffer.alloc(65_000, 'a:1|c\n'),
    `a:${'1:'.repeat(30_000)}1|c`,
  ])
  await isWell()
})

test('cut off anywhere a line does no harm', async () => {
  const line = 'cart.checkout:12.5:3|ms|@0.5|#shop:a b,chain:ton|T1656581400|c:abc'
  await send(Array.from({ length: line.length }, (_, i) => line.slice(0, i)))
  await isWell()
})

test('a flood of new metrics ends at the limit, and known ones go on', async () => {
  const names = Array.from({ length: 100 }, (_, p) =>
    Array.from({ length: 100 }, (_, i) => `flood.${p}.${i}:1|c|#user:${p * 100 + i}`).join('\n'),
  )
  await isWell()
  // UDP may lose some
  await eventually(async () => {
    await send(names)
    if (lineCount('too_many_series') === 0) throw new Error('the limit is not reached')
  })
  await isWell()
  await eventually(async () => {
    const kept = count('tidewatch_statsd_metrics')
    if (kept === 0) throw new Error('nothing was flushed yet')
    expect(kept).toBeLessThanOrEqual(maxSeries)
  })
  expect(lines.filter((line) => line.includes('there is no room for another metric'))).toHaveLength(1)
})

test('one name as another type is left out and told', async () => {
  await send(['well:1|g', 'well:x|s', 'well:3|ms'])
  await eventually(async () => {
    if (lineCount('conflict') === 0) throw new Error('it is not seen yet')
  })
  await isWell()
})

test('who is in no network of the configuration is not read', async () => {
  const config = statsd.config.parse({ address: '127.0.0.1:0', networks: ['10.0.0.0/8'] })
  const own = createMetrics({ logger })
  const { acceptor } = fakeParts()
  const { intake: logs } = fakeLogs()
  const closed = await statsd.open(config, {
    acceptor,
    logs,
    clock: systemClock,
    logger,
    metrics: own,
    openCertificate,
  })
  const socket = createSocket('udp4')
  sockets.push(socket)
  try {
    await eventually(async () => {
      socket.send('a:1|c', Number(closed.address.split(':').at(-1)), '127.0.0.1')
      const refused = own.render().find(({ name }) => name === 'tidewatch_statsd_packets_refused_total')
      if (!(Number(refused?.value) > 0)) throw new Error('no packet came yet')
    })
    expect(own.render().find(({ name }) => name === 'tidewatch_statsd_packets_total')?.value).toBe(0)
  } finally {
    await closed[Symbol.asyncDispose]()
  }
})
