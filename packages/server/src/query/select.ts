import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { SeriesIndex } from '../head/port.ts'
import type { SelectedRefs, SelectorWindow } from './protocol.ts'

/** The head's series of one selector, as they are now; with their ids where the store is read too. */
export function selectSeries(
  index: SeriesIndex,
  { matchers, startMs, endMs }: SelectorWindow,
  { projects, withIds }: { readonly projects: readonly number[]; readonly withIds: boolean },
): SelectedRefs {
  const parts = projects.map((project) => index.select(project as ProjectId, matchers, startMs, endMs))
  const refs = parts.length === 1 ? (parts[0] as Uint32Array) : concat(parts)
  const idLow = new Uint32Array(withIds ? refs.length : 0)
  const idHigh = new Uint32Array(withIds ? refs.length : 0)
  for (let i = 0; i < idLow.length; i++) {
    idLow[i] = index.idLow[refs[i] as number] as number
    idHigh[i] = index.idHigh[refs[i] as number] as number
  }
  return { refs, idLow, idHigh }
}

function concat(parts: readonly Uint32Array[]): Uint32Array {
  const whole = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
