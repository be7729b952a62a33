import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import type { SpoolReader, SpoolSection } from '../spool/port.ts'
import { createSpool, type Spool } from '../spool/spool.ts'
import { createLoader, type Loader } from './loader.ts'
import type { StoreClient } from './port.ts'
import { createRenderTarget } from './render.ts'
import { ledgerFound, ledgerRows, ledgerTable } from './testing-ledger.ts'
import { openTestingStore } from './testing-store.ts'

const tables = [ledgerTable('first'), ledgerTable('second')]
const target = createRenderTarget(undefined)
const signal = new AbortController().signal

const store = await openTestingStore(tables)
const { client } = store
afterAll(() => store[Symbol.asyncDispose]())
let dir: string
let spool: Spool
let loaders: Loader[]
let nextNumber = 1

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'loader-'))
  loaders = []
  spool = await createSpool({
    dir,
    clock: systemClock,
    durability: 'group',
    readers: ['store'],
    reserveBytes: 0,
    log: () => {},
  })
})
afterEach(async () => {
  for (const loader of loaders) await loader[Symbol.asyncDispose]()
  await spool[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

function load(options: { reader?: SpoolReader; client?: StoreClient; maxInsertBytes?: number } = {}): Loader {
  const loader = createLoader({
    reader: spool.reader('store'),
    client,
    tables,
    target,
    clock: systemClock,
    log: () => {},
    ...options,
  })
  loaders.push(loader)
  return loader
}

/** A section of rows with new numbers, all of one day or of several in turn. */
function rows(
  table: string,
  count: number,
  options: { readonly days?: number } = {},
): SpoolSection & { numbers: number[] } {
  const numbers = Array.from({ length: count }, () => nextNumber++)
  return { ...ledgerRows(table, numbers, options.days ?? 1), numbers }
}

const found = (table: string, numbers: readonly number[]) => ledgerFound(client, table, numbers)
const once = (numbers: readonly number[]) => ({ rows: numbers.length, distinct: numbers.length })

test('a flush returns when what was acknowledged before it can be read, in all tables of the request', async () => {
  const loader = load()
  const first = rows('first', 100)
  const second = rows('second', 50)
  await spool.append([first, second])
  await spool.flush(['first'], { signal })
  expect(await found('first', first.numbers)).toEqual(once(first.numbers))
  expect(await found('second', second.numbers)).toEqual(once(second.numbers))
  expect(loader.stats()).toMatchObject({ inserts: 2, rows: 150, trouble: undefined })
})

test('many flushes at once share one load, and one with nothing to wait for loads nothing', async () => {
  const loader = load()
  const section = rows('first', 10)
  await spool.append([section])
  await Promise.all(Array.from({ length: 50 }, () => spool.flush(['first'], { signal })))
  expect(loader.stats().inserts).toBe(1)
  for (let i = 0; i < 1000; i++) await spool.flush(['first', 'second'], { signal })
  expect(loader.stats().inserts).toBe(1)
})

test('a load that is repeated after a kill between insert and confirmation doubles nothing', async () => {
  const numbers: number[] = []
  for (let i = 0; i < 5; i++) {
    const section = rows('first', 20, { days: 3 })
    numbers.push(...section.numbers)
    await spool.append([section])
  }
  // killed before anything of the progress is kept: the first loader's reader loses all that is written to it
  const real = spool.reader('store')
  const never = new Promise<never>(() => {})
  const forgetful: SpoolReader = {
    name: real.name,
    next: (options) => real.next(options),
    progress: () => undefined,
    saveProgress: async () => {},
    confirm: () => never,
    heldBytes: () => 0,
    reportTrouble: () => {},
    setAside: (part) => real.setAside(part),
  }
  const killed = createLoader({ reader: forgetful, client, tables, target, clock: systemClock, log: () => {} })
  const flushed = spool.flush(['first'], { signal })
  while (killed.stats().inserts < 1) await new Promise((resolve) => setImmediate(resolve))
  expect(await found('first', numbers)).toEqual(once(numbers))
  load()
  await flushed
  expect(await found('first', numbers)).toEqual(once(numbers))
})

test('bad frames are found by halving and set aside with the reason; all others are loaded, and so is what follows', async () => {
  const loader = load()
  const numbers: number[] = []
  for (let i = 0; i < 12; i++) {
    const bad = i === 4 || i === 9
    const section = rows('first', bad ? 0 : 10)
    const parts = bad ? [Buffer.from('this is no block of rows at all')] : section.parts
    if (!bad) numbers.push(...section.numbers)
    await spool.append([{ table: 'first', parts, rows: bad ? 10 : section.rows }])
  }
  await spool.flush(['first'], { signal })
  expect(await found('first', numbers)).toEqual(once(numbers))
  expect(loader.stats().setAsideRows).toBe(20)
  const kept = await readdir(join(dir, 'refused'))
  expect(kept.length).toBe(4)
  const about: unknown = JSON.parse(await readFile(join(dir, 'refused', kept[0] as string), 'utf8'))
  expect(about).toMatchObject({ table: 'first', rows: 10, reason: expect.stringContaining('refused') })
  const after = rows('first', 5)
  await spool.append([after])
  await spool.flush(['first'], { signal })
  expect(await found('first', after.numbers)).toEqual(once(after.numbers))
})

test('a table that this program does not know is set aside', async () => {
  load()
  const known = rows('first', 3)
  await spool.append([{ table: 'of tomorrow', parts: [Buffer.from('x')], rows: 1 }, known])
  await spool.flush(['first'], { signal })
  expect(await found('first', known.numbers)).toEqual(once(known.numbers))
  expect(spool.status().setAside).toBe(1)
})

test('rows of more partitions than the store takes at once are loaded in several inserts', async () => {
  const loader = load()
  const wide = rows('first', 330, { days: 110 })
  await spool.append([wide])
  await spool.flush(['first'], { signal })
  expect(await found('first', wide.numbers)).toEqual(once(wide.numbers))
  expect(loader.stats()).toMatchObject({ inserts: 2, setAsideRows: 0 })
})

test('no insert is larger than its bound, and each counts once', async () => {
  const loader = load({ maxInsertBytes: 1000 })
  const numbers: number[] = []
  for (let i = 0; i < 20; i++) {
    const section = rows('first', 40)
    numbers.push(...section.numbers)
    await spool.append([section])
  }
  await spool.flush(['first'], { signal })
  expect(await found('first', numbers)).toEqual(once(numbers))
  expect(loader.stats().inserts).toBe(10)
})

test('while the store is away the spool grows and a flush says so; when it is back everything is loaded', async () => {
  let away = true
  const sometimes: StoreClient = {
    query: (sql, options) => client.query(sql, options),
    stream: (sql, options) => client.stream(sql, options),
    command: (sql, options) => client.command(sql, options),
    insert: (sql, body, options) =>
      away ? Promise.reject(new AppError('store.unavailable', 'it is away')) : client.insert(sql, body, options),
  }
  const loader = load({ client: sometimes })
  const section = rows('first', 30)
  await spool.append([section])
  const flushed = spool.flush(['first'], { signal })
  while (loader.stats().trouble === undefined) await new Promise((resolve) => setImmediate(resolve))
  const more = rows('first', 30)
  await spool.append([more])
  expect(spool.status().segments).toBe(2)
  away = false
  await flushed
  await spool.flush(['first'], { signal })
  expect(await found('first', [...section.numbers, ...more.numbers])).toEqual(
    once([...section.numbers, ...more.numbers]),
  )
  expect(loader.stats().trouble).toBeUndefined()
})
