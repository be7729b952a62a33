import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { logRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { everything } from '@tidewatch/logquery/predicate.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '../../self/logger.ts'
import type { StateStore } from '../../state/port.ts'
import { createStateStore } from '../../state/store.ts'
import { createLogArchiveStore } from '../../store/logs/archive.ts'
import { createLogReader } from '../../store/logs/reader.ts'
import { loadLines } from '../../store/logs/testing-lines.ts'
import { createRenderTarget } from '../../store/render.ts'
import { dropBeyond } from '../../store/retention.ts'
import { logTables } from '../../store/tables/registry.ts'
import { openTestingStore } from '../../store/testing-store.ts'
import type { LogArchiveSettings } from './config.ts'
import { LogArchive, type LogArchiveOptions } from './log-archive.ts'
import { createLogArchiveRows, type LogArchiveRows, type LogArchiveTables, logArchiveState } from './state.ts'

const { signal } = new AbortController()
const dayMs = 86_400_000
const day = Date.UTC(2026, 10, 10)
const nowMs = Date.UTC(2026, 10, 21, 6)
const target = createRenderTarget(undefined)

describe('the archive of logs', async () => {
  const opened = await openTestingStore(logTables)
  const { client } = opened
  afterAll(() => opened[Symbol.asyncDispose]())
  const store = createLogArchiveStore(client, target)
  let folder: string
  let dataDir: string
  let state: StateStore
  let rows: LogArchiveRows
  let clock: FakeClock

  beforeEach(async () => {
    await client.command('TRUNCATE TABLE logs', { signal })
    folder = mkdtempSync(join(tmpdir(), 'tidewatch-archive-'))
    dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-archive-data-'))
    clock = new FakeClock(nowMs)
    const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
    state = await createStateStore({
      ...{ dataDir, databaseUrl: undefined, env: {}, features: [logArchiveState], clock, logger },
    })
    rows = createLogArchiveRows(state.database<LogArchiveTables>())
  })
  afterEach(async () => {
    await state[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
    rmSync(dataDir, { recursive: true, force: true })
  })

  const settingsTo = (path: string): LogArchiveSettings => ({ to: { folder: path }, afterMs: 0, holdMs: 14 * dayMs })

  function archiveTo(path: string, more: Partial<LogArchiveOptions> = {}): LogArchive {
    const settings = settingsTo(path)
    return new LogArchive({
      ...{ store, rows, clock, settings: () => settings, scratchDir: join(dataDir, 'archive') },
      logger: createLogger({ clock, format: 'json', level: 'error', write: () => undefined }),
      flush: async () => undefined,
      checkRoom: async () => undefined,
      onTrouble: () => undefined,
      ...more,
    })
  }

  const atHour = (hour: number, body: string, keepDays = 0, project = 0) => ({
    ...{ keepDays, project },
    record: logRecord({
      ...{ body, service: 'orders', severity: 17, timeNs: BigInt(day + hour * 3_600_000) * 1_000_000n + 7n },
      attributes: new Map<string, string | number | readonly string[]>([
        ['tags', ['a', 'b']],
        ['status', 500],
      ]),
      resource: new Map([['host', 'a1']]),
    }),
  })

  /** Leads until the condition holds. */
  async function lead(archive: LogArchive, until: () => Promise<boolean>): Promise<void> {
    const stop = new AbortController()
    const led = archive.lead(stop.signal)
    try {
      await expect.poll(until, { timeout: 60_000 }).toBe(true)
    } finally {
      stop.abort()
      await led
    }
  }

  const lead1 = (archive: LogArchive) => lead(archive, async () => archive.stats.waitingDays === 0)

  const searched = async () => {
    const found = []
    const filter = { predicate: everything, fromNs: 0n, toNs: 2n ** 62n, projects: [defaultProject] }
    for await (const { lines } of createLogReader(client).search(
      { ...filter, direction: 'forward', limit: 100 },
      { signal },
    ))
      found.push(...lines)
    return found
  }

  const drop = (archive: LogArchive, ageMs: number) =>
    dropBeyond(
      {
        ...{ client, tables: logTables, target, clock, log: () => {} },
        limits: () => ({ ageMs, sizeBytes: undefined }),
        beforeDrop: (_, dropped, options) => archive.beforeDrop(dropped, options),
      },
      signal,
    )

  const filesOf = () => readdirSync(join(folder, 'logs/2026-11-10')).toSorted()
  const archivedBodies = () =>
    filesOf()
      .filter((name) => name.endsWith('.zst'))
      .flatMap((name) =>
        zstdDecompressSync(readFileSync(join(folder, 'logs/2026-11-10', name)))
          .toString()
          .trim()
          .split('\n'),
      )
      .map((line) => (JSON.parse(line) as { readonly body: string }).body)
      .toSorted()

  test('writes a day that is over as NDJSON and brings back the same lines, once', async () => {
    await loadLines(client, [atHour(1, 'one'), atHour(23, 'two ☂'), atHour(2, 'kept', 90), atHour(3, 'other', 0, 5)])
    const before = await searched()
    const archive = archiveTo(folder)
    await lead1(archive)
    expect(archivedBodies()).toEqual(['kept', 'one', 'other', 'two ☂'])
    expect(filesOf().filter((name) => name.startsWith('project-0-'))).toHaveLength(2)
    await drop(archive, 5 * dayMs)
    expect((await searched()).map(({ record }) => record.body)).toEqual(['kept'])

    await archive.restore(day, 3, { by: 'ada', signal })
    await lead(archive, async () => (await rows.restores())[0]?.stage === 'done')
    expect(await searched()).toEqual(before)
    expect(archive.stats.restoredLines).toBe(3)
    await expect(archive.restore(day, 3, { by: 'ada', signal })).rejects.toMatchObject({ code: 'state.conflict' })

    await clock.advance(5 * dayMs)
    await drop(archive, 5 * dayMs)
    expect((await searched()).map(({ record }) => record.body)).toEqual(['kept'])
  })

  test('keeps a day for which the archive fails, and lets it go once that has lasted for too long', async () => {
    await loadLines(client, [atHour(1, 'one')])
    const troubles: unknown[] = []
    writeFileSync(join(folder, 'no-folder'), '')
    const archive = archiveTo(join(folder, 'no-folder'), { onTrouble: (trouble) => troubles.push(trouble?.sinceMs) })
    const { signals } = await drop(archive, 5 * dayMs)
    expect(signals[0]).toMatchObject({ heldDays: 1, droppedByAge: 0 })
    expect(await searched()).toHaveLength(1)
    await clock.advance(13 * dayMs)
    await drop(archive, 5 * dayMs)
    expect(await searched()).toHaveLength(1)
    await clock.advance(2 * dayMs)
    await drop(archive, 5 * dayMs)
    expect(await searched()).toHaveLength(0)
    expect(archive.stats.givenUpDays).toBe(1)
    expect(troubles).toEqual([nowMs, nowMs, nowMs])
  })

  test('adds lines that came late before the day goes, also where it had gone already', async () => {
    await loadLines(client, [atHour(1, 'one')])
    const archive = archiveTo(folder)
    await lead1(archive)
    await loadLines(client, [atHour(1, 'late')])
    await lead(archive, async () => (await drop(archive, 5 * dayMs)).signals[0]?.oldestDayMs === undefined)
    expect(archivedBodies()).toEqual(['late', 'one'])
    await loadLines(client, [atHour(5, 'later')])
    await lead(archive, async () => (await drop(archive, 5 * dayMs)).signals[0]?.oldestDayMs === undefined)
    expect(archivedBodies()).toEqual(['late', 'later', 'one'])
    await archive.restore(day, 1, { by: 'ada', signal })
    await lead(archive, async () => (await rows.restores())[0]?.stage === 'done')
    expect((await searched()).map(({ record }) => record.body)).toEqual(['one', 'late', 'later'])
    await archive.dropRestored(day, { signal })
    expect(await searched()).toEqual([])
    expect(await rows.restores()).toEqual([])
  })

  test('writes what a killed run left unfinished anew, and removes it', async () => {
    await loadLines(client, [atHour(1, 'one')])
    const archive = archiveTo(folder)
    await lead1(archive)
    rmSync(join(folder, 'logs/2026-11-10/manifest.json'))
    const left = filesOf()
    await lead1(archiveTo(folder))
    expect(filesOf()).toHaveLength(2)
    expect(filesOf()).not.toContain(left[0])
    expect(archivedBodies()).toEqual(['one'])
  })

  test('loads nothing of a file that is damaged, and says so', async () => {
    await loadLines(client, [atHour(1, 'one')])
    const archive = archiveTo(folder)
    await lead1(archive)
    await drop(archive, 5 * dayMs)
    const [file] = filesOf().filter((name) => name.endsWith('.zst'))
    const path = join(folder, 'logs/2026-11-10', file as string)
    const bytes = readFileSync(path)
    bytes[bytes.length - 5] = (bytes.at(-5) as number) ^ 1
    writeFileSync(path, bytes)
    await archive.restore(day, 1, { by: 'ada', signal })
    await lead(archive, async () => (await rows.restores())[0]?.stage === 'failed')
    expect((await rows.restores())[0]?.message).toContain('is not what was written there')
    expect(await searched()).toEqual([])
  })
})
