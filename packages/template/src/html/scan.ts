// Small steps through text that the transitions share.
import { quote } from '../quote.ts'

/** Where the first of the characters stands from there on, or -1. */
export function indexOfAny(text: string, characters: string, from = 0): number {
  for (let i = from; i < text.length; i++) if (characters.includes(text[i] ?? '')) return i
  return -1
}

const space = ' \t\n\f\r'

/** The first place from there on that holds no white space of HTML. */
export function skipSpace(text: string, from = 0): number {
  let i = from
  while (i < text.length && space.includes(text[i] ?? '')) i++
  return i
}

/** The last place before there behind which only white space stands. */
export function trimmedEnd(text: string, to: number, characters = space): number {
  let end = to
  while (end > 0 && characters.includes(text[end - 1] ?? '')) end--
  return end
}

/** A piece of text for a message. */
export const shown = (text: string): string => quote(text.slice(0, 32))
