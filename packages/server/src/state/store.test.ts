import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterAll, describe, expect, test } from 'vitest'
import { createLogger } from '../self/logger.ts'
import type { StateTables } from './port.ts'
import { createSealer, loadSecretKey } from './sealer.ts'
import { stateSuite } from './state.suite.ts'
import { createStateStore, type StateOptions } from './store.ts'

const made: string[] = []
const freshDir = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'tidewatch-state-'))
  made.push(directory)
  return directory
}
afterAll(() => Promise.all(made.map((directory) => rm(directory, { recursive: true }))))

stateSuite('SQLite', async () => ({ dataDir: await freshDir(), databaseUrl: undefined }))

describe('SQLite in the data directory', () => {
  const tables = (version: number): StateTables => ({
    feature: 'things',
    tables: ['things'],
    migrations: Array.from({ length: version }, (_, i) => ({
      version: i + 1,
      up: async (db) => {
        if (i === 0) await db.schema.createTable('things').addColumn('id', 'text').execute()
        else await db.schema.alterTable('things').addColumn(`more_${i}`, 'text').execute()
      },
    })),
  })
  const options = async (version: number): Promise<StateOptions> => {
    const clock = new FakeClock()
    const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
    return { dataDir: await freshDir(), databaseUrl: undefined, env: {}, features: [tables(version)], clock, logger }
  }

  test('is backed up before a migration, and three backups are kept', async () => {
    const first = await options(1)
    const backups = () => readdirSync(first.dataDir).filter((name) => name.startsWith('state-before-'))
    await (await createStateStore(first))[Symbol.asyncDispose]()
    expect(backups()).toEqual([])
    for (let version = 2; version <= 6; version++) {
      const clock = new FakeClock(Date.UTC(2026, 0, version))
      await (await createStateStore({ ...first, clock, features: [tables(version)] }))[Symbol.asyncDispose]()
    }
    expect(backups().map((name) => name.slice(0, 23))).toEqual([
      'state-before-2026-01-04',
      'state-before-2026-01-05',
      'state-before-2026-01-06',
    ])
  })

  test('a file that is no database is named', async () => {
    const opened = await options(1)
    writeFileSync(join(opened.dataDir, 'state.db'), 'not a database, but long enough to look at'.repeat(100))
    await expect(createStateStore(opened)).rejects.toMatchObject({
      code: 'state.unavailable',
      message: expect.stringContaining('state.db'),
    })
  })

  test('makes a key that only its owner can read, and finds it again', async () => {
    const dataDir = await freshDir()
    const key = loadSecretKey({ dataDir, env: {} })
    expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600)
    expect(Buffer.from(loadSecretKey({ dataDir, env: {} }))).toEqual(Buffer.from(key))
    expect(readFileSync(join(dataDir, 'secret.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
  })

  test('a key from the environment is used and nothing is written', async () => {
    const dataDir = await freshDir()
    expect(loadSecretKey({ dataDir, env: { TIDEWATCH_SECRET_KEY: '0f'.repeat(32) } })[0]).toBe(0x0f)
    expect(existsSync(join(dataDir, 'secret.key'))).toBe(false)
    expect(() => loadSecretKey({ dataDir, env: { TIDEWATCH_SECRET_KEY: 'short' } })).toThrow(/not a key of 32 bytes/)
  })
})

describe('sealed secrets', () => {
  const sealer = createSealer(Buffer.alloc(32, 7))

  test('open where they were sealed, and look different each time', () => {
    const sealed = sealer.seal('hunter2 ü', 'channel/3/token')
    expect(sealed).not.toContain('hunter2')
    expect(sealer.seal('hunter2 ü', 'channel/3/token')).not.toBe(sealed)
    expect(sealer.open(sealed, 'channel/3/token')).toBe('hunter2 ü')
  })

  test('do not open elsewhere, with another key, or changed', () => {
    const sealed = sealer.seal('hunter2', 'a')
    const refused = expect.objectContaining({ code: 'state.secret_key' })
    expect(() => sealer.open(sealed, 'b')).toThrow(refused)
    expect(() => createSealer(Buffer.alloc(32, 8)).open(sealed, 'a')).toThrow(refused)
    const bytes = Buffer.from(sealed.slice(3), 'base64')
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes)
      changed[i] = (changed[i] as number) ^ 1
      expect(() => sealer.open(`v1:${changed.toString('base64')}`, 'a')).toThrow(refused)
    }
    for (const broken of ['', 'v1:', 'v1:AAAA', sealed.slice(3), 'v2:abc'])
      expect(() => sealer.open(broken, 'a')).toThrow(refused)
  })
})
