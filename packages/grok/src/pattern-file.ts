/** A pattern file: a name, blanks and an expression on each line; `#` begins a comment line. A later line of a name wins. */
export function readPatternFile(text: string): ReadonlyMap<string, string> {
  const patterns = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^\s#]\S*)\s+(.*)$/.exec(line)
    if (match !== null) patterns.set(match[1] as string, match[2] as string)
  }
  return patterns
}
