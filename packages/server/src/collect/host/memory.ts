import { type HostCollector, linesOf, single } from './collector.ts'

/** /proc/meminfo: proc_meminfo(5). */
export const memory: HostCollector = {
  name: 'memory',
  async collect(host, sink) {
    for (const line of linesOf(await host.read('/proc/meminfo'))) {
      const match = /^([\w()]+):\s+(\d+)( kB)?$/.exec(line)
      if (match === null) continue
      const name = match[1].replace(/\((.*)\)/, '_$1')
      const suffix = match[3] === undefined ? '' : '_bytes'
      const factor = match[3] === undefined ? 1 : 1024
      const help = `Memory information field ${name}${suffix}.`
      single(sink, `node_memory_${name}${suffix}`, 'gauge', help, Number(match[2]) * factor)
    }
  },
}
