import type { CSSProperties } from 'react'
import { colourToken, dashOf } from './colours.ts'

/** The line of a series in small, dashed as it is drawn. */
export function Swatch({ place }: { readonly place: number }) {
  const [dash] = dashOf(place)
  const style = { '--swatch': `var(${colourToken(place)})` } as CSSProperties
  return (
    <span
      className={`swatch ${dash === undefined ? '' : dash === 2 ? 'dotted' : 'dashed'}`}
      style={style}
      aria-hidden
    />
  )
}
