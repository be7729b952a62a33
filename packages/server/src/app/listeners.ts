// Ports beside HTTP's, opened and closed as the configuration says.
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { ConfigFollower } from '../config/port.ts'
import { type ListenerConfigs, listenersSection } from '../ingest/config.ts'
import type { ListenerDefinition, OpenListener } from '../ingest/port.ts'
import { listeners } from '../ingest/receivers/registry.ts'
import type { Configuration } from './configuration.ts'
import type { Roles } from './roles.ts'
import type { SelfParts } from './server.ts'
import type { Telemetry } from './telemetry.ts'

interface ListenersOptions {
  readonly self: SelfParts
  readonly telemetry: Pick<Telemetry, 'acceptor'>
  readonly roles: Roles
  readonly clock: Clock
}

interface Open {
  readonly config: unknown
  readonly listener: OpenListener
}

export type Listeners = ConfigFollower<Configuration> & AsyncDisposable

/** A port that cannot be had ends the start; later it is told, and the others go on. */
export function createListeners({ self, telemetry, roles, clock }: ListenersOptions): Listeners {
  const { metrics } = self
  const logger = self.logger.child({ part: 'listeners' })
  const parts = { acceptor: telemetry.acceptor, clock, logger, metrics }
  const open = new Map<string, Open>()
  let isFirst = true
  const change = async ({ kind, ...definition }: ListenerDefinition, config: unknown): Promise<void> => {
    const there = open.get(kind)
    if (there !== undefined && isDeepStrictEqual(there.config, config)) return
    await there?.listener[Symbol.asyncDispose]()
    open.delete(kind)
    if (config === undefined) return
    const listener = await definition.open(config, parts)
    open.set(kind, { config, listener })
    logger.info(`${kind} listens`, { address: listener.address })
  }
  return {
    async apply(configuration) {
      if (!roles.ingests) return
      const configs = configuration.sections.get(listenersSection.key) as ListenerConfigs
      for (const definition of listeners) {
        await change(definition, configs[definition.kind]).catch((error: unknown) => {
          if (isFirst) throw error
          logger.error(`${definition.kind} does not listen`, { error })
        })
      }
      isFirst = false
    },
    async [Symbol.asyncDispose]() {
      for (const { listener } of open.values()) await listener[Symbol.asyncDispose]()
      open.clear()
    },
  }
}
