// The state and its repositories on Debian's PostgreSQL: the suites that run on SQLite in the quick tests, and what only several processes have.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { startPostgres, type TestPostgres } from '@tidewatch/testkit/postgres.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acknowledgeSuite } from '../../packages/server/src/alerting/acknowledge/acknowledge.suite.ts'
import { dispatchSuite } from '../../packages/server/src/alerting/dispatch/dispatch.suite.ts'
import { historySuite } from '../../packages/server/src/alerting/history/history.suite.ts'
import { packsSuite } from '../../packages/server/src/alerting/packs/packs.suite.ts'
import { accountsSuite } from '../../packages/server/src/features/accounts/accounts.suite.ts'
import { accountsTables } from '../../packages/server/src/features/accounts/state.ts'
import { deploysSuite } from '../../packages/server/src/features/deploys/deploys.suite.ts'
import { drillSuite } from '../../packages/server/src/features/drill/drill.suite.ts'
import { logSearchesSuite } from '../../packages/server/src/features/log-searches/log-searches.suite.ts'
import { logSettingsSuite } from '../../packages/server/src/features/log-settings/log-settings.suite.ts'
import { escalationsSuite } from '../../packages/server/src/features/oncall/escalations.suite.ts'
import { logNamesSuite } from '../../packages/server/src/ingest/receivers/cloudwatch/names.suite.ts'
import { gatewaySuite } from '../../packages/server/src/ingest/receivers/pushgateway/gateway.suite.ts'
import { outboxSuite } from '../../packages/server/src/notify/outbox.suite.ts'
import { createLogger } from '../../packages/server/src/self/logger.ts'
import { stateSuite } from '../../packages/server/src/state/state.suite.ts'
import {
  createStateStore,
  dumpStateLines,
  restoreStateLines,
  type StateOptions,
} from '../../packages/server/src/state/store.ts'

let postgres: TestPostgres
const directory = mkdtempSync(join(tmpdir(), 'tidewatch-state-'))
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(async () => {
  await postgres[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

stateSuite('Postgres', async () => ({ dataDir: directory, databaseUrl: postgres.freshDatabase() }))
accountsSuite('Postgres', () => postgres.freshDatabase())
gatewaySuite('Postgres', () => postgres.freshDatabase())
outboxSuite('Postgres', () => postgres.freshDatabase())
dispatchSuite('Postgres', () => postgres.freshDatabase())
acknowledgeSuite('Postgres', () => postgres.freshDatabase())
escalationsSuite('Postgres', () => postgres.freshDatabase())
drillSuite('Postgres', () => postgres.freshDatabase())
deploysSuite('Postgres', () => postgres.freshDatabase())
logNamesSuite('Postgres', () => postgres.freshDatabase())
logSearchesSuite('Postgres', () => postgres.freshDatabase())
logSettingsSuite('Postgres', () => postgres.freshDatabase())
historySuite('Postgres', () => postgres.freshDatabase())
packsSuite('Postgres', () => postgres.freshDatabase())

const options = (databaseUrl: string | undefined, dataDir = directory): StateOptions => {
  const clock = new FakeClock()
  const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
  return { dataDir, databaseUrl, env: {}, features: [accountsTables], clock, logger }
}

describe('several processes on one Postgres', () => {
  test('that start at once migrate it once', async () => {
    const url = postgres.freshDatabase()
    const opened = await Promise.all(Array.from({ length: 4 }, () => createStateStore(options(url))))
    expect(postgres.execute(url, "select count(*) from tidewatch_migrations where feature = 'accounts'")).toBe('1')
    await Promise.all(opened.map((state) => state[Symbol.asyncDispose]()))
  })

  test('lose a lock with the connection, and know it', async () => {
    const url = postgres.freshDatabase()
    await using state = await createStateStore(options(url))
    await using other = await createStateStore(options(url))
    await using lock = await state.locks.tryLock('rules')
    const lost = new Promise((resolve) => lock?.signal.addEventListener('abort', resolve))
    postgres.execute(url, "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
    await lost
    await using taken = await other.locks.tryLock('rules')
    expect(taken?.signal.aborted).toBe(false)
  })
})

test('a dump of SQLite goes into Postgres and back, row for row', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-state-'))
  try {
    const sqlite = options(undefined, dataDir)
    {
      await using state = await createStateStore(sqlite)
      const user = {
        id: 'u',
        name: 'Zoë "1"',
        name_key: 'zoë "1"',
        role: 'admin',
        password_hash: null,
        disabled: 0,
        created_at_ms: 1_790_000_000_123,
      }
      const db = state.database<Record<string, Record<string, unknown>>>()
      await db
        .insertInto('users')
        .values({ ...user, last_sign_in_at_ms: null })
        .execute()
      await db
        .insertInto('sign_in_links')
        .values({ secret_hash: 'h', user_id: 'u', created_at_ms: 1, expires_at_ms: 2 })
        .execute()
    }
    const url = postgres.freshDatabase()
    const dump = async (from: StateOptions): Promise<string[]> => {
      const lines: string[] = []
      for await (const line of dumpStateLines(from)) lines.push(line)
      return lines
    }
    async function* again(lines: readonly string[]): AsyncGenerator<string> {
      yield* lines
    }
    const first = await dump(sqlite)
    await restoreStateLines(options(url), again(first), { replace: false })
    const second = await dump(options(url))
    expect(second.slice(1)).toEqual(first.slice(1))
    await restoreStateLines(sqlite, again(second), { replace: true })
    expect((await dump(sqlite)).slice(1)).toEqual(first.slice(1))
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})

test('a Postgres that is not there is named, without its password', async () => {
  const failed = createStateStore(options('postgres://me:hunter2@127.0.0.1:1/x'))
  await expect(failed).rejects.toMatchObject({
    code: 'state.unavailable',
    message: expect.stringContaining('Postgres cannot be reached'),
  })
  await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') })
})
