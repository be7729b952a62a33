import { type HostCollector, linesOf, wordsOf } from './collector.ts'

const wanted = /^(?:oom_kill|pgpg|pswp|pg.*fault)/

/** Paging, swapping, out-of-memory kills: proc_vmstat(5). */
export const vmstat: HostCollector = {
  name: 'vmstat',
  async collect(host, sink) {
    for (const line of linesOf(await host.read('/proc/vmstat'))) {
      const [field, value] = wordsOf(line)
      if (!wanted.test(field)) continue
      sink.family(`node_vmstat_${field}`, 'unknown', `/proc/vmstat information field ${field}.`)
      sink.sample(`node_vmstat_${field}`, [], Number(value))
    }
  },
}
