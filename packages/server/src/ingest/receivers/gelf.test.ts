import { randomBytes } from 'node:crypto'
import { deflateSync, gzipSync } from 'node:zlib'
import { eventually } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { gelf } from './gelf.ts'
import { openListener } from './listening/fakes.ts'

const message = (text: string, more: object = {}): string =>
  JSON.stringify({ version: '1.1', host: 'web-1', short_message: text, timestamp: 1780311600.5, level: 3, ...more })

/** The pieces of a message, the last one first. */
function pieces(bytes: Uint8Array, size: number, id = randomBytes(8)): Buffer[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, i) =>
    Buffer.concat([Buffer.from([0x1e, 0x0f]), id, Buffer.from([i, count]), bytes.subarray(i * size, (i + 1) * size)]),
  ).reverse()
}

test('UDP: plain, gzip, zlib, in pieces that come in any order', async () => {
  await using port = await openListener(gelf)
  await port.packets(
    message('plain', { _order: 12, _service: 'shop' }),
    gzipSync(message('gzip')),
    deflateSync(message('zlib')),
    ...pieces(gzipSync(message(randomBytes(3000).toString('hex'))), 1000),
    ...pieces(Buffer.from(message('in pieces')), 20),
  )
  const bodies = await port.lines(5)
  expect([...bodies].filter((body) => body.length < 100).sort()).toEqual(['gzip', 'in pieces', 'plain', 'zlib'])
  const plain = port.logs.lines.find(({ body }) => body === 'plain')
  expect(plain).toMatchObject({ severity: 17, severityText: 'err', service: 'shop', timeNs: 1780311600500000000n })
  expect(plain?.resource).toEqual(new Map([['host.name', 'web-1']]))
  expect(plain?.attributes).toEqual(new Map([['order', 12]]))
})

test('TCP: a NUL behind each, the last one without', async () => {
  await using port = await openListener(gelf)
  await port.send(`${message('one')}\0${message('two\nlines')}\0\0${message('last')}`)
  expect(await port.lines(3)).toEqual(['one', 'two\nlines', 'last'])
})

test('what is no GELF is kept as its text; what cannot be read is counted', async () => {
  await using port = await openListener(gelf, { max_line_bytes: '100KB' })
  await port.packets('no json', '{"a":1}')
  expect([...(await port.lines(2))].sort()).toEqual(['no json', '{"a":1}'])
  const bad = (): number => port.count('tidewatch_listener_losses_total', 'malformed')
  expect(bad()).toBe(2)
  const bomb = gzipSync(Buffer.alloc(50 << 20))
  await port.packets(
    ...[
      gzipSync('cut').subarray(0, 12),
      Buffer.from([0x1e, 0x0f]),
      Buffer.from([0x1e, 0x0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 65]),
    ],
    bomb.subarray(0, 60_000),
  )
  await eventually(async () => expect(bad()).toBe(6))
  await port.packets(message('well'))
  expect((await port.lines(3)).at(-1)).toBe('well')
})
