import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import { createLogger } from '../../self/logger.ts'
import { createStateStore } from '../../state/store.ts'
import type { Erasure } from '../../store/port.ts'
import { createDeletionRows, type DeletionTables, deletionState } from './state.ts'

test('rows go through their stages, oldest first, with times that no sample has', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-deletions-'))
  try {
    const clock = new FakeClock()
    const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
    await using state = await createStateStore({
      ...{ dataDir, databaseUrl: undefined, env: {}, features: [deletionState], clock, logger },
    })
    const rows = createDeletionRows(state.database<DeletionTables>())
    const erasure: Erasure = {
      projects: [defaultProject],
      matcherSets: [[{ name: 'a"b', op: '!~', value: "it's\n.*" }]],
      ...{ startMs: -Number.MAX_SAFE_INTEGER, endMs: Number.MAX_SAFE_INTEGER },
    }
    await rows.begin('later', erasure, 2)
    await rows.begin('first', erasure, 1)
    await rows.submitted('first')
    expect(await rows.open()).toEqual([
      { id: 'first', stage: 'submitted', erasure },
      { id: 'later', stage: 'begun', erasure },
    ])
    await rows.end('first')
    expect((await rows.open()).map(({ id }) => id)).toEqual(['later'])
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})
