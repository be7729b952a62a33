// This host's metrics, with node_exporter's names, so that everybody's dashboards and rules fit without a second program.
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { HostFiles } from './host/collector.ts'
import { hostCollectors } from './host/registry.ts'
import { type LocalOptions, type LocalSink, startLocalSource } from './local.ts'

export interface HostMetricsOptions extends LocalOptions {
  /** Where /proc and /etc are; `/` by default. In a container the host's may be mounted elsewhere. */
  readonly root?: string
}

/** Reads the host every 15 s as job="host" until it is disposed of. */
export function startHostMetrics(options: HostMetricsOptions): AsyncDisposable {
  const files = hostFiles(options.root ?? '/', options.clock)
  return startLocalSource({ job: 'host', instance: hostname(), read: (sink) => readHost(files, sink) }, options)
}

/** All collectors, one after the other: a part that this system lacks leaves the others. Throws what a collector throws, after the rest. */
export async function readHost(files: HostFiles, sink: LocalSink): Promise<void> {
  const errors: unknown[] = []
  for (const collector of hostCollectors) {
    try {
      await collector.collect(files, sink)
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}

export function hostFiles(root: string, clock: Clock): HostFiles {
  return {
    nowMs: () => clock.nowMs(),
    async read(path) {
      try {
        return await readFile(join(root, path), 'utf8')
      } catch {
        // not there, not ours to read, or not supported by this kernel: that part is left out
        return undefined
      }
    },
  }
}
