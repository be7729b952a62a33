// What runs, by /proc: who is whose child, and whether it has ended.
import { readdirSync, readFileSync } from 'node:fs'
import { systemClock } from '@tidewatch/core/clock.ts'

/** A zombie has ended; only its parent has not asked yet. */
export function isAlive(pid: number): boolean {
  return status(pid)?.state !== 'Z' && status(pid) !== undefined
}

/** Living processes whose parent this is. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const found = status(pid)
      return found?.parent === parent && found.state !== 'Z'
    })
}

/** The arguments a process was started with; none where it has ended. */
export function argumentsOf(pid: number): readonly string[] {
  return (read(pid, 'cmdline') ?? '').split('\0')
}

/** SIGKILL to a process that may have ended already. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended by itself
  }
}

/** How long it took until the process was gone, in ms; throws where it is still there after `withinMs`. */
export async function goneAfterMs(pid: number, withinMs: number): Promise<number> {
  const began = performance.now()
  while (isAlive(pid)) {
    if (performance.now() - began > withinMs) throw new Error(`process ${pid} is alive after ${withinMs} ms`)
    await systemClock.sleep(20)
  }
  return performance.now() - began
}

function status(pid: number): { readonly parent: number; readonly state: string } | undefined {
  const text = read(pid, 'status')
  const parent = /^PPid:\s*(\d+)/m.exec(text ?? '')?.[1]
  const state = /^State:\s*(\S)/m.exec(text ?? '')?.[1]
  return parent === undefined || state === undefined ? undefined : { parent: Number(parent), state }
}

function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // it has ended since it was listed
    return undefined
  }
}
