// Alertmanager's own port, for those who know it by its number: its API under a prefix of choice, beside the main port.
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '@tidewatch/core/clock.ts'
import { type AlertmanagerListen, type AlertmanagerSection, alertmanagerSection } from '../config/alertmanager.ts'
import type { ConfigFollower, ServeOptions } from '../config/port.ts'
import type { Authenticator, Route } from '../http/port.ts'
import type { Configuration } from './configuration.ts'
import { type ExtraPort, type ExtraPortOptions, openExtraPort } from './extra-port.ts'
import type { SelfParts } from './server.ts'

export interface AlertmanagerListenerOptions {
  readonly options: ServeOptions
  readonly self: SelfParts
  readonly clock: Clock
  readonly authenticator: Authenticator
  readonly routes: readonly Route[]
  readonly webDir: string
}

interface Open {
  readonly listen: AlertmanagerListen
  readonly port: ExtraPort
}

/** A port that cannot be had ends the start; later it is told, and the rest goes on. */
export function createAlertmanagerListener(
  parts: AlertmanagerListenerOptions,
): ConfigFollower<Configuration> & AsyncDisposable {
  const { self } = parts
  const part = self.health.part('alertmanager port', { required: false })
  let open: Open | undefined
  let isFirst = true
  const change = async (listen: AlertmanagerListen | undefined): Promise<void> => {
    if (isDeepStrictEqual(open?.listen, listen)) return
    await open?.port[Symbol.asyncDispose]()
    open = undefined
    if (listen === undefined) return
    const port = await start(listen, { ...parts, part })
    open = { listen, port }
    self.logger.info("Alertmanager's API listens on a port of its own", { url: `${port.url}${listen.path_prefix}` })
  }
  return {
    async apply(configuration) {
      const { listen } = configuration.sections.get(alertmanagerSection.key) as AlertmanagerSection
      await change(listen).catch((error: unknown) => {
        if (isFirst) throw error
        self.logger.error("Alertmanager's port does not listen", { error })
      })
      isFirst = false
      part.ready()
    },
    async [Symbol.asyncDispose]() {
      await open?.port[Symbol.asyncDispose]()
      open = undefined
    },
  }
}

function start(
  listen: AlertmanagerListen,
  parts: AlertmanagerListenerOptions & Pick<ExtraPortOptions, 'part'>,
): Promise<ExtraPort> {
  const { options, routes } = parts
  const { path_prefix: prefix, host, port } = listen
  const prefixed = prefix === '' ? [] : routes.map((route) => ({ ...route, path: `${prefix}${route.path}` }))
  return openExtraPort({ ...parts, routes: [...routes, ...prefixed], host: host ?? options.host, port })
}
