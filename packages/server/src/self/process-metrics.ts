// process_* as every Prometheus client has them, and what Node knows about its loop and heap.
import { readdirSync, readFileSync } from 'node:fs'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Metrics } from './port.ts'

/** Adds them to the registry; values are read when the metrics are. Descriptors and address space come from /proc, so on Linux alone. */
export function addProcessMetrics(
  metrics: Metrics,
  options: { readonly clock: Clock; readonly version: string },
): void {
  const cpu = metrics
    .counter({ name: 'process_cpu_seconds_total', help: 'User and system CPU time spent, in seconds.' })
    .with()
  const resident = gauge('process_resident_memory_bytes', 'Resident memory size in bytes.')
  const virtual = gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.')
  const openFds = gauge('process_open_fds', 'Number of open file descriptors.')
  const maxFds = gauge('process_max_fds', 'Maximum number of open file descriptors.')
  const heapUsed = gauge('nodejs_heap_size_used_bytes', 'Heap of the main thread in use, in bytes.')
  const heapTotal = gauge('nodejs_heap_size_total_bytes', 'Heap of the main thread, in bytes.')
  const external = gauge('nodejs_external_memory_bytes', 'Memory of buffers outside the heap, in bytes.')
  const active = metrics
    .counter({ name: 'nodejs_eventloop_active_seconds_total', help: 'Time the main thread was busy, in seconds.' })
    .with()
  gauge('process_start_time_seconds', 'Start time of the process since 1970, in seconds.').set(
    (options.clock.nowMs() - process.uptime() * 1000) / 1000,
  )
  metrics
    .gauge({ name: 'tidewatch_build_info', help: 'Always 1; the version is in the label.', labels: ['version'] })
    .with(options.version)
    .set(1)
  let cpuBefore = 0
  let activeBefore = 0
  metrics.beforeRead(() => {
    const usage = process.cpuUsage()
    const cpuNow = (usage.user + usage.system) / 1e6
    cpu.add(cpuNow - cpuBefore)
    cpuBefore = cpuNow
    const activeNow = performance.eventLoopUtilization().active / 1000
    active.add(activeNow - activeBefore)
    activeBefore = activeNow
    const memory = process.memoryUsage()
    resident.set(memory.rss)
    heapUsed.set(memory.heapUsed)
    heapTotal.set(memory.heapTotal)
    external.set(memory.external)
    if (process.platform !== 'linux') return
    openFds.set(readdirSync('/proc/self/fd').length)
    maxFds.set(maxOpenFiles())
    virtual.set(Number(/^VmSize:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? 0) * 1024)
  })

  function gauge(name: string, help: string) {
    return metrics.gauge({ name, help }).with()
  }
}

function maxOpenFiles(): number {
  const line = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'latin1'))
  return line === null || line[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line[1])
}
