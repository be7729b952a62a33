// What the state must do, whichever database it is on: run on SQLite beside this file, on Postgres in tests/counterparts.
import { AppError } from '@tidewatch/core/error.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../self/logger.ts'
import type { StateTables } from './port.ts'
import { createStateStore, dumpStateLines, restoreStateLines, type StateOptions } from './store.ts'

interface NoteTables {
  notes: { readonly id: string; readonly text: string; readonly at_ms: number; readonly done: number | null }
}

const notesV1: StateTables = {
  feature: 'notes',
  tables: ['notes'],
  migrations: [
    {
      version: 1,
      async up(db) {
        await db.schema
          .createTable('notes')
          .addColumn('id', 'text', (column) => column.primaryKey())
          .addColumn('text', 'text', (column) => column.notNull())
          .addColumn('at_ms', 'bigint', (column) => column.notNull())
          .execute()
      },
    },
  ],
}

const notesV2: StateTables = {
  ...notesV1,
  migrations: [
    ...notesV1.migrations,
    {
      version: 2,
      async up(db) {
        await db.schema.alterTable('notes').addColumn('done', 'integer').execute()
        await db.updateTable('notes').set({ done: 0 }).execute()
      },
    },
  ],
}

/** `fresh` gives options for an empty database each time it is called. */
export function stateSuite(name: string, fresh: () => Promise<Pick<StateOptions, 'dataDir' | 'databaseUrl'>>): void {
  const logs: string[] = []
  const setup = async (features: readonly StateTables[] = [notesV1]): Promise<StateOptions> => {
    const clock = new FakeClock()
    const logger = createLogger({ clock, format: 'json', level: 'debug', write: (line) => logs.push(line) })
    return { ...(await fresh()), env: {}, features, clock, logger }
  }
  const put = async (options: StateOptions, ids: readonly string[]): Promise<void> => {
    await using state = await createStateStore(options)
    const values = ids.map((id) => ({ id, text: `a "note" ü\n${id}`, at_ms: 1_790_000_000_123 }))
    await state.database<{ notes: Omit<NoteTables['notes'], 'done'> }>().insertInto('notes').values(values).execute()
  }
  const get = async (options: StateOptions) => {
    await using state = await createStateStore(options)
    return await state.database<NoteTables>().selectFrom('notes').selectAll().orderBy('id').execute()
  }
  const dump = async (options: StateOptions): Promise<string[]> => {
    const all: string[] = []
    for await (const line of dumpStateLines(options)) all.push(line)
    return all
  }
  async function* lines(from: readonly string[]): AsyncGenerator<string> {
    yield* from
  }

  describe(`state on ${name}`, () => {
    test('keeps rows, and gives whole numbers as numbers', async () => {
      const options = await setup()
      await put(options, ['a'])
      expect(await get(options)).toEqual([{ id: 'a', text: 'a "note" ü\na', at_ms: 1_790_000_000_123 }])
    })

    test('a transaction that fails leaves nothing', async () => {
      const options = await setup()
      await using state = await createStateStore(options)
      const db = state.database<NoteTables>()
      const failed = db.transaction().execute(async (tx) => {
        await tx
          .insertInto('notes')
          .values({ id: 'x', text: '', at_ms: 1 } as NoteTables['notes'])
          .execute()
        throw new AppError('state.conflict', 'no')
      })
      await expect(failed).rejects.toMatchObject({ code: 'state.conflict' })
      expect(await db.selectFrom('notes').select('id').execute()).toEqual([])
    })

    test('transactions at the same time do not mix', async () => {
      const options = await setup()
      await using state = await createStateStore(options)
      const db = state.database<NoteTables>()
      await db
        .insertInto('notes')
        .values({ id: 'n', text: '0', at_ms: 1 } as NoteTables['notes'])
        .execute()
      const add = () =>
        db.transaction().execute(async (tx) => {
          const row = tx.selectFrom('notes').select('text').where('id', '=', 'n')
          const { text } = await (state.kind === 'postgres' ? row.forUpdate() : row).executeTakeFirstOrThrow()
          await tx
            .updateTable('notes')
            .set({ text: String(Number(text) + 1) })
            .where('id', '=', 'n')
            .execute()
        })
      await Promise.all(Array.from({ length: 8 }, add))
      expect((await db.selectFrom('notes').select('text').executeTakeFirstOrThrow()).text).toBe('8')
    })

    test('migrates what an earlier version wrote', async () => {
      const options = await setup()
      await put(options, ['a', 'b'])
      const rows = await get({ ...options, features: [notesV2] })
      expect(rows.map(({ id, done }) => [id, done])).toEqual([
        ['a', 0],
        ['b', 0],
      ])
    })

    test('refuses what a newer version wrote', async () => {
      const options = await setup([notesV2])
      await (await createStateStore(options))[Symbol.asyncDispose]()
      await expect(createStateStore({ ...options, features: [notesV1] })).rejects.toMatchObject({
        code: 'data_dir.newer',
        message: 'the state holds version 2 of "notes"; this version of Tidewatch knows up to 1.',
      })
      await expect(createStateStore({ ...options, features: [] })).rejects.toMatchObject({ code: 'data_dir.newer' })
    })

    test('a migration that fails leaves the former version whole', async () => {
      const options = await setup()
      await put(options, ['a'])
      const broken: StateTables = {
        ...notesV1,
        migrations: [
          ...notesV1.migrations,
          {
            version: 2,
            async up(db) {
              await db.schema.alterTable('notes').addColumn('done', 'integer').execute()
              throw new Error('power cut')
            },
          },
        ],
      }
      await expect(createStateStore({ ...options, features: [broken] })).rejects.toThrow('power cut')
      expect(await get(options)).toHaveLength(1)
    })

    test('dumps and restores, also what an earlier version dumped', async () => {
      const old = await setup()
      const ids = Array.from({ length: 1203 }, (_, i) => String(i).padStart(5, '0'))
      await put(old, ids)
      const dumped = await dump(old)
      expect(dumped).toHaveLength(1204)
      const next = await setup([notesV2])
      expect(await restoreStateLines(next, lines(dumped), { replace: false })).toEqual({ rows: 1203 })
      const rows = await get(next)
      expect(rows.map(({ id }) => id)).toEqual(ids)
      expect(rows[7]).toEqual({ id: '00007', text: 'a "note" ü\n00007', at_ms: 1_790_000_000_123, done: 0 })
    })

    test('a restore over rows must be asked for, and is whole or not at all', async () => {
      const options = await setup()
      await put(options, ['a', 'b'])
      const dumped = await dump(options)
      await expect(restoreStateLines(options, lines(dumped), { replace: false })).rejects.toMatchObject({
        code: 'state.conflict',
        message: 'the state is not empty: notes has rows.',
      })
      const cut = [...dumped.slice(0, 2), '{"table":"notes","ro']
      await expect(restoreStateLines(options, lines(cut), { replace: true })).rejects.toMatchObject({
        code: 'state.bad_dump',
        where: { line: 3 },
      })
      expect(await get(options)).toHaveLength(2)
      expect(await restoreStateLines(options, lines(dumped.slice(0, 2)), { replace: true })).toEqual({ rows: 1 })
      expect(await get(options)).toHaveLength(1)
    })

    test('refuses files that are no dump, and dumps of newer versions', async () => {
      const options = await setup()
      for (const head of ['', 'hello', '{"format":"tidewatch-state","version":2}']) {
        await expect(restoreStateLines(options, lines([head]), { replace: false })).rejects.toMatchObject({
          code: 'state.bad_dump',
        })
      }
      const newer = await setup([notesV2])
      await (await createStateStore(newer))[Symbol.asyncDispose]()
      await expect(restoreStateLines(options, lines(await dump(newer)), { replace: false })).rejects.toMatchObject({
        code: 'data_dir.newer',
      })
    })

    test('refuses to start with another key than the one the secrets were sealed with', async () => {
      const options = await setup()
      const withKey = (digit: string): StateOptions => ({ ...options, env: { TIDEWATCH_SECRET_KEY: digit.repeat(64) } })
      await (await createStateStore(withKey('a')))[Symbol.asyncDispose]()
      await expect(createStateStore(withKey('b'))).rejects.toMatchObject({ code: 'state.secret_key' })
    })

    test('a lock is given once', async () => {
      const options = await setup()
      await using state = await createStateStore(options)
      await using other = await createStateStore(options)
      const first = await state.locks.tryLock('rules')
      expect(first?.signal.aborted).toBe(false)
      if (state.kind === 'postgres') {
        expect(await other.locks.tryLock('rules')).toBeUndefined()
        expect(await other.locks.tryLock('else')).toBeDefined()
        await first?.[Symbol.asyncDispose]()
        await using again = await other.locks.tryLock('rules')
        expect(again).toBeDefined()
      }
    })
  })
}
