import { expect, test } from 'vitest'
import { openListener } from './listening/fakes.ts'
import { syslog } from './syslog.ts'

test('octet counting and line ends mixed on one connection, in pieces', async () => {
  await using port = await openListener(syslog)
  const socket = await port.connect()
  for (const byte of '9 <13>a: b\n<14>app: one\n12 <15>app: two<13>app: three\0')
    await new Promise<void>((resolve) => socket.write(byte, () => resolve()))
  socket.end('<13>app: last')
  expect(await port.lines(5)).toEqual(['b', 'one', 'two', 'three', 'last'])
  expect(port.logs.lines[0]?.resource).toEqual(
    new Map([
      ['host.name', '127.0.0.1'],
      ['process.name', 'a'],
    ]),
  )
})

test('times without a zone are of the zone that is configured', async () => {
  await using port = await openListener(syslog, { zone: 'Europe/Stockholm' })
  await port.packets(`<13>2026-06-01 13:30:00 web-1 app: x`)
  await port.lines(1)
  expect(port.logs.lines[0]?.timeNs).toBe(BigInt(Date.parse('2026-06-01T11:30:00Z')) * 1_000_000n)
  expect(syslog.config.safeParse({ zone: 'Mars/Olympus' }).error?.message).toContain('not a time zone')
})

test('fields behind @cee: are those of the record', async () => {
  await using port = await openListener(syslog)
  const cee = (json: string): string => `<14>1 2026-06-01T11:00:00Z web-1 shop 7 - - @cee: ${json}`
  await port.send(
    [
      cee('{"msg":"paid","level":"error","order":{"id":12},"user_id":"u1","@timestamp":"2026-06-01T10:59:59.5Z"}'),
      cee('{"order":13}'),
      cee('{"broken'),
    ].join('\n'),
  )
  await port.lines(3)
  const [paid, bare, broken] = port.logs.lines
  expect(paid).toMatchObject({ body: 'paid', severity: 17, service: 'shop', user: 'u1', timeNs: 1780311599500000000n })
  expect(Object.fromEntries(paid?.attributes ?? [])).toMatchObject({ 'order.id': 12, 'process.pid': '7' })
  expect(bare).toMatchObject({ body: '@cee: {"order":13}', severity: 9, timeNs: 1780311600000000000n })
  expect(broken?.body).toBe('@cee: {"broken')
})

test('a length beyond the limit ends the connection and is told', async () => {
  await using port = await openListener(syslog, { max_line_bytes: '1KB' })
  await port.send('7 <13>a:b5000 <13>too long')
  expect(await port.lines(1)).toHaveLength(1)
  expect(port.count('tidewatch_listener_faults_total', 'syslog')).toBe(1)
  expect(port.told.join()).toContain('frame too long')
})
