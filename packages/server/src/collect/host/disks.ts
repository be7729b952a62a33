import { type HostCollector, linesOf, wordsOf } from './collector.ts'

/** Partitions and devices without a disk behind them; as node_exporter leaves them out. */
const ignored = /^(?:z?ram|loop|fd|(?:h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/
const sectorBytes = 512
const ms = 1 / 1000

/** In the order of the columns after the name: Documentation/admin-guide/iostats.rst. */
const columns: readonly (readonly [name: string, type: 'counter' | 'gauge', factor: number, help: string])[] = [
  ['reads_completed_total', 'counter', 1, 'The total number of reads completed successfully.'],
  ['reads_merged_total', 'counter', 1, 'The total number of reads merged.'],
  ['read_bytes_total', 'counter', sectorBytes, 'The total number of bytes read successfully.'],
  ['read_time_seconds_total', 'counter', ms, 'The total number of seconds spent by all reads.'],
  ['writes_completed_total', 'counter', 1, 'The total number of writes completed successfully.'],
  ['writes_merged_total', 'counter', 1, 'The number of writes merged.'],
  ['written_bytes_total', 'counter', sectorBytes, 'The total number of bytes written successfully.'],
  ['write_time_seconds_total', 'counter', ms, 'This is the total number of seconds spent by all writes.'],
  ['io_now', 'gauge', 1, 'The number of I/Os currently in progress.'],
  ['io_time_seconds_total', 'counter', ms, 'Total seconds spent doing I/Os.'],
  ['io_time_weighted_seconds_total', 'counter', ms, 'The weighted # of seconds spent doing I/Os.'],
  ['discards_completed_total', 'counter', 1, 'The total number of discards completed successfully.'],
  ['discards_merged_total', 'counter', 1, 'The total number of discards merged.'],
  ['discarded_sectors_total', 'counter', 1, 'The total number of sectors discarded successfully.'],
  ['discard_time_seconds_total', 'counter', ms, 'This is the total number of seconds spent by all discards.'],
  ['flush_requests_total', 'counter', 1, 'The total number of flush requests completed successfully'],
  [
    'flush_requests_time_seconds_total',
    'counter',
    ms,
    'This is the total number of seconds spent by all flush requests.',
  ],
]

export const disks: HostCollector = {
  name: 'disks',
  async collect(host, sink) {
    const lines = linesOf(await host.read('/proc/diskstats'))
    if (lines.length > 0) for (const [name, type, , help] of columns) sink.family(`node_disk_${name}`, type, help)
    for (const line of lines) {
      const [, , device, ...values] = wordsOf(line)
      if (device === undefined || ignored.test(device)) continue
      for (const [i, [name, , factor]] of columns.entries()) {
        if (values[i] !== undefined) sink.sample(`node_disk_${name}`, ['device', device], Number(values[i]) * factor)
      }
    }
  },
}
