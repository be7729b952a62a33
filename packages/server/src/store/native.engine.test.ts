import { Labels } from '@tidewatch/core/labels.ts'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createStoreClient } from './client.ts'
import { identifier, literal, uint64Literal } from './literal.ts'
import { decodeNative, type NativeBlock } from './native-decode.ts'
import { encodeNative, fixedColumn, lowCardinalityColumn, mapColumn, stringColumn } from './native-encode.ts'
import { openTestingStore } from './testing-store.ts'

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function all(blocks: AsyncIterable<NativeBlock>): Promise<NativeBlock[]> {
  const found: NativeBlock[] = []
  for await (const block of blocks) found.push(block)
  return found
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', 'a', "it's", 'x\\y', '\0', '\n'),
)
const wellFormed = (value: string): string => value.toWellFormed().replaceAll('\ufffd', '?')
const row = fc.record({
  number: fc.double(),
  name: text.map(wellFormed),
  kind: fc.constantFrom('counter', 'gauge', '', 'höhe'),
  labels: fc.uniqueArray(fc.tuple(text.map(wellFormed), text.map(wellFormed)), {
    selector: ([key]) => key,
    maxLength: 4,
  }),
  big: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
})
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never

function encode(rows: readonly Row[]): Uint8Array {
  return encodeNative(
    [
      fixedColumn(
        'number',
        'Float64',
        Float64Array.from(rows, ({ number }) => number),
      ),
      stringColumn(
        'name',
        rows.map(({ name }) => name),
      ),
      lowCardinalityColumn(
        'kind',
        rows.map(({ kind }) => kind),
      ),
      mapColumn(
        'labels',
        rows.map(({ labels }) => labels.flat()),
      ),
      fixedColumn(
        'big',
        'UInt64',
        BigUint64Array.from(rows, ({ big }) => big),
      ),
    ],
    rows.length,
  )
}

function rowsOf(block: NativeBlock): Row[] {
  const { ends, keys, values } = block.maps('labels')
  const halves = block.halves('big')
  return Array.from({ length: block.rows }, (_, i) => {
    const first = i === 0 ? 0 : (ends[i - 1] as number)
    const labels = keys.slice(first, ends[i]).map((key, j): [string, string] => [key, values[first + j] as string])
    const big = (BigInt(halves[i * 2 + 1] as number) << 32n) | BigInt(halves[i * 2] as number)
    return {
      number: block.float64('number')[i] as number,
      name: block.strings('name')[i] as string,
      kind: block.strings('kind')[i] as Row['kind'],
      labels,
      big,
    }
  })
}

test('blocks are read back however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(row, { maxLength: 8 }), { maxLength: 3 }),
      fc.integer({ min: 1, max: 50 }),
      async (blocks, size) => {
        const bytes = Buffer.concat(blocks.map(encode))
        const read = await all(decodeNative(inPieces(bytes, size)))
        expect(read.map(rowsOf)).toEqual(blocks.filter((rows) => rows.length > 0))
      },
    ),
  )
})

test('an answer that breaks off anywhere is an error, never fewer rows', async () => {
  const bytes = encode([{ number: 1, name: 'abc', kind: 'gauge', labels: [['a', 'b']], big: 7n }])
  for (let cut = 1; cut < bytes.length; cut++) {
    await expect(all(decodeNative(inPieces(bytes.subarray(0, cut), 7)))).rejects.toMatchObject({
      code: 'store.unavailable',
    })
  }
})

test('noise is an error or rows, never a crash', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (noise) => {
      await all(decodeNative(inPieces(noise, 9))).catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== 'AppError') throw error
      })
    }),
  )
})

test('ids become numbers without loss', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (id) => {
      expect(uint64Literal(Number(id & 0xffffffffn), Number(id >> 32n))).toBe(String(id))
    }),
  )
})

describe('with the engine', async () => {
  const store = await openTestingStore([])
  const { engine, client } = store
  afterAll(() => store[Symbol.asyncDispose]())
  const signal = new AbortController().signal

  test('the engine reads what is encoded and writes what is decoded', async () => {
    await client.command(
      'CREATE TABLE native (i UInt32, number Float64, name String, kind LowCardinality(String), labels Map(String, String), big UInt64) ENGINE = Memory',
      { signal },
    )
    const rows = fc.sample(row, { numRuns: 300, seed: 7 })
    const structure = 'number Float64, name String, kind LowCardinality(String), labels Map(String, String), big UInt64'
    const sql = `INSERT INTO native SELECT rowNumberInAllBlocks(), * FROM input(${literal(structure)}) FORMAT Native`
    await client.insert(sql, [encode(rows.slice(0, 100)), encode(rows.slice(100))], { signal })
    const blocks = await all(decodeNative(client.stream('SELECT * FROM native ORDER BY i FORMAT Native', { signal })))
    expect(blocks.flatMap(rowsOf)).toEqual(rows)
  })

  test('a literal is the value it was', async () => {
    const value = fc.oneof(
      text.map(wellFormed),
      fc.double({ noDefaultInfinity: false }),
      fc.maxSafeInteger(),
      fc.boolean(),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 20 }), async (values) => {
        const columns = values.map((one, i) =>
          typeof one === 'string' ? `${literal(one)} AS c${i}` : `toFloat64(${literal(one)}) AS c${i}`,
        )
        const [block] = await all(decodeNative(client.stream(`SELECT ${columns.join(', ')} FORMAT Native`, { signal })))
        const got = values.map((one, i) =>
          typeof one === 'string' ? block?.strings(`c${i}`)[0] : block?.float64(`c${i}`)[0],
        )
        expect(got).toEqual(values.map((one) => (typeof one === 'boolean' ? Number(one) : one)))
      }),
      { numRuns: 60 },
    )
  })

  test('lists and names are rendered so that the engine reads them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text.map(wellFormed), { maxLength: 5 }),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 10 }),
        async (list, name) => {
          const sql = `SELECT arrayStringConcat(arrayMap(x -> hex(x), CAST(${literal(list)}, 'Array(String)')), ',') AS ${identifier(wellFormed(name))}`
          const [got] = await client.query<Record<string, string>>(sql, { signal })
          const hex = list.map((one) => Buffer.from(one).toString('hex').toUpperCase()).join(',')
          expect(got).toEqual({ [wellFormed(name)]: hex })
        },
      ),
      { numRuns: 60 },
    )
  })

  test('64-bit ids are read exactly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), async (id) => {
        const [got] = await client.query<{ id: string }>(`SELECT toString(toUInt64(${literal(id)})) AS id`, { signal })
        expect(got?.id).toBe(String(id))
      }),
      { numRuns: 30 },
    )
  })

  test('failures are told apart by whose they are', async () => {
    const refused = client.query('SELECT nonsense', { signal })
    await expect(refused).rejects.toMatchObject({ code: 'store.refused', message: expect.stringContaining('nonsense') })
    await expect(client.command('SELECT 1 FROM nowhere', { signal })).rejects.toMatchObject({
      code: 'store.unavailable',
    })
    const many = client.query('SELECT number FROM numbers(1000)', { signal, maxRows: 10 })
    await expect(many).rejects.toMatchObject({ code: 'store.limit' })
    const hungry = client.query('SELECT groupArray(number) FROM numbers(100000000)', {
      signal,
      maxMemoryBytes: 10_000_000,
    })
    await expect(hungry).rejects.toMatchObject({ code: 'store.limit' })
    const slow = client.query('SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1', {
      signal,
      timeoutMs: 300,
    })
    await expect(slow).rejects.toMatchObject({ code: 'store.limit' })
    const nobody = createStoreClient({ ...engine.address, socketPath: '/nowhere/socket' })
    await expect(nobody.query('SELECT 1', { signal })).rejects.toMatchObject({
      code: 'store.unavailable',
      retryable: true,
    })
    await nobody[Symbol.asyncDispose]()
  })

  test('a failure in the middle of an answer is an error', async () => {
    const sql =
      'SELECT throwIf(number = 3000000) AS z FROM numbers(10000000) SETTINGS max_block_size = 1000 FORMAT Native'
    await expect(all(decodeNative(client.stream(sql, { signal })))).rejects.toMatchObject({
      code: 'store.refused',
      message: expect.stringContaining('throwIf'),
    })
  })

  test('a caller that goes away ends its query', async () => {
    const caller = new AbortController()
    const query = client.query('SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1', {
      signal: caller.signal,
    })
    await running(1)
    caller.abort(new Error('gone'))
    await expect(query).rejects.toThrow('gone')
    await running(0)
  })

  test('who stops reading ends the query', async () => {
    for await (const chunk of client.stream('SELECT number FROM numbers(1000000000000) FORMAT Native', { signal })) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    await running(0)
  })

  async function running(count: number): Promise<void> {
    const sql = `SELECT count() AS n FROM system.processes WHERE query LIKE '%numbers(1000000000000)%' AND query NOT LIKE '%processes%'`
    for (;;) {
      const [found] = await client.query<{ n: number }>(sql, { signal })
      if (found?.n === count) return
    }
  }
})

test('labels of a map keep their order', async () => {
  const labels = Labels.from({ z: '1', a: '2', __name__: 'up' })
  const bytes = encodeNative([mapColumn('labels', [labels.flat])], 1)
  const [block] = await all(decodeNative(inPieces(bytes, 5)))
  expect(block?.maps('labels').keys).toEqual(['__name__', 'a', 'z'])
})
