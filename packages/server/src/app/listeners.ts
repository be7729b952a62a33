// Ports beside HTTP's, opened and closed as the configuration says.
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { ConfigFollower } from '../config/port.ts'
import { keepCertificate } from '../http/certificate.ts'
import { type ListenerConfigs, listenersSection } from '../ingest/config.ts'
import type { ListenerDefinition, ListenerParts, OpenListener } from '../ingest/port.ts'
import { listeners } from '../ingest/receivers/registry.ts'
import { createTaskGroup } from '../self/task-group.ts'
import type { Configuration } from './configuration.ts'
import type { Logs } from './logs.ts'
import { pipelinesOf, portsOf, withoutPorts } from './pipeline-files.ts'
import type { Roles } from './roles.ts'
import type { SelfParts } from './server.ts'
import type { Telemetry } from './telemetry.ts'

interface ListenersOptions {
  readonly self: SelfParts
  readonly telemetry: Pick<Telemetry, 'acceptor'>
  readonly logs: Logs
  readonly roles: Roles
  readonly clock: Clock
}

interface Open {
  readonly config: unknown
  readonly listener: OpenListener
}

export interface Listeners extends ConfigFollower<Configuration>, AsyncDisposable {
  /** What every listener gets; inputs of pipelines are listeners too. */
  readonly parts: ListenerParts
}

/** A port that cannot be had ends the start; later it is told, and the others go on. */
export function createListeners({ self, telemetry, logs, roles, clock }: ListenersOptions): Listeners {
  const { metrics } = self
  const logger = self.logger.child({ part: 'listeners' })
  const certificates = self.health.part('certificates of listeners', { required: false })
  certificates.ready()
  const openCertificate: ListenerParts['openCertificate'] = async (files) => {
    const tasks = createTaskGroup({ clock, logger, onFatal: () => undefined })
    const keeper = await keepCertificate(files, { logger, tasks, part: certificates })
    return { ...keeper, [Symbol.asyncDispose]: () => tasks[Symbol.asyncDispose]() }
  }
  const parts: ListenerParts = {
    ...{ acceptor: telemetry.acceptor, logs: logs.intake, clock, logger, metrics },
    openCertificate,
  }
  const open = new Map<string, Open>()
  let isFirst = true
  const change = async ({ kind, ...definition }: ListenerDefinition, config: unknown): Promise<void> => {
    const there = open.get(kind)
    if (there !== undefined && isDeepStrictEqual(there.config, config)) return
    await there?.listener[Symbol.asyncDispose]()
    open.delete(kind)
    if (config === undefined) return
    const listener = await definition.open(config, { ...parts, logs: logs.routes.from(kind) })
    open.set(kind, { config, listener })
    logger.info(`${kind} listens`, { address: listener.address })
  }
  return {
    parts,
    async apply(configuration) {
      if (!roles.ingests) return
      const configs = configuration.sections.get(listenersSection.key) as ListenerConfigs
      const taken = portsOf(pipelinesOf(configuration))
      for (const definition of listeners) {
        const config = withoutPorts(configs[definition.kind], taken)
        if (config !== configs[definition.kind])
          logger.info(`${definition.kind} leaves a port to a pipeline that names it`, { ports: [...taken] })
        await change(definition, config).catch((error: unknown) => {
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
