/** A course in small, from zero; the words beside it carry the meaning. */
export function Sparkline({ values, max }: { readonly values: readonly (number | null)[]; readonly max?: number }) {
  const most = max ?? Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE)
  return (
    <svg className="sparkline" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden>
      <path d={sparkPath(values, most)} />
    </svg>
  )
}

/** A path with a new beginning after each gap. */
export function sparkPath(values: readonly (number | null)[], most: number): string {
  const step = 100 / Math.max(1, values.length - 1)
  let [path, inLine] = ['', false]
  for (const [i, value] of values.entries()) {
    if (value === null) {
      inLine = false
      continue
    }
    const y = 19 - 18 * Math.max(0, Math.min(1, value / most))
    path += `${inLine ? 'L' : 'M'}${(i * step).toFixed(1)} ${y.toFixed(1)}`
    inLine = true
  }
  return path
}
