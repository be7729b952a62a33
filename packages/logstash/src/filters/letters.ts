/** The first letter large, the others small. */
export function capitalize(text: string): string {
  const first = String.fromCodePoint(...(text === '' ? [] : [text.codePointAt(0) as number]))
  return first.toUpperCase() + text.slice(first.length).toLowerCase()
}
