import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, deflateSync } from 'node:zlib'
import {
  compressedFrame,
  dataFrame,
  jsonFrame,
  LumberjackClient,
  replayConversation,
  windowFrame,
  windowOf,
} from '@tidewatch/testkit/lumberjack.ts'
import { eventually } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { fakeLogs } from '../logs/fakes.ts'
import { beats } from './beats.ts'
import { openListener } from './listening/fakes.ts'

const recorded = readFileSync(join(import.meta.dirname, 'beats', 'fixtures', 'filebeat-8.txt'), 'utf8')
const event = (i: number) => ({ '@timestamp': `2026-06-01T11:00:00.${100 + i}Z`, message: `event ${i}` })
const acknowledged = (eventNumber: number, version = '2'): Buffer => {
  const frame = Buffer.from(`${version}A\0\0\0\0`, 'latin1')
  frame.writeUInt32BE(eventNumber, 2)
  return frame
}

test('a conversation of Filebeat, byte for byte; its metadata is no part of the events', async () => {
  await using port = await openListener(beats)
  await replayConversation(port.port('tcp'), recorded)
  const stack = (i: number): string => `order ${i + 1} placed\n  at checkout.ts:${i}\n  at cart.ts:1`
  expect(port.bodies.slice(0, 7)).toEqual(['order 1 placed', 'order 2 placed', ...[2, 3, 4, 5].map(stack), 'häger €'])
  const [first] = port.logs.lines
  expect([...(first?.attributes.keys() ?? [])]).toEqual([
    ...['input.type', 'ecs.version', 'host.name', 'agent.ephemeral_id', 'agent.id', 'agent.name', 'agent.type'],
    ...['agent.version', 'log.offset', 'log.file.path', 'log.file.device_id', 'log.file.inode'],
  ])
  expect(first?.timeNs).toBe(1780315190120000000n)
})

test('the window that comes again is known by its events, whatever its frames are', async () => {
  await using port = await openListener(beats)
  const hashes: (string | undefined)[] = []
  const { spool } = port.logs
  const append = spool.append.bind(spool)
  spool.append = (sections, options?: { readonly bodyHash?: string }) => {
    hashes.push(options?.bodyHash)
    return append(sections)
  }
  using client = await LumberjackClient.connect(port.port('tcp'))
  await client.send([event(1), event(2)])
  client.write(Buffer.concat([windowFrame(2), jsonFrame(11, event(1)), jsonFrame(12, event(2))]))
  expect(await client.read(6)).toEqual(acknowledged(12))
  await client.send([event(1), event(3)])
  expect(hashes[0]).toMatch(/^logs-0-/)
  expect(hashes[1]).toBe(hashes[0])
  expect(hashes[2]).not.toBe(hashes[0])
})

test('version 1 of logstash-forwarder: names and values', async () => {
  await using port = await openListener(beats)
  using client = await LumberjackClient.connect(port.port('tcp'))
  const frames = [
    dataFrame(7, { file: '/var/log/a.log', host: 'web-1', offset: '12', line: 'from v1' }),
    dataFrame(8, { message: 'as it is', line: '9' }),
  ]
  client.write(Buffer.concat([windowFrame(2, 1), compressedFrame(Buffer.concat(frames), 1)]))
  expect(await client.read(6)).toEqual(acknowledged(8, '1'))
  expect(port.bodies).toEqual(['from v1', 'as it is'])
  expect(port.logs.lines[0]?.attributes.get('file')).toBe('/var/log/a.log')
})

test('JSON lines and text come by the same port', async () => {
  await using port = await openListener(beats)
  await port.send('{"message":"a line"}\n2026-06-01 a text\n')
  await port.send('2')
  expect(await port.lines(3)).toEqual(['a line', '2026-06-01 a text', '2'])
})

test('nothing is acknowledged before it is stored, and a sender that waits hears that we are there', async () => {
  const logs = fakeLogs()
  await using port = await openListener(beats, {}, { logs })
  logs.spool.refuseAppends = true
  using client = await LumberjackClient.connect(port.port('tcp'))
  client.write(windowOf([event(1)]))
  expect(await client.read(6)).toEqual(acknowledged(0))
  expect(port.bodies).toEqual([])
  logs.spool.refuseAppends = false
  await eventually(async () => expect(await client.read(6)).toEqual(acknowledged(1)), { everyMs: 1 })
  expect(port.bodies).toEqual(['event 1'])
})

test('a large window is stored and acknowledged part by part', async () => {
  await using port = await openListener(beats)
  using client = await LumberjackClient.connect(port.port('tcp'))
  const many = Array.from({ length: 9000 }, (_, i) => event(i))
  await client.send(many)
  expect(port.bodies).toHaveLength(9000)
  expect(port.logs.intake.stats.requests).toBeGreaterThan(1)
})

test('who ends his side still hears; what is not whole is not kept', async () => {
  await using port = await openListener(beats)
  using client = await LumberjackClient.connect(port.port('tcp'))
  client.socket.end(Buffer.concat([windowOf([event(1)]), windowFrame(3), jsonFrame(1, event(2))]))
  expect(await client.read(12)).toEqual(acknowledged(1))
  expect(port.bodies).toEqual(['event 1'])
  await eventually(async () => expect(port.count('tidewatch_listener_losses_total', 'incomplete')).toBe(1))
})

test('a window that was announced too large is closed by the next', async () => {
  await using port = await openListener(beats)
  using client = await LumberjackClient.connect(port.port('tcp'))
  client.write(Buffer.concat([windowFrame(4_000_000_000), jsonFrame(1, event(1)), windowOf([event(2)])]))
  expect(await client.read(12)).toEqual(Buffer.concat([acknowledged(1), acknowledged(1)]))
  expect(port.bodies).toEqual(['event 1', 'event 2'])
})

const bomb = deflateSync(Buffer.alloc(64 << 20))
const wrong: readonly (readonly [string, Buffer])[] = [
  ['an event without a window', jsonFrame(1, event(1))],
  ['more events than the window has', Buffer.concat([windowFrame(0), jsonFrame(1, event(1))])],
  ['an unknown letter', Buffer.concat([windowFrame(1), Buffer.from('2Xabcd')])],
  ['an unknown version', Buffer.concat([windowFrame(1), Buffer.from('3Jabcd')])],
  ['an event that is too long', Buffer.concat([windowFrame(1), Buffer.from('2J\0\0\0\x01\x7f\xff\xff\xff', 'latin1')])],
  ['too many fields', Buffer.concat([windowFrame(1, 1), Buffer.from('1D\0\0\0\x01\x7f\xff\xff\xff', 'latin1')])],
  [
    'compressed in compressed',
    Buffer.concat([windowFrame(1), compressedFrame(compressedFrame(jsonFrame(1, event(1))))]),
  ],
  ['no zlib', Buffer.concat([windowFrame(1), Buffer.from('2C\0\0\0\x05hello', 'latin1')])],
  [
    'a bomb',
    Buffer.concat([windowFrame(1), Buffer.from([0x32, 0x43, 0, 0, bomb.length >> 8, bomb.length & 255]), bomb]),
  ],
  [
    'cut short within',
    Buffer.concat([windowFrame(1), compressedFrame(jsonFrame(1, event(1)).subarray(0, 20)), windowOf([event(2)])]),
  ],
]

test.each(wrong)('%s ends the connection, and no other', async (_name, bytes) => {
  await using port = await openListener(beats)
  using well = await LumberjackClient.connect(port.port('tcp'))
  await well.send([event(1)])
  using client = await LumberjackClient.connect(port.port('tcp'))
  client.write(bytes)
  expect(await client.read(1)).toHaveLength(0)
  expect(port.count('tidewatch_listener_faults_total', 'beats')).toBe(1)
  expect(port.told.join()).toContain('a connection cannot be read on')
  await well.send([event(2)])
  expect(port.bodies).toEqual(['event 1', 'event 2'])
})

test('bytes behind the end of a compressed stream do no harm', async () => {
  await using port = await openListener(beats)
  using client = await LumberjackClient.connect(port.port('tcp'))
  const deflated = Buffer.concat([
    deflateSync(jsonFrame(1, event(1)), { finishFlush: constants.Z_FINISH }),
    Buffer.from('more'),
  ])
  const frame = Buffer.concat([Buffer.from([0x32, 0x43, 0, 0, 0, deflated.length]), deflated])
  client.write(Buffer.concat([windowFrame(1), frame]))
  expect(await client.read(6)).toEqual(acknowledged(1))
  await client.send([event(2)])
  expect(port.bodies).toEqual(['event 1', 'event 2'])
})
