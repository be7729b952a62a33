// Usual ports of protocols over HTTP, opened and closed as the configuration says: who belongs to its networks may bring data without a key.
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { ConfigFollower, ServeOptions } from '../config/port.ts'
import type { Authenticator, Identity, Permission, Route } from '../http/port.ts'
import { type ListenerConfigs, listenersSection } from '../ingest/config.ts'
import { type HttpListenerConfig, type HttpListenerDefinition, httpListeners } from '../ingest/http-listeners.ts'
import { blockListOf, isFrom } from '../ingest/udp.ts'
import type { HealthPart } from '../self/port.ts'
import type { Configuration } from './configuration.ts'
import { type ExtraPort, openExtraPort } from './extra-port.ts'
import type { Roles } from './roles.ts'
import type { SelfParts } from './server.ts'

export interface HttpListenersOptions {
  readonly options: Pick<ServeOptions, 'tls' | 'externalUrl'>
  readonly self: SelfParts
  readonly clock: Clock
  readonly roles: Roles
  readonly authenticator: Authenticator
  /** All there are; each listener has some of them. */
  readonly routes: readonly Route[]
}

interface Open {
  readonly config: HttpListenerConfig
  readonly port: ExtraPort
}

/** A port that cannot be had ends the start; later it is told, and the others go on. */
export function createHttpListeners(parts: HttpListenersOptions): ConfigFollower<Configuration> & AsyncDisposable {
  const { self, roles } = parts
  const logger = self.logger.child({ part: 'listeners' })
  const part = self.health.part('http listeners', { required: false })
  const open = new Map<string, Open>()
  let isFirst = true
  const change = async (definition: HttpListenerDefinition, config: HttpListenerConfig | undefined): Promise<void> => {
    const { kind } = definition
    const there = open.get(kind)
    if (isDeepStrictEqual(there?.config, config)) return
    await there?.port[Symbol.asyncDispose]()
    open.delete(kind)
    if (config === undefined) return
    const port = await openListener(definition, config, { ...parts, part })
    open.set(kind, { config, port })
    logger.info(`${kind} listens`, { url: port.url })
  }
  return {
    async apply(configuration) {
      part.ready()
      if (!roles.ingests) return
      const configs = configuration.sections.get(listenersSection.key) as ListenerConfigs
      for (const definition of httpListeners) {
        const config = configs[definition.kind] as HttpListenerConfig | undefined
        await change(definition, config).catch((error: unknown) => {
          if (isFirst) throw error
          logger.error(`${definition.kind} does not listen`, { error })
        })
      }
      isFirst = false
    },
    async [Symbol.asyncDispose]() {
      for (const { port } of open.values()) await port[Symbol.asyncDispose]()
      open.clear()
    },
  }
}

function openListener(
  definition: HttpListenerDefinition,
  config: HttpListenerConfig,
  parts: HttpListenersOptions & { readonly part: HealthPart },
): Promise<ExtraPort> {
  const { address, hosts } = config
  return openExtraPort({
    ...parts,
    ...{ ...address, hosts, webDir: undefined },
    // its address is its own
    options: { tls: parts.options.tls, externalUrl: undefined },
    routes: parts.routes.filter((route) => definition.has(route)),
    authenticator: admitting(definition, config, parts.authenticator),
  })
}

/**
 * Who names a key of ours is known by it. Who does not (or names the password that another server wanted), and comes from the networks, may
 * bring data and nothing else.
 */
export function admitting(
  { kind }: Pick<HttpListenerDefinition, 'kind'>,
  { networks, project }: Pick<HttpListenerConfig, 'networks' | 'project'>,
  authenticator: Authenticator,
): Authenticator {
  const list = blockListOf(networks)
  const guest: Identity = {
    kind: 'ingest_key',
    name: `listener:${kind}`,
    permissions: new Set<Permission>(['public', 'ingest']),
    projects: new Set(),
    project,
  }
  return {
    identify: async (request) => {
      const { headers, url, crossOrigin, remoteAddress } = request
      const namesKey = headers.authorization !== undefined || /[?&]key=/.test(url)
      const isGuest = !crossOrigin && isFrom(list, remoteAddress)
      if (isGuest && !namesKey) return guest
      const known = await authenticator.identify(request)
      return isGuest && known instanceof AppError ? guest : known
    },
  }
}
