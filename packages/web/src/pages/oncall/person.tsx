import type { CSSProperties } from 'react'
import { colourToken } from '../../charts/colours.ts'

/** By name, the place in the palette: the same person has the same colour everywhere on the page. */
export type PersonColours = ReadonlyMap<string, number>

export const personStyle = (person: string | null, colours: PersonColours): CSSProperties =>
  ({ '--swatch': person === null ? 'transparent' : `var(${colourToken(colours.get(person) ?? 0)})` }) as CSSProperties

/** A person with their colour, or that there is nobody. */
export function PersonName({ person, colours }: { readonly person: string | null; readonly colours: PersonColours }) {
  if (person === null) return <span className="warn label">nobody</span>
  return (
    <span className="person" style={personStyle(person, colours)}>
      <span className="person-mark" aria-hidden />
      <span className="break">{person}</span>
    </span>
  )
}
