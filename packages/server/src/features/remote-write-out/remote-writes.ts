// All receivers that samples are sent on to, as the configuration in force has them.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Logger } from '../../self/port.ts'
import type { RemoteCounters } from './counters.ts'
import type { RemoteParts, RemoteSettings } from './port.ts'
import { RemoteQueue } from './queue.ts'

/** Of the spool's bound for all: a receiver that is away for hours must not keep new samples out. */
const defaultMaxHeldBytes = 2 * 1024 ** 3

export interface RemoteWritesOptions<Http, Rule> extends RemoteParts<Http, Rule> {
  readonly clock: Clock
  readonly logger: Logger
  readonly version: string
  readonly maxHeldBytes?: number
}

export interface RemoteWriteStatus {
  readonly settings: RemoteSettings
  readonly counters: RemoteCounters
}

export interface RemoteWrites<Http, Rule> extends AsyncDisposable {
  /** These are the receivers now. One that stays the same goes on; a changed one goes on where its former self was. */
  apply(
    remotes: readonly RemoteSettings<Http, Rule>[],
    options: {
      readonly externalLabels: Readonly<Record<string, string>>
      readonly changeKey: (remote: RemoteSettings<Http, Rule>) => string
    },
  ): Promise<void>
  status(): readonly RemoteWriteStatus[]
}

interface Running {
  readonly settings: RemoteSettings
  readonly key: string
  readonly queue: RemoteQueue
}

export function createRemoteWrites<Http, Rule>(options: RemoteWritesOptions<Http, Rule>): RemoteWrites<Http, Rule> {
  const { source, openClient, compileRelabel, clock, logger, version, maxHeldBytes = defaultMaxHeldBytes } = options
  const running = new Map<string, Running>()
  return {
    async apply(remotes, { externalLabels, changeKey }) {
      const wanted = new Set(remotes.map(({ id }) => id))
      for (const [id, { queue }] of [...running]) {
        if (wanted.has(id)) continue
        running.delete(id)
        await queue[Symbol.asyncDispose]()
      }
      for (const id of source.attached()) if (!wanted.has(id)) await source.detach(id)
      for (const settings of remotes) {
        const key = changeKey(settings)
        const before = running.get(settings.id)
        if (before?.key === key) continue
        await before?.queue[Symbol.asyncDispose]()
        // before the first sample of this configuration is written
        await source.attach(settings.id)
        const queue = new RemoteQueue({
          settings,
          source,
          http: openClient(settings.http),
          relabel: compileRelabel(settings.relabelRules),
          externalLabels,
          clock,
          logger,
          version,
          maxHeldBytes,
          ...(before === undefined ? {} : { counters: before.queue.counters }),
        })
        queue.start()
        running.set(settings.id, { settings, key, queue })
      }
    },
    status: () => [...running.values()].map(({ settings, queue }) => ({ settings, counters: queue.counters })),
    async [Symbol.asyncDispose]() {
      await Promise.all([...running.values()].map(({ queue }) => queue[Symbol.asyncDispose]()))
      running.clear()
    },
  }
}
