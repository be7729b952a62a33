import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogBatch } from '@tidewatch/core/log-batch.ts'
import { type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../../self/logger.ts'
import type { StateStore } from '../../state/port.ts'
import { createStateStore } from '../../state/store.ts'
import { DeployBook } from './deploys.ts'
import { createDeployRows, type DeployTables, deployState } from './state.ts'

const nowMs = Date.UTC(2026, 10, 22, 12)
const minute = 60_000
const hour = 60 * minute

type Line = Partial<LogRecord> & { readonly atMs: number }

export function deploysSuite(name: string, freshDatabase: () => string | undefined): void {
  describe(`deploys on ${name}`, () => {
    let dataDir: string
    let state: StateStore
    let clock: FakeClock
    let deploys: DeployBook

    const openBook = (): DeployBook => new DeployBook(createDeployRows(state.database<DeployTables>()), clock)
    const see = (lines: readonly Line[], project = defaultProject): void => {
      const batch = new LogBatch()
      for (const { atMs, ...fields } of lines)
        batch.add(logRecord({ service: 'api', ...fields, timeNs: BigInt(atMs) * 1_000_000n }))
      batch.finish()
      deploys.see(project, batch)
    }
    const listed = async (query: { readonly service?: string; readonly toMs?: number } = {}): Promise<string[]> =>
      (await deploys.list([defaultProject], { limit: 100, ...query })).map(
        ({ service, environment, release, atMs, source }) =>
          `${service}/${environment} ${release} ${(atMs - nowMs) / minute} ${source}`,
      )

    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-deploys-'))
      clock = new FakeClock(nowMs)
      const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
      const databaseUrl = freshDatabase()
      state = await createStateStore({ dataDir, databaseUrl, env: {}, features: [deployState], clock, logger })
      deploys = openBook()
    })
    afterEach(async () => {
      await state[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true })
    })

    it('finds a release that a service names for the first time, at its first line', async () => {
      see([{ atMs: nowMs }, { atMs: nowMs + 5 * minute, release: '1.0' }, { atMs: nowMs + minute, release: '1.0' }])
      see([
        { atMs: nowMs + 9 * minute, release: '1.0' },
        { atMs: nowMs, release: '9', service: '' },
      ])
      see([
        { atMs: nowMs + 9 * minute, release: '1.1', environment: 'live' },
        { atMs: nowMs + 8 * minute, release: '1.0', service: 'web' },
      ])
      const all = ['api/live 1.1 9 lines', 'web/ 1.0 8 lines', 'api/ 1.0 1 lines']
      expect(await listed()).toEqual(all)
      expect(await listed({ service: 'web' })).toEqual(['web/ 1.0 8 lines'])
      expect(await listed({ toMs: nowMs + 8 * minute })).toEqual(['api/ 1.0 1 lines'])
      // another start knows them
      deploys = openBook()
      see([{ atMs: nowMs + 20 * minute, release: '1.0' }])
      expect(await listed()).toEqual(all)
      // a replica whose lines came late
      see([{ atMs: nowMs - minute, release: '1.0' }])
      expect(await listed()).toContain('api/ 1.0 -1 lines')
      expect(await deploys.list([7 as ProjectId], { limit: 10 })).toEqual([])
    })

    it('takes what somebody says, once, and what its lines say as the same', async () => {
      see([{ atMs: nowMs - 2 * minute, release: '1.0' }])
      const told = { service: 'api', release: '1.0', environment: '' }
      const first = await deploys.record(defaultProject, told, 'ci')
      expect(first).toMatchObject({ isNew: true, deploy: { by: 'ci', source: 'told', atMs: nowMs - 2 * minute } })
      expect(await deploys.record(defaultProject, told, 'ci')).toEqual({ ...first, isNew: false })
      see([{ atMs: nowMs + minute, release: '1.0' }])
      see([{ atMs: nowMs - 3 * minute, release: '1.0' }])
      expect(await listed()).toEqual(['api/ 1.0 -3 told'])
      // back to it a day later
      const again = { ...told, at: nowMs + 24 * hour }
      await clock.advance(24 * hour)
      expect(await deploys.record(defaultProject, again, 'ci')).toMatchObject({ isNew: true })
      expect(await deploys.record(defaultProject, again, 'ci')).toMatchObject({ isNew: false })
      expect(await listed()).toEqual(['api/ 1.0 1440 told', 'api/ 1.0 -3 told'])
      expect(await deploys.find([defaultProject], first.deploy.id)).toMatchObject({ release: '1.0' })
      expect(await deploys.find([], first.deploy.id)).toBeUndefined()
    })

    it('knows lines that ran long before somebody told of the release as a deploy of their own', async () => {
      await deploys.record(defaultProject, { service: 'api', release: '1.0', environment: '', at: nowMs }, 'ci')
      see([{ atMs: nowMs - 3 * hour, release: '1.0' }])
      expect(await listed()).toEqual(['api/ 1.0 0 told', 'api/ 1.0 -180 lines'])
    })

    it('refuses times that cannot be right', async () => {
      const told = { service: 'api', release: '1.0', environment: '' }
      for (const at of [nowMs + 2 * hour, nowMs - 401 * 24 * hour])
        await expect(deploys.record(defaultProject, { ...told, at }, 'ci')).rejects.toMatchObject({
          code: 'http.invalid',
        })
    })

    it('takes what changes with every line for no release, and forgets what is old', async () => {
      see(Array.from({ length: 500 }, (_, i) => ({ atMs: nowMs + i, release: `request-${i}` })))
      expect((await deploys.list([defaultProject], { limit: 1000 })).length).toBe(50)
      expect(deploys.stats).toMatchObject({ found: { lines: 50 }, ignored: 450 })
      see([{ atMs: nowMs, release: `a\0b`, service: 'web' }])
      expect(await listed({ service: 'web' })).toEqual([])
      const rows = createDeployRows(state.database<DeployTables>())
      await rows.trim(nowMs + 20, 10)
      const left = await deploys.list([defaultProject], { limit: 1000 })
      expect(left.length).toBeLessThanOrEqual(10)
      expect(left[0]?.release).toBe('request-49')
    })

    it('keeps by itself what was seen, until it is stopped', async () => {
      const stop = new AbortController()
      const running = deploys.run(stop.signal)
      see([{ atMs: nowMs, release: '1.0' }])
      await clock.advance(1000)
      const rows = createDeployRows(state.database<DeployTables>())
      await expect.poll(() => rows.list([defaultProject], { limit: 10 })).toHaveLength(1)
      stop.abort()
      await running
    })
  })
}
