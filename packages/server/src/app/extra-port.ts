// A port beside the main one, with some of its routes.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { ServeOptions } from '../config/port.ts'
import type { Authenticator, Route } from '../http/port.ts'
import { createHttpServer } from '../http/server.ts'
import { createMetrics } from '../self/metrics.ts'
import type { Health, HealthPart, Metrics } from '../self/port.ts'
import { createTaskGroup } from '../self/task-group.ts'
import type { SelfParts } from './server.ts'
import { productVersion } from './version.ts'

export interface ExtraPortOptions {
  readonly options: Pick<ServeOptions, 'tls' | 'externalUrl'>
  readonly self: SelfParts
  /** What the port reports as. */
  readonly part: HealthPart
  readonly clock: Clock
  readonly authenticator: Authenticator
  readonly routes: readonly Route[]
  /** Undefined: the page is not there. */
  readonly webDir: string | undefined
  readonly host: string
  readonly port: number
  /** Further names that callers reach it by. */
  readonly hosts?: readonly string[]
}

export interface ExtraPort extends AsyncDisposable {
  readonly url: string
}

/** Throws `http.cannot_listen` and `http.bad_certificate`. */
export async function openExtraPort(parts: ExtraPortOptions): Promise<ExtraPort> {
  const { self, part, clock, options, routes, authenticator, webDir, host, port, hosts = [] } = parts
  const { logger } = self
  const tasks = createTaskGroup({ clock, logger, onFatal: () => undefined })
  // the parts of a server report under fixed names, which the main port has
  const health: Health = { part: () => part, report: () => self.health.report() }
  // its own counts of requests stay here; whoever reads /metrics here finds all the rest
  const metrics: Metrics = {
    ...createMetrics({ logger }),
    render: () => self.metrics.render(),
    text: () => self.metrics.text(),
  }
  try {
    const http = await createHttpServer({
      ...{ logger, metrics, health, tasks, clock, authenticator, webDir, routes, host, port, hosts },
      ...{ tls: options.tls, externalUrl: options.externalUrl, version: productVersion },
    })
    return {
      url: http.url,
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
