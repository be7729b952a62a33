import { useTicking } from './loaded.tsx'
import { usePreferences } from './preferences.ts'
import { formatMoment } from './times.ts'
import { formatAge } from './units.ts'

/** How long ago, with the moment on hover. */
export function Age({ atMs, never = 'never' }: { readonly atMs: number | null; readonly never?: string }) {
  const nowMs = useTicking(10_000)
  const { zone } = usePreferences()
  if (atMs === null) return <span className="third">{never}</span>
  return <span title={formatMoment(atMs, zone)}>{formatAge(nowMs - atMs)} ago</span>
}

/** In how long, with the moment on hover. */
export function Ahead({ atMs }: { readonly atMs: number }) {
  const nowMs = useTicking(10_000)
  const { zone } = usePreferences()
  return <span title={formatMoment(atMs, zone)}>in {formatAge(atMs - nowMs)}</span>
}
