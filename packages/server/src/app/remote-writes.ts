// Joins the sending of samples to other systems with spool, store, client and relabelling.
import type { Clock } from '@tidewatch/core/clock.ts'
import { createHttpClient } from '../collect/http-client/client.ts'
import { type HttpConfig, httpConfigOf } from '../collect/http-config/port.ts'
import { compileRelabel, type RelabelRule } from '../collect/relabel.ts'
import { keyOf } from '../collect/scrape/job.ts'
import type { ConfigFollower } from '../config/port.ts'
import { remoteSettings } from '../features/remote-write-out/config.ts'
import { addRemoteWriteMetrics } from '../features/remote-write-out/metrics.ts'
import type { RemoteSource } from '../features/remote-write-out/port.ts'
import { createRemoteWrites } from '../features/remote-write-out/remote-writes.ts'
import type { MetadataSource } from '../query/port.ts'
import { createMetricSectionReader, createSeriesById } from '../store/metric-sections.ts'
import { seriesTable } from '../store/tables/series.ts'
import { baseDirOf, type Configuration } from './configuration.ts'
import type { Roles } from './roles.ts'
import type { SelfParts } from './server.ts'
import type { Telemetry } from './telemetry.ts'
import { productVersion } from './version.ts'

export interface RemoteWriteParts {
  readonly telemetry: Pick<Telemetry, 'spool' | 'client'>
  readonly metadata: MetadataSource
  readonly self: SelfParts
  readonly roles: Roles
  readonly clock: Clock
}

const prefix = 'remote-write-'

export function startRemoteWrites(parts: RemoteWriteParts): ConfigFollower<Configuration> & AsyncDisposable {
  const { self, roles, clock } = parts
  // files of credentials stand beside the configuration, which is known with the first one
  let baseDir = process.cwd()
  const remotes = createRemoteWrites<HttpConfig, RelabelRule>({
    source: sourceOf(parts),
    openClient: (http) =>
      createHttpClient(http, { baseDir, clock, env: process.env, userAgent: `Tidewatch/${productVersion}` }),
    compileRelabel,
    clock,
    logger: self.logger.child({ part: 'remote-write' }),
    version: productVersion,
  })
  addRemoteWriteMetrics(self.metrics, () => remotes.status())
  return {
    async apply(configuration) {
      if (!roles.ingests) return
      baseDir = baseDirOf(configuration)
      const { remote_write: configs, global } = configuration.prometheus
      const settings = remoteSettings(configs, { http: httpConfigOf, rules: (config) => config.write_relabel_configs })
      const externalLabels = global.external_labels
      await remotes.apply(settings, {
        externalLabels,
        changeKey: (remote) => keyOf([remote, externalLabels, baseDir]),
      })
    },
    [Symbol.asyncDispose]: () => remotes[Symbol.asyncDispose](),
  }
}

function sourceOf({ telemetry, metadata }: RemoteWriteParts): RemoteSource {
  const { spool, client } = telemetry
  const store = createSeriesById(client)
  return {
    attach: (id) => spool.attach(`${prefix}${id}`),
    detach: (id) => spool.detach(`${prefix}${id}`),
    attached: () => spool.attached.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)),
    isSpoolFull: () => spool.status().full,
    sections: createMetricSectionReader(),
    series: {
      async seriesById(ids, options) {
        await spool.flush([seriesTable.name], options)
        return await store.seriesById(ids, options)
      },
    },
    metadata: (signal) => metadata.families({ projects: 'all', signal }),
  }
}
