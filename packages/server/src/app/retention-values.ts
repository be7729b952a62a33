// `storage.tsdb.retention` of a prometheus.yml, as newer Prometheus has it; the rest of `storage` is Prometheus's own.
import { parseBytes } from '@tidewatch/core/byte-size.ts'
import { z } from 'zod'
import { duration } from '../config/prometheus.ts'

const retention = z.looseObject({ time: duration().optional(), size: z.string().optional() })
const storage = z.looseObject({
  tsdb: z.looseObject({ out_of_order_time_window: duration().optional(), retention: retention.nullish() }).nullish(),
  exemplars: z.unknown().optional(),
})

interface WithStorage {
  readonly storage?: unknown
}

const readStorage = (file: WithStorage): Partial<z.infer<typeof storage>> =>
  storage.safeParse(file.storage ?? {}).data ?? {}

/** Undefined where nothing is said; Prometheus takes 0 for nothing too. */
export function prometheusRetention(file: WithStorage): {
  readonly ageMs: number | undefined
  readonly sizeBytes: number | undefined
} {
  const { time, size = '' } = readStorage(file).tsdb?.retention ?? {}
  const bytes = parseBytes(size)
  return { ageMs: time === 0 ? undefined : time, sizeBytes: bytes === 0 ? undefined : bytes }
}

/** A size that is none: the form of prometheus.yml takes any text there. */
export function retentionFaults(file: WithStorage): { readonly path: readonly string[]; readonly message: string }[] {
  const { size = '' } = readStorage(file).tsdb?.retention ?? {}
  if (size === '' || parseBytes(size) !== undefined) return []
  return [
    { path: ['storage', 'tsdb', 'retention', 'size'], message: `"${size}" is not a size. Write one such as 10GB.` },
  ]
}

/** What of `storage` is read and not used. */
export function unusedStorage(file: WithStorage): Readonly<Record<string, unknown>> {
  const { tsdb, exemplars } = readStorage(file)
  const windowMs = tsdb?.out_of_order_time_window ?? 0
  return {
    ...(exemplars == null ? {} : { 'storage.exemplars': exemplars }),
    ...(windowMs === 0 ? {} : { 'storage.tsdb.out_of_order_time_window': windowMs }),
  }
}
