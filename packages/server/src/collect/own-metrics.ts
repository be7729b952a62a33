import type { Metrics } from '../self/port.ts'
import { type LocalOptions, startLocalSource } from './local.ts'

/** Our own metrics as job="tidewatch", so that the page shows them and rules watch them without a scrape of our own port. */
export function startOwnMetrics(
  options: LocalOptions & { readonly metrics: Metrics; readonly instance: string },
): AsyncDisposable {
  const { metrics, instance } = options
  return startLocalSource(
    {
      job: 'tidewatch',
      instance,
      read(sink) {
        for (const { name, family, type, help, labels, value } of metrics.render()) {
          sink.family(family, type, help)
          sink.sample(name, Object.entries(labels).flat(), value)
        }
      },
    },
    options,
  )
}
