import { type HostCollector, linesOf, wordsOf } from './collector.ts'

const receive = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast']
const transmit = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed']
const columns = [...receive.map((name) => `receive_${name}`), ...transmit.map((name) => `transmit_${name}`)]
/** Containers come and go with these: series without end that nobody asks for. */
const ignored = /^veth/

/** Counters of the network devices: proc_pid_net(5), dev. */
export const network: HostCollector = {
  name: 'network',
  async collect(host, sink) {
    const lines = linesOf(await host.read('/proc/net/dev')).slice(2)
    if (lines.length > 0) {
      for (const name of columns) {
        sink.family(`node_network_${name}_total`, 'counter', `Network device statistic ${name}.`)
      }
    }
    for (const line of lines) {
      const colon = line.lastIndexOf(':')
      const device = line.slice(0, colon).trim()
      if (colon === -1 || ignored.test(device)) continue
      const values = wordsOf(line.slice(colon + 1))
      for (const [i, name] of columns.entries()) {
        sink.sample(`node_network_${name}_total`, ['device', device], Number(values[i] ?? 0))
      }
    }
  },
}
