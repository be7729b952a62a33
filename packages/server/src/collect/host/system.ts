import os from 'node:os'
import { type HostCollector, linesOf, single } from './collector.ts'

/** What the system is: uname(2), os-release(5). Where there is no /proc (macOS), also what Node knows of CPU, memory and load. */
export const system: HostCollector = {
  name: 'system',
  async collect(host, sink) {
    const nodename = os.hostname()
    const uname = ['sysname', os.type(), 'release', os.release(), 'version', os.version(), 'machine', os.machine()]
    sink.family('node_uname_info', 'gauge', 'Labeled system information as provided by the uname system call.')
    sink.sample('node_uname_info', [...uname, 'nodename', nodename, 'domainname', '(none)'], 1)
    single(sink, 'node_time_seconds', 'gauge', 'System time in seconds since epoch (1970).', host.nowMs() / 1000)
    const release = osRelease(await host.read('/etc/os-release'))
    if (release.length > 0) {
      sink.family('node_os_info', 'gauge', 'A metric with a constant value labeled by the fields of os-release.')
      sink.sample('node_os_info', release, 1)
    }
    if ((await host.read('/proc/stat')) !== undefined) return
    sink.family('node_cpu_seconds_total', 'counter', 'Seconds the CPUs spent in each mode.')
    for (const [i, { times }] of os.cpus().entries()) {
      for (const [mode, ms] of Object.entries({
        user: times.user,
        nice: times.nice,
        system: times.sys,
        idle: times.idle,
      })) {
        sink.sample('node_cpu_seconds_total', ['cpu', String(i), 'mode', mode], ms / 1000)
      }
    }
    single(sink, 'node_memory_total_bytes', 'gauge', 'Memory information field total_bytes.', os.totalmem())
    single(sink, 'node_memory_free_bytes', 'gauge', 'Memory information field free_bytes.', os.freemem())
    for (const [i, value] of os.loadavg().entries()) {
      const minutes = [1, 5, 15][i]
      single(sink, `node_load${minutes}`, 'gauge', `${minutes}m load average.`, value)
    }
  },
}

const fields = ['id', 'name', 'pretty_name', 'version', 'version_codename', 'version_id']

function osRelease(text: string | undefined): string[] {
  const labels: string[] = []
  for (const line of linesOf(text)) {
    const match = /^([A-Z_]+)="?(.*?)"?$/.exec(line)
    const name = match?.[1].toLowerCase()
    if (match !== null && name !== undefined && fields.includes(name)) labels.push(name, match[2])
  }
  return labels
}
