import { type HostCollector, single, wordsOf } from './collector.ts'

/** Load averages: proc_loadavg(5). */
export const load: HostCollector = {
  name: 'load',
  async collect(host, sink) {
    const text = await host.read('/proc/loadavg')
    if (text === undefined) return
    const values = wordsOf(text)
    for (const [i, minutes] of [1, 5, 15].entries()) {
      single(sink, `node_load${minutes}`, 'gauge', `${minutes}m load average.`, Number(values[i]))
    }
  },
}
