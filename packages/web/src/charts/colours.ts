// Colours follow the labels: a series has the same one on every page and after every refresh, and no two of the first ten share one.

/** How many colours there are (`--s1` to `--s10`). */
const paletteSize = 10

/** FNV-1a over UTF-16 units: small, and spread well enough for ten places. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/**
 * For each key a place from 0: its hash's colour, else the next free one. Ten keys have ten colours; the next ten begin anew
 * (places 10 to 19), which are drawn with another dash. Keys are placed in the order of their text, so that the order of an
 * answer does not matter.
 */
export function assignColours(keys: readonly string[]): Map<string, number> {
  const places = new Map<string, number>()
  let taken = new Set<number>()
  let round = 0
  for (const key of [...new Set(keys)].sort()) {
    if (taken.size === paletteSize) {
      taken = new Set()
      round++
    }
    // a series without labels is mostly alone in its chart: it has the first colour
    let colour = key === '' ? 0 : hashText(key) % paletteSize
    while (taken.has(colour)) colour = (colour + 1) % paletteSize
    taken.add(colour)
    places.set(key, round * paletteSize + colour)
  }
  return places
}

/** The token of a place's colour. */
export const colourToken = (place: number): string => `--s${(place % paletteSize) + 1}`

/** Past this many series nobody tells them apart by their dashes any more, and dashed lines take long to draw. */
const maxDashed = 40

/** Solid for the first five colours, dashed from the sixth on, dotted where the ten colours are used again. */
export function dashOf(place: number): readonly number[] {
  if (place >= maxDashed) return []
  if (place >= paletteSize) return [2, 3]
  return place >= 5 ? [6, 3] : []
}
