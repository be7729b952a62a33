import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { eventually } from '@tidewatch/testkit/server.ts'
import { describe, expect, test } from 'vitest'
import { fakeLogs } from '../logs/fakes.ts'
import { openListener } from './listening/fakes.ts'
import { logstash } from './logstash.ts'

const fixtures = join(import.meta.dirname, '..', '..', 'http', 'fixtures')

test('JSON lines by TCP, in pieces, the last one without its end; text is kept as a message', async () => {
  await using port = await openListener(logstash)
  const socket = await port.connect()
  socket.write('{"message":"one","level":"error","service":"cart","@timestamp":"2026-06-01T11:59:00.5Z"}\n{"mess')
  await port.lines(1)
  socket.write('age":"two"}\r\n\n  plain text\n[1]\n{"broken":\n')
  socket.end('{"message":"last"}')
  expect((await port.lines(6)).slice(1)).toEqual(['two', '  plain text', '[1]', '{"broken":', 'last'])
  const [first] = port.logs.lines
  expect(first).toMatchObject({ severity: 17, service: 'cart', timeNs: 1780315140500000000n })
  expect(first?.resource.get('host.ip')).toBe('127.0.0.1')
  expect(port.count('tidewatch_listener_lines_total', 'logstash')).toBe(6)
})

test('JSON lines by UDP, several in a packet', async () => {
  await using port = await openListener(logstash)
  await port.packets('{"message":"one"}\n{"message":"two"}\r\n', '{"message":"three"}', '', '\n\n')
  expect([...(await port.lines(3))].sort()).toEqual(['one', 'three', 'two'])
})

test('a line that is too long is cut and counted, and the next ones are read', async () => {
  await using port = await openListener(logstash, { max_line_bytes: '1KB' })
  await port.send(`{"message":"${'x'.repeat(3000)}"}\n{"message":"next"}\n`)
  const [cut, next] = await port.lines(2)
  expect(cut).toHaveLength(1024)
  expect(next).toBe('next')
  expect(port.count('tidewatch_listener_losses_total', 'cut_line')).toBe(1)
})

test('lines are batches: thousands of them are few requests', async () => {
  await using port = await openListener(logstash)
  await port.send(Array.from({ length: 10_000 }, (_, i) => `{"message":"line ${i}"}\n`).join(''))
  const bodies = await port.lines(10_000)
  expect(bodies.at(-1)).toBe('line 9999')
  expect(port.logs.intake.stats.requests).toBeLessThan(50)
})

describe('while the spool is full', () => {
  test('TCP waits, UDP loses and counts, and all that was read is there afterwards', async () => {
    const logs = fakeLogs()
    const { spool } = logs
    await using port = await openListener(logstash, { max_waiting_bytes: '1MB' }, { logs })
    spool.refuseAppends = true
    const count = 40_000
    const socket = await port.connect()
    socket.end(Array.from({ length: count }, (_, i) => `{"message":"line ${i} ${'x'.repeat(100)}"}\n`).join(''))
    await eventually(async () => expect(port.count('tidewatch_listener_pauses_total')).toBeGreaterThan(0))
    const read = port.count('tidewatch_listener_bytes_total', 'tcp')
    expect(read).toBeLessThan(4 << 20)
    await eventually(async () => {
      await port.packets('{"message":"lost"}')
      expect(port.count('tidewatch_listener_losses_total', 'no_room')).toBeGreaterThan(0)
    })
    spool.refuseAppends = false
    const bodies = await port.lines(count)
    expect(new Set(bodies).size).toBe(count)
  })
})

test('at its end what was read is stored', async () => {
  const port = await openListener(logstash)
  const socket = await port.connect()
  socket.write('{"message":"just come"}\n{"message":"not whole')
  await eventually(async () => expect(port.count('tidewatch_listener_bytes_total', 'tcp')).toBeGreaterThan(0), {
    everyMs: 1,
  })
  await port[Symbol.asyncDispose]()
  expect(port.bodies).toEqual(['just come'])
})

test('networks, too many connections, idle ones', async () => {
  {
    await using port = await openListener(logstash, { networks: ['10.0.0.0/8'] })
    await port.send('{"message":"no"}\n')
    await port.packets('{"message":"no"}')
    await eventually(async () => expect(port.count('tidewatch_listener_refused_total', 'network')).toBe(2))
    expect(port.bodies).toEqual([])
  }
  await using port = await openListener(logstash, { max_connections: 2, idle_timeout: '1s' })
  const sockets = [await port.connect(), await port.connect()]
  await eventually(async () => expect(port.count('tidewatch_listener_connections')).toBe(2))
  await port.send('{"message":"the third"}\n')
  expect(port.count('tidewatch_listener_refused_total', 'too_many')).toBe(1)
  for (const socket of sockets) {
    socket.resume()
    await new Promise<void>((resolve) => socket.once('end', () => resolve()))
  }
  expect(port.count('tidewatch_listener_refused_total', 'idle')).toBe(2)
  await port.send('{"message":"room again"}\n')
  expect(await port.lines(1)).toEqual(['room again'])
})

describe('TLS', () => {
  const tls = {
    ...{ address: '127.0.0.1:0', cert_file: join(fixtures, 'first.crt'), key_file: join(fixtures, 'first.key') },
  }
  const sendTls = (port: number, options: object): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
      socket.once('error', reject)
      socket.once('close', () => resolve())
      socket.once('secureConnect', () => socket.end('{"message":"sealed"}\n'))
      socket.resume()
    })

  test('lines come sealed, and who speaks no TLS is refused', async () => {
    await using port = await openListener(logstash, { tcp: 'off', udp: false, tls })
    await sendTls(port.port('tls'), {})
    expect(await port.lines(1)).toEqual(['sealed'])
    expect(port.count('tidewatch_listener_bytes_total', 'tls')).toBeGreaterThan(0)
  })

  test('only clients with a certificate of the authority', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tidewatch-listener-'))
    try {
      const [key, cert] = [join(dir, 'c.key'), join(dir, 'c.crt')]
      const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
      execFileSync('openssl', [...args, '-subj', '/CN=client', '-keyout', key, '-out', cert], { stdio: 'ignore' })
      const config = { tcp: 'off', udp: 'off', tls: { ...tls, client_ca_file: cert } }
      await using port = await openListener(logstash, config)
      await sendTls(port.port('tls'), {}).catch(() => undefined)
      await eventually(async () => expect(port.count('tidewatch_listener_refused_total', 'tls')).toBe(1))
      await sendTls(port.port('tls'), { key: readFileSync(key), cert: readFileSync(cert) })
      expect(await port.lines(1)).toEqual(['sealed'])
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})

test('settings are checked', async () => {
  const problems = (config: object): string => logstash.config.safeParse(config).error?.message ?? ''
  expect(problems({ tcp: 'here' })).toContain('not an address')
  expect(problems({ max_line_bytes: '1' })).toContain('not a size')
  expect(problems({ idle_timeout: '5' })).toContain('not a duration')
  expect(problems({ port: 5 })).not.toBe('')
  await expect(openListener(logstash, { tcp: 'off', udp: 'off' })).rejects.toThrow('names no port')
  await using port = await openListener(logstash, { udp: 'off' })
  const taken = { tcp: `127.0.0.1:${port.port('tcp')}`, udp: 'off' }
  await expect(openListener(logstash, taken)).rejects.toThrow('cannot be listened on')
})
