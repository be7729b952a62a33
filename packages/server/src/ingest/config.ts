// `listeners` of tidewatch.yml: protocols that have a port of their own. None listens unless its key is there. And `start_timestamps`.
import { z } from 'zod'
import { defineConfigSection } from '../config/port.ts'
import { httpListenerSchema, httpListeners } from './http-listeners.ts'
import { listeners } from './receivers/registry.ts'

/** What is configured, by kind. */
export type ListenerConfigs = Readonly<Record<string, unknown>>

export const listenersSection = defineConfigSection<ListenerConfigs>({
  key: 'listeners',
  schema: z
    .strictObject(
      Object.fromEntries(
        // a key with nothing below it listens with all defaults
        [
          ...listeners,
          ...httpListeners.map((listener) => ({ kind: listener.kind, config: httpListenerSchema(listener) })),
        ].map(({ kind, config }) => [kind, z.preprocess((value) => value ?? {}, config).optional()]),
      ),
    )
    .default({}),
})

/** `zero_samples`: scrapes and remote write 2.0 put a zero where a counter says that it began. YAML reads a plain `off` as false. */
export const startTimestampsSection = defineConfigSection<'off' | 'zero_samples'>({
  key: 'start_timestamps',
  schema: z.preprocess((value) => (value === false ? 'off' : value), z.enum(['off', 'zero_samples']).default('off')),
})
