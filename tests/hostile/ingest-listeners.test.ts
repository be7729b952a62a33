// What anybody in an allowed network can do to the ports for lines of logs: real sockets, and beside each a sender who must not notice.
import { randomBytes } from 'node:crypto'
import { createConnection, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { compressedFrame, jsonFrame, LumberjackClient, windowFrame } from '@tidewatch/testkit/lumberjack.ts'
import { eventually } from '@tidewatch/testkit/server.ts'
import { describe, expect, test } from 'vitest'
import { beats } from '../../packages/server/src/ingest/receivers/beats.ts'
import { gelf } from '../../packages/server/src/ingest/receivers/gelf.ts'
import { openListener, type TestListener } from '../../packages/server/src/ingest/receivers/listening/fakes.ts'
import { logstash } from '../../packages/server/src/ingest/receivers/logstash.ts'
import { syslog } from '../../packages/server/src/ingest/receivers/syslog.ts'

const mebibyte = 1 << 20
let wells = 0

/** Another sender, who is heard at once. */
async function isWell(port: TestListener): Promise<void> {
  const text = `well ${wells++}`
  await port.send(`{"message":"${text}","short_message":"${text}"}\n\0`)
  await eventually(async () => expect(port.bodies.some((body) => body.includes(text))).toBe(true))
}

/** Writes as fast as it is read. */
async function pour(socket: Socket, chunk: Uint8Array, times: number): Promise<void> {
  for (let i = 0; i < times && !socket.destroyed; i++)
    if (!socket.write(chunk))
      await new Promise<void>((resolve) => {
        const go = (): void => {
          socket.off('drain', go).off('close', go)
          resolve()
        }
        socket.on('drain', go).on('close', go)
      })
}

describe.each([
  ['logstash', logstash],
  ['beats', beats],
  ['syslog', syslog],
  ['gelf', gelf],
] as const)('%s', (_kind, definition) => {
  test('a line of 100 MB is cut, takes little memory, and the next one is read', async () => {
    await using port = await openListener(definition)
    const socket = await port.connect()
    const before = process.memoryUsage().rss
    const chunk = Buffer.alloc(mebibyte, 'x')
    for (let part = 0; part < 10; part++) {
      await pour(socket, chunk, 10)
      await isWell(port)
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * mebibyte)
    socket.end('\n\0{"message":"behind it","short_message":"behind it"}\n\0')
    await eventually(async () => expect(port.bodies.some((body) => body.includes('behind it'))).toBe(true))
    expect(port.count('tidewatch_listener_losses_total', 'cut_line')).toBe(1)
    expect(Math.max(...port.bodies.map(({ length }) => length))).toBeLessThanOrEqual(mebibyte)
  })

  test('bytes of chance, invalid UTF-8 and cut connections', async () => {
    await using port = await openListener(definition)
    for (let i = 0; i < 100; i++) {
      const socket = await port.connect()
      socket.write(randomBytes(i * 37))
      if (i % 3 === 0) socket.resetAndDestroy()
      else socket.end()
      socket.resume()
    }
    await port.send(
      Buffer.concat([Buffer.from('{"message":"', 'latin1'), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('"}\n\0')]),
    )
    await isWell(port)
    await eventually(async () => expect(port.count('tidewatch_listener_connections')).toBe(0))
  })

  test('half-closed and slow senders hold nobody up', async () => {
    await using port = await openListener(definition)
    const halves: Socket[] = []
    for (let i = 0; i < 50; i++) {
      const socket = await port.connect()
      socket.write('{"mess')
      // ends its side and never reads; the other half never says anything more
      if (i % 2 === 0) socket.end()
      halves.push(socket)
    }
    await isWell(port)
    await eventually(async () => expect(port.count('tidewatch_listener_connections')).toBeLessThanOrEqual(25))
    for (const socket of halves) socket.destroy()
    await eventually(async () => expect(port.count('tidewatch_listener_connections')).toBe(0))
  })

  test('many who begin lines and never end them do not take the memory of the others', async () => {
    await using port = await openListener(definition, { max_waiting_bytes: '4MB' })
    const sockets = await Promise.all(Array.from({ length: 20 }, () => port.connect()))
    await Promise.all(sockets.map((socket) => pour(socket, Buffer.alloc(900_000, 'y'), 1)))
    await eventually(async () => expect(port.count('tidewatch_listener_refused_total', 'no_room')).toBeGreaterThan(0))
    await isWell(port)
    for (const socket of sockets) socket.destroy()
  })
})

test('nesting 1,000 deep, 100,000 names, types that conflict', async () => {
  await using port = await openListener(logstash, { max_line_bytes: '8MB' })
  const deep = `{"message":"deep","a":${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}}`
  const wide = `{"message":"wide",${Array.from({ length: 100_000 }, (_, i) => `"field_${i}":${i}`).join(',')}}`
  const conflicts = ['1', '"text"', 'true', 'null', '[1,"a"]', '{"b":1}'].map((v) => `{"message":"conflict","a":${v}}`)
  const brackets = '['.repeat(100_000)
  await port.send([deep, wide, ...conflicts, brackets, `{"a":${brackets}`].join('\n'))
  const bodies = await port.lines(10)
  expect(bodies.filter((body) => body === 'conflict')).toHaveLength(6)
  expect(bodies.slice(0, 2)).toEqual(['deep', 'wide'])
  expect(port.logs.lines[1]?.attributes.size).toBeLessThanOrEqual(2000)
  await isWell(port)
})

describe('lumberjack', () => {
  const event = { '@timestamp': '2026-06-01T11:00:00Z', message: 'sent' }

  test('a bomb of events that are real ends at what may be kept, part by part', async () => {
    await using port = await openListener(beats)
    using well = await LumberjackClient.connect(port.port('tcp'))
    using client = await LumberjackClient.connect(port.port('tcp'))
    const large = jsonFrame(1, { ...event, filler: 'z'.repeat(900_000) })
    client.write(
      Buffer.concat([windowFrame(200), compressedFrame(Buffer.concat(Array.from({ length: 200 }, () => large)))]),
    )
    await well.send([event])
    await eventually(async () => expect(port.bodies.length).toBeGreaterThanOrEqual(201))
  })

  test('windows of every size but the right one', async () => {
    await using port = await openListener(beats)
    for (const size of [0, 1, 3, 0x7fffffff, 0xffffffff]) {
      using client = await LumberjackClient.connect(port.port('tcp'))
      client.socket.end(Buffer.concat([windowFrame(size), jsonFrame(1, event), jsonFrame(2, event)]))
      // whatever is acknowledged is stored
      const frame = await client.read(6)
      if (frame.length === 6) expect(port.bodies.length).toBeGreaterThan(0)
    }
    using well = await LumberjackClient.connect(port.port('tcp'))
    await well.send([event])
  })

  test('who never reads acknowledgements does not hold up others, nor the end', async () => {
    const port = await openListener(beats)
    const deaf = createConnection({ port: port.port('tcp'), host: '127.0.0.1' })
    deaf.on('error', () => undefined)
    deaf.pause()
    const small = Buffer.concat([windowFrame(1), jsonFrame(1, event)])
    deaf.write(Buffer.concat(Array.from({ length: 2000 }, () => small)))
    using well = await LumberjackClient.connect(port.port('tcp'))
    await well.send([event])
    await port[Symbol.asyncDispose]()
    deaf.destroy()
  })
})

test('GELF: pieces that never become whole, and bombs', async () => {
  await using port = await openListener(gelf)
  const bomb = gzipSync(Buffer.alloc(40 * mebibyte))
  for (let round = 0; round < 20; round++) {
    const piece = (): Buffer =>
      Buffer.concat([Buffer.from([0x1e, 0x0f]), randomBytes(8), Buffer.from([0, 128]), randomBytes(1400)])
    await port.packets(...Array.from({ length: 100 }, piece), bomb.subarray(0, 40_000))
  }
  await isWell(port)
  await eventually(async () => {
    await port.packets('{"short_message":"by packet"}')
    expect(port.bodies).toContain('by packet')
  })
  expect(port.count('tidewatch_listener_losses_total', 'incomplete')).toBeGreaterThan(0)
})
