/** Which series a click shows alone; with Shift it is added or taken away, and the same one again shows all. */
export function nextOnly(only: ReadonlySet<string>, key: string, adding: boolean): ReadonlySet<string> {
  if (!adding) return only.size === 1 && only.has(key) ? new Set() : new Set([key])
  const next = new Set(only)
  if (!next.delete(key)) next.add(key)
  return next
}
