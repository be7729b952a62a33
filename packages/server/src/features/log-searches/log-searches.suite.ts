import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../../self/logger.ts'
import type { StateStore } from '../../state/port.ts'
import { createStateStore } from '../../state/store.ts'
import { createLogSearchRows, type LogSearchRows, type LogSearchTables, logSearchState } from './state.ts'

const change = { by: 'ada', atMs: 1000 }
const search = { name: 'errors', query: 'level:error', language: 'kql', columns: ['service'] } as const
const toSave = { ...search, columns: [...search.columns] }
const other = 7 as ProjectId

export function logSearchesSuite(name: string, freshDatabase: () => string | undefined): void {
  describe(name, () => {
    let dataDir: string
    let state: StateStore
    let rows: LogSearchRows

    beforeEach(async () => {
      dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-searches-'))
      const clock = new FakeClock()
      const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
      const databaseUrl = freshDatabase()
      state = await createStateStore({ dataDir, databaseUrl, env: {}, features: [logSearchState], clock, logger })
      rows = createLogSearchRows(state.database<LogSearchTables>())
    })
    afterEach(async () => {
      await state[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true })
    })

    it('keeps a search as it was given, with who changed it last and when', async () => {
      const { id } = await rows.add(defaultProject, toSave, change)
      expect(await rows.list(defaultProject)).toEqual([{ ...search, id, by: 'ada', changedMs: 1000 }])
      await rows.replace(defaultProject, id, { ...toSave, span: '1h' }, { by: 'bob', atMs: 2000 })
      expect(await rows.list(defaultProject)).toEqual([{ ...search, span: '1h', id, by: 'bob', changedMs: 2000 }])
    })

    it('takes a name once in a project', async () => {
      const { id } = await rows.add(defaultProject, toSave, change)
      await expect(rows.add(defaultProject, toSave, change)).rejects.toMatchObject({ code: 'state.conflict' })
      await rows.add(other, toSave, change)
      const second = await rows.add(defaultProject, { ...toSave, name: 'second' }, change)
      await expect(rows.replace(defaultProject, second.id, toSave, change)).rejects.toMatchObject({
        code: 'state.conflict',
      })
      await rows.replace(defaultProject, id, toSave, change)
    })

    it('changes and deletes nothing of another project', async () => {
      const { id } = await rows.add(defaultProject, toSave, change)
      await expect(rows.replace(other, id, toSave, change)).rejects.toMatchObject({ code: 'state.not_found' })
      await expect(rows.remove(other, id)).rejects.toMatchObject({ code: 'state.not_found' })
      await rows.remove(defaultProject, id)
      expect(await rows.list(defaultProject)).toEqual([])
    })
  })
}
