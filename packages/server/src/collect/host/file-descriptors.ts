import { type HostCollector, single, wordsOf } from './collector.ts'

/** Open files of the whole system: proc_sys_fs(5), file-nr. */
export const fileDescriptors: HostCollector = {
  name: 'file-descriptors',
  async collect(host, sink) {
    const text = await host.read('/proc/sys/fs/file-nr')
    if (text === undefined) return
    const [allocated, , maximum] = wordsOf(text).map(Number)
    single(sink, 'node_filefd_allocated', 'gauge', 'File descriptor statistics: allocated.', allocated)
    single(sink, 'node_filefd_maximum', 'gauge', 'File descriptor statistics: maximum.', maximum)
  },
}
