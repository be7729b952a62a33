/** ms of processor time that this thread has taken so far: what is bounded by it is not cut short because other programs have the processors. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
