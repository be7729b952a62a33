// `listeners` of tidewatch.yml: protocols that have a port of their own. None listens unless its key is there.
import { z } from 'zod'
import { defineConfigSection } from '../config/port.ts'
import { listeners } from './receivers/registry.ts'

/** What is configured, by kind. */
export type ListenerConfigs = Readonly<Record<string, unknown>>

export const listenersSection = defineConfigSection<ListenerConfigs>({
  key: 'listeners',
  schema: z
    .strictObject(
      Object.fromEntries(
        // a key with nothing below it listens with all defaults
        listeners.map(({ kind, config }) => [kind, z.preprocess((value) => value ?? {}, config).optional()]),
      ),
    )
    .default({}),
})
