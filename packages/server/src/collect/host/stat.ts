import type { LocalSink } from '../local.ts'
import { type HostCollector, linesOf, single, wordsOf } from './collector.ts'

/** What Linux counts CPU time in, on every architecture that we run on. */
const ticksPerSecond = 100
const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const
const counters: Readonly<Record<string, readonly [name: string, type: 'counter' | 'gauge', help: string]>> = {
  intr: ['node_intr_total', 'counter', 'Total number of interrupts serviced.'],
  ctxt: ['node_context_switches_total', 'counter', 'Total number of context switches.'],
  processes: ['node_forks_total', 'counter', 'Total number of forks.'],
  btime: ['node_boot_time_seconds', 'gauge', 'Node boot time, in unixtime.'],
  procs_running: ['node_procs_running', 'gauge', 'Number of processes in runnable state.'],
  procs_blocked: ['node_procs_blocked', 'gauge', 'Number of processes blocked waiting for I/O to complete.'],
}

/** CPU time, interrupts, context switches, forks: proc_stat(5). */
export const stat: HostCollector = {
  name: 'stat',
  async collect(host, sink) {
    sink.family('node_cpu_seconds_total', 'counter', 'Seconds the CPUs spent in each mode.')
    sink.family('node_cpu_guest_seconds_total', 'counter', 'Seconds the CPUs spent in guests (VMs) for each mode.')
    for (const line of linesOf(await host.read('/proc/stat'))) {
      const [key, ...values] = wordsOf(line)
      const cpu = /^cpu(\d+)$/.exec(key)?.[1]
      const counter = counters[key]
      if (cpu !== undefined) cpuTimes(sink, cpu, values)
      else if (counter !== undefined) single(sink, counter[0], counter[1], counter[2], Number(values[0]))
    }
  },
}

function cpuTimes(sink: LocalSink, cpu: string, values: readonly string[]): void {
  for (const [i, mode] of modes.entries()) {
    sink.sample('node_cpu_seconds_total', ['cpu', cpu, 'mode', mode], Number(values[i] ?? 0) / ticksPerSecond)
  }
  for (const [i, mode] of (['user', 'nice'] as const).entries()) {
    const ticks = Number(values[modes.length + i] ?? 0)
    sink.sample('node_cpu_guest_seconds_total', ['cpu', cpu, 'mode', mode], ticks / ticksPerSecond)
  }
}
