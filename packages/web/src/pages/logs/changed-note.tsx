import { usePreferences } from '../../ui/preferences.ts'
import { formatMoment } from '../../ui/times.ts'

/** Who changed a setting last, and when. */
export function ChangedNote({
  changed,
}: {
  readonly changed: { readonly by: string; readonly changedMs: number } | undefined
}) {
  const { zone } = usePreferences()
  if (changed === undefined) return null
  return (
    <span className="small third">
      changed by {changed.by}, {formatMoment(changed.changedMs, zone)}
    </span>
  )
}
