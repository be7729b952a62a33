import type { Labels } from '@tidewatch/core/labels.ts'
import { compareUtf8 } from '@tidewatch/core/labels.ts'

/** name, value, name, value ... sorted: a series' own labels, and of the others those whose names it does not have. */
export function withExternal(labels: Labels, external: readonly string[]): readonly string[] {
  const { flat } = labels
  if (external.length === 0) return flat
  const merged: string[] = []
  let at = 0
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string
    while (at < external.length && compareUtf8(external[at] as string, name) < 0) {
      merged.push(external[at] as string, external[at + 1] as string)
      at += 2
    }
    if (external[at] === name) at += 2
    merged.push(name, flat[i + 1] as string)
  }
  for (; at < external.length; at++) merged.push(external[at] as string)
  return merged
}
