import type { Metrics } from '../../../self/port.ts'

/** What is made once for a registry: a listener that is opened again, or beside another, counts on in the families that are there. */
export function oncePerMetrics<T>(make: (metrics: Metrics) => T): (metrics: Metrics) => T {
  const made = new WeakMap<Metrics, { readonly value: T }>()
  return (metrics) => {
    const known = made.get(metrics)
    if (known !== undefined) return known.value
    const value = make(metrics)
    made.set(metrics, { value })
    return value
  }
}
