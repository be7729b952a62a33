// Memory of all our processes together. Resident sizes would count what is shared twice, so each page counts by its share (PSS, proc_pid_smaps(5)).
import { readFile } from 'node:fs/promises'
import type { Metrics, TaskGroup } from '../self/port.ts'

/** Reading takes the kernel 1 to 10 ms a process. */
const intervalMs = 30_000

export interface MemoryMetricsOptions {
  readonly metrics: Metrics
  readonly tasks: TaskGroup
  /** Undefined while it does not run, or runs elsewhere. */
  readonly enginePid: () => number | undefined
}

export function addMemoryMetrics({ metrics, tasks, enginePid }: MemoryMetricsOptions): void {
  const bytes = metrics.gauge({
    name: 'tidewatch_memory_bytes',
    help: 'Memory by process, pages that are shared counted by share; read every 30 s.',
    labels: ['process'],
  })
  const read = async (): Promise<void> => {
    bytes.with('server').set((await proportionalBytes('self')) ?? process.memoryUsage.rss())
    const pid = enginePid()
    bytes.with('engine').set(pid === undefined ? 0 : ((await proportionalBytes(String(pid))) ?? 0))
  }
  tasks.run('memory', read)
  tasks.every('memory', intervalMs, read)
}

/** Undefined on systems that do not tell, and for a process that has gone. */
async function proportionalBytes(pid: string): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '')
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(text)?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}
