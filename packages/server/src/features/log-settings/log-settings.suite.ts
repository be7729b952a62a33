import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../../self/logger.ts'
import type { StateStore } from '../../state/port.ts'
import { createStateStore } from '../../state/store.ts'
import { type KeptSettings, LogSettingsBook } from './book.ts'
import { createLogSettingRows, type LogSettingsTables, logSettingsState } from './state.ts'

export function logSettingsSuite(name: string, freshDatabase: () => string | undefined): void {
  describe(name, () => {
    const clock = new FakeClock(1000)
    let dataDir: string
    let state: StateStore
    const open = () => new LogSettingsBook(createLogSettingRows(state.database<LogSettingsTables>()), clock)

    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-log-settings-'))
      const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
      const databaseUrl = freshDatabase()
      state = await createStateStore({ dataDir, databaseUrl, env: {}, features: [logSettingsState], clock, logger })
    })
    afterEach(async () => {
      await state[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true })
    })

    it('keeps settings with who changed them, and tells other processes what changed and nothing else', async () => {
      const [one, other] = [open(), open()]
      const told: KeptSettings[] = []
      other.follow((kept) => told.push(kept))
      await one.put('retention', { age: '30d' }, 'ada')
      await one.put('archive', { folder: '/a' }, 'ada')
      await other.refresh()
      await other.refresh()
      expect(told).toEqual([{}, other.kept])
      expect(other.kept).toEqual(one.kept)
      expect(other.kept.retention).toEqual({ value: { age: '30d' }, by: 'ada', changedMs: 1000 })
      const { archive } = other.kept
      await one.put('retention', { age: '60d' }, 'bob')
      await other.refresh()
      expect(other.kept.retention).toMatchObject({ value: { age: '60d' }, by: 'bob' })
      expect(other.kept.archive).toBe(archive)
      await one.put('archive', undefined, 'bob')
      await other.refresh()
      expect(other.kept.archive).toBeUndefined()
    })
  })
}
