// For tests: sections of the metric tables into the engine as the loader puts them there.
import { systemClock as clock } from '@tidewatch/core/clock.ts'
import type { SpoolReader, SpoolSection } from '../spool/port.ts'
import { createLoader } from './loader.ts'
import type { StoreClient } from './port.ts'
import { createRenderTarget } from './render.ts'
import { logTables, metricTables } from './tables/registry.ts'

const target = createRenderTarget(undefined)
let nextSegment = 1
/** Loads sections as the loader does, from a segment that lies in memory. */
export async function loadSections(client: StoreClient, sections: readonly SpoolSection[]): Promise<void> {
  const number = nextSegment++
  const frame = {
    segment: number,
    index: 0,
    sections: sections.map(({ table, parts, rows }) => ({ table, rows, bytes: Buffer.concat(parts) })),
  }
  const loaded = Promise.withResolvers<void>()
  let given = false
  const reader: SpoolReader = {
    name: 'store',
    async next(options) {
      options.signal.throwIfAborted()
      if (given) await new Promise((_, reject) => options.signal.addEventListener('abort', reject, { once: true }))
      given = true
      return { number, uid: `memory${number}`, frames: async () => [frame] }
    },
    progress: () => undefined,
    saveProgress: async () => {},
    confirm: async () => loaded.resolve(),
    heldBytes: () => 0,
    reportTrouble: (reason) => reason !== undefined && loaded.reject(new Error(reason)),
    setAside: async (part) => loaded.reject(new Error(part.reason)),
  }
  await using _ = createLoader({
    reader,
    client,
    tables: [...metricTables, ...logTables],
    target,
    clock,
    log: () => {},
  })
  await loaded.promise
}
