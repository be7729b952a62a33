// What a broken or malicious sender does to POST /api/v1/write: real HTTP, head and spool.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '@tidewatch/core/clock.ts'
import {
  doubleField,
  field,
  label,
  sample,
  series,
  snappyBlock,
  varint,
  varintField,
} from '@tidewatch/testkit/write-request.ts'
import { refsField } from '@tidewatch/testkit/write-request-v2.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHead, type Head } from '../../packages/server/src/head/head.ts'
import { type ServedForTest, serveForTest } from '../../packages/server/src/http/testing/serve.ts'
import { createSampleAcceptor } from '../../packages/server/src/ingest/accept.ts'
import { remoteWrite } from '../../packages/server/src/ingest/receivers/remote-write.ts'
import { createSpool, type Spool } from '../../packages/server/src/spool/spool.ts'
import { createMetricTablesEncoder } from '../../packages/server/src/store/metric-encoder.ts'

const directory = mkdtempSync(join(tmpdir(), 'tidewatch-hostile-'))
const maxSeries = 250_000
let head: Head
let spool: Spool
let served: ServedForTest

beforeAll(async () => {
  const clock = systemClock
  spool = await createSpool({ dir: directory, clock, durability: 'group', readers: ['loader'], log: () => {} })
  head = createHead({ clock, hashKey: new Uint8Array(16), maxSeries })
  const acceptor = createSampleAcceptor({
    index: head.index,
    head: head.writer,
    spool,
    encoder: createMetricTablesEncoder(),
    clock,
    retentionMs: 86_400_000,
  })
  const routes = remoteWrite.routes({ acceptor, clock, wantsZeroSamples: () => true, countLeftOut: () => {} })
  served = await serveForTest(routes)
})
afterAll(async () => {
  await served[Symbol.asyncDispose]()
  head[Symbol.dispose]()
  await spool[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

const post = async (body: Uint8Array, headers: Record<string, string> = {}) => {
  const { status, text } = await served.call('/api/v1/write', {
    method: 'POST',
    body,
    headers: { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf', ...headers },
  })
  return `${status} ${text.trim()}`
}

const version2 = { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' }

const goodSamples = (): number => {
  const { appended, late, duplicate } = head.stats()
  return appended + late + duplicate
}

/** One series with raw labels and a sample of now. */
const oneSeries = (...labels: readonly Uint8Array[]) => field(1, Buffer.concat([...labels, sample(Date.now(), 1)]))

describe('a body that is no request', () => {
  test('is answered 400 with the byte and the way out', async () => {
    const whole = Buffer.from(series({ __name__: 'up' }, [[Date.now(), 1]]))
    const answers = [
      await post(snappyBlock(whole.subarray(0, -3))),
      await post(snappyBlock(Buffer.from('{"json": true}'))),
      await post(snappyBlock(new Uint8Array(1 << 20).fill(0xff))),
      await post(snappyBlock(Buffer.concat([whole, varint(0)]))),
      await post(Buffer.from('not snappy at all'), {}),
      await post(whole, { 'content-encoding': 'gzip' }),
      await post(snappyBlock(whole), version2),
      await post(snappyBlock(whole), { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v3.Request' }),
    ]
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual([
      '400',
      '400',
      '400',
      '400',
      '400',
      '400',
      '400',
      '415',
    ])
    for (const answer of answers.slice(0, 4)) expect(answer).toMatch(/byte \d+ of the inflated body: expected /)
    expect(spool.status().bytes).toBe(0)
  })

  test('that says it inflates to gigabytes is refused before it does', async () => {
    const before = process.memoryUsage().arrayBuffers
    expect(await post(Buffer.concat([varint(0xffff_ffff), Buffer.alloc(100)]))).toMatch(/^4(?:00|13) /)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20)
  })
})

describe('a body of remote write 2.0', () => {
  const symbols = ['', '__name__', 'v2'].map((text) => field(4, text))
  const now = (): Uint8Array => field(2, Buffer.concat([doubleField(1, 1), varintField(2, Date.now())]))
  const v2 = (...refs: readonly number[]) => field(5, Buffer.concat([refsField(refs), now()]))

  test('with references to nowhere has its other series taken', async () => {
    const held = goodSamples()
    const body = snappyBlock(...symbols, v2(1, 2 ** 32 - 1), v2(1), v2(9, 9, 9, 9), v2(1, 2))
    expect(await post(body, version2)).toMatch(
      /^400 3 series left out: the reference 4294967295 lies outside of the 3 symbols/,
    )
    expect(goodSamples() - held).toBe(1)
  })

  test('with a large text for each of many labels of many series is not multiplied', async () => {
    const large = field(4, 'x'.repeat(16_000))
    const refs = Array.from({ length: 64 }, () => [1, 3]).flat()
    const series = Array.from({ length: 5000 }, () => v2(...refs))
    const heap = process.memoryUsage().arrayBuffers
    expect(await post(snappyBlock(...symbols, large, ...series), version2)).toMatch(/^400 5000 series left out/)
    expect(process.memoryUsage().arrayBuffers - heap).toBeLessThan(64 << 20)
  })

  test('with symbols without end, or series of nothing, is refused', async () => {
    expect(await post(snappyBlock(Buffer.alloc(2_200_000).map((_, i) => (i % 2 === 0 ? 0x22 : 0))), version2)).toMatch(
      /^400 .*at most 1048576 symbols/,
    )
    expect(await post(snappyBlock(Buffer.alloc(200_000).map((_, i) => (i % 2 === 0 ? 0x2a : 0))), version2)).toMatch(
      /^400 /,
    )
  })
})

describe('labels', () => {
  test.each([
    ['no UTF-8', [label('job', Uint8Array.of(0xc3, 0x28))]],
    ['an empty name', [label('', 'x')]],
    ['a name twice', [label('a', '1'), label('a', '2')]],
    ['a value of 1 MB', [label('a', 'x'.repeat(1 << 20))]],
    ['a thousand labels', Array.from({ length: 1000 }, (_, i) => label(`l${i}`, 'x'))],
    ['a million labels', Array.from({ length: 1_000_000 }, (_, i) => label(`l${i}`, 'x'))],
  ])('with %s leave that series out and take the others', async (_name, labels) => {
    const before = goodSamples()
    const answer = await post(
      snappyBlock(
        oneSeries(label('__name__', 'bad'), Buffer.concat(labels)),
        series({ __name__: 'good' }, [[Date.now(), 1]]),
      ),
    )
    expect(answer).toMatch(/^400 1 series left out: /)
    expect(goodSamples()).toBe(before + 1)
  })

  test('in no order are the series that they are in order', async () => {
    const { series } = head.stats()
    expect(
      await post(snappyBlock(oneSeries(label('job', 'x'), label('__name__', 'good'), label('empty', '')))),
    ).toMatch(/^204/)
    expect(await post(snappyBlock(oneSeries(label('__name__', 'good'), label('job', 'x'))))).toMatch(/^204/)
    expect(head.stats().series).toBe(series + 1)
  })
})

describe('samples', () => {
  test('with NaN, infinities and any time are taken or refused one by one', async () => {
    const now = Date.now()
    const times = [now, 0, -1, now + 2 * 3_600_000, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
    const samples = times.map((time) => [time, 1] as const)
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324].map(
      (value, i) => [now - i, value] as const,
    )
    const answer = await post(
      snappyBlock(series({ __name__: 'odd' }, [...samples, ...values, [2n ** 63n - 1n, 1], [-(2n ** 63n), 1]])),
    )
    expect(answer).toMatch(/^400 of 13 samples 4 are older than what is kept and 3 lie more than an hour ahead: /)
  })
})

describe('too much', () => {
  /** `count` new series in one body. */
  const flood = (prefix: string, count: number) =>
    snappyBlock(
      Buffer.concat(
        Array.from({ length: count }, (_, i) => oneSeries(label('__name__', prefix), label('i', String(i)))),
      ),
    )

  test('new series at once do not keep other requests waiting', async () => {
    const body = flood('flood', 200_000)
    let answers = 0
    let done = false
    const neighbour = (async () => {
      while (!done) {
        await served.call('/-/healthy')
        answers++
        await pause(5)
      }
    })()
    expect(await post(body)).toMatch(/^204/)
    done = true
    await neighbour
    // in one piece the neighbour would get an answer before it and one behind it
    expect(answers).toBeGreaterThan(4)
  })

  test('series over the limit are left out while known ones go on', async () => {
    const answer = await post(flood('more', 60_000))
    // beyond 10,000 refused series the request is given up
    expect(answer.slice(0, 3)).toMatch(/400|429/)
    expect(head.stats().series).toBeLessThanOrEqual(maxSeries)
    expect(await post(snappyBlock(series({ __name__: 'good' }, [[Date.now(), 1]])))).toMatch(/^204/)
  })
})
