import { type HostCollector, linesOf, single } from './collector.ts'

const names: Readonly<Record<string, string>> = {
  'cpu some': 'node_pressure_cpu_waiting_seconds_total',
  'io some': 'node_pressure_io_waiting_seconds_total',
  'io full': 'node_pressure_io_stalled_seconds_total',
  'memory some': 'node_pressure_memory_waiting_seconds_total',
  'memory full': 'node_pressure_memory_stalled_seconds_total',
}

/** How long processes waited for CPU, disk and memory: Documentation/accounting/psi.rst. */
export const pressure: HostCollector = {
  name: 'pressure',
  async collect(host, sink) {
    for (const resource of ['cpu', 'io', 'memory']) {
      for (const line of linesOf(await host.read(`/proc/pressure/${resource}`))) {
        const kind = line.slice(0, 4)
        const name = names[`${resource} ${kind}`]
        const totalUs = /total=(\d+)/.exec(line)?.[1]
        if (name === undefined || totalUs === undefined) continue
        const help = `Total time in seconds that processes ${kind === 'full' ? 'could make no progress' : 'have waited'} for ${resource}.`
        single(sink, name, 'counter', help, Number(totalUs) / 1_000_000)
      }
    }
  },
}
