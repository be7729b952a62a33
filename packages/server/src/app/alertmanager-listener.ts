// Alertmanager's own port, for those who know it by its number: its API under a prefix of choice, beside the main port.
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '@tidewatch/core/clock.ts'
import { type AlertmanagerListen, type AlertmanagerSection, alertmanagerSection } from '../config/alertmanager.ts'
import type { ConfigFollower, ServeOptions } from '../config/port.ts'
import type { Authenticator, Route } from '../http/port.ts'
import { createHttpServer, type HttpServer } from '../http/server.ts'
import { createMetrics } from '../self/metrics.ts'
import type { Health, Metrics } from '../self/port.ts'
import { createTaskGroup } from '../self/task-group.ts'
import type { Configuration } from './configuration.ts'
import type { SelfParts } from './server.ts'
import { productVersion } from './version.ts'

export interface AlertmanagerListenerOptions {
  readonly options: ServeOptions
  readonly self: SelfParts
  readonly clock: Clock
  readonly authenticator: Authenticator
  readonly routes: readonly Route[]
  readonly webDir: string
}

interface Open extends AsyncDisposable {
  readonly listen: AlertmanagerListen
  readonly http: HttpServer
}

/** A port that cannot be had ends the start; later it is told, and the rest goes on. */
export function createAlertmanagerListener(
  parts: AlertmanagerListenerOptions,
): ConfigFollower<Configuration> & AsyncDisposable {
  const { self } = parts
  const part = self.health.part('alertmanager port', { required: false })
  // the parts of a server report under fixed names, which the main port has
  const health: Health = { part: () => part, report: () => self.health.report() }
  let open: Open | undefined
  let isFirst = true
  const change = async (listen: AlertmanagerListen | undefined): Promise<void> => {
    if (isDeepStrictEqual(open?.listen, listen)) return
    await open?.[Symbol.asyncDispose]()
    open = undefined
    if (listen === undefined) return
    open = await start(listen, health, parts)
    self.logger.info("Alertmanager's API listens on a port of its own", {
      url: `${open.http.url}${listen.path_prefix}`,
    })
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
      await open?.[Symbol.asyncDispose]()
      open = undefined
    },
  }
}

async function start(listen: AlertmanagerListen, health: Health, parts: AlertmanagerListenerOptions): Promise<Open> {
  const { self, clock, options, routes, authenticator, webDir } = parts
  const { logger } = self
  const tasks = createTaskGroup({ clock, logger, onFatal: () => undefined })
  // its own counts of requests stay here; whoever reads /metrics here finds all the rest
  const metrics: Metrics = {
    ...createMetrics({ logger }),
    render: () => self.metrics.render(),
    text: () => self.metrics.text(),
  }
  const { path_prefix: prefix, host, port } = listen
  const prefixed = prefix === '' ? [] : routes.map((route) => ({ ...route, path: `${prefix}${route.path}` }))
  try {
    const http = await createHttpServer({
      ...{ logger, metrics, health, tasks, clock, authenticator, webDir, port },
      ...{ routes: [...routes, ...prefixed], host: host ?? options.host, tls: options.tls, version: productVersion },
      externalUrl: options.externalUrl,
    })
    return {
      listen,
      http,
      async [Symbol.asyncDispose]() {
        await http[Symbol.asyncDispose]()
        await tasks[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await tasks[Symbol.asyncDispose]()
    throw error
  }
}
