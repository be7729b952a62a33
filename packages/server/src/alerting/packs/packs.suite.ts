import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '../../self/logger.ts'
import type { StateStore } from '../../state/port.ts'
import { createStateStore } from '../../state/store.ts'
import { createPackRows, packState } from './state.ts'

/** Which packs are chosen, on the database that `freshDatabase` names; undefined: SQLite. */
export function packsSuite(name: string, freshDatabase: () => string | undefined): void {
  describe(name, () => {
    const clock = new FakeClock()
    let dataDir: string
    let state: StateStore

    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-packs-'))
      const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
      const databaseUrl = freshDatabase()
      state = await createStateStore({ dataDir, databaseUrl, env: {}, features: [packState], clock, logger })
    })
    afterEach(async () => {
      await state[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true })
    })

    test('a chosen pack is read as it was written, and written over by its name', async () => {
      const rows = createPackRows(state)
      const row = { name: 'oracle', enabled: true, parameters: { errors: 'a_total', per_second: '0.5' } }
      const by = { changedAtMs: 1_790_000_000_123, changedBy: 'Zoë' }
      await rows.put({ ...row, ...by })
      await rows.put({ ...row, ...by, name: 'indexer', parameters: {} })
      expect((await rows.all()).toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
        { ...row, ...by, name: 'indexer', parameters: {} },
        { ...row, ...by },
      ])
      await rows.put({ ...row, ...by, enabled: false, changedBy: 'ann' })
      expect((await rows.all()).find((one) => one.name === 'oracle')).toEqual({
        ...{ ...row, ...by, enabled: false, changedBy: 'ann' },
      })
    })
  })
}
