import { useTicking } from '../../ui/loaded.tsx'
import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment } from '../../ui/times.ts'
import { formatAge } from '../../ui/units.ts'

/** How long ago, with the moment on hover. */
export function Age({ atMs, never = 'never' }: { readonly atMs: number | null; readonly never?: string }) {
  const nowMs = useTicking(10_000)
  const { zone } = usePreferences()
  if (atMs === null) return <span className="third">{never}</span>
  return <span title={formatMoment(atMs, zone)}>{formatAge(nowMs - atMs)} ago</span>
}
