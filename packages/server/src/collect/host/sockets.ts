import { type HostCollector, linesOf, single, wordsOf } from './collector.ts'

/** Sockets by protocol: proc_pid_net(5), sockstat. */
export const sockets: HostCollector = {
  name: 'sockets',
  async collect(host, sink) {
    for (const line of linesOf(await host.read('/proc/net/sockstat'))) {
      const [protocol, ...pairs] = wordsOf(line.replace(':', ''))
      for (let i = 0; i + 1 < pairs.length; i += 2) {
        const name = `node_sockstat_${protocol}_${pairs[i]}`
        single(sink, name, 'gauge', `Number of ${protocol} sockets in state ${pairs[i]}.`, Number(pairs[i + 1]))
      }
    }
  },
}
