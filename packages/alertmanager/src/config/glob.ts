/** What is wrong with a pattern of file names by Go's path/filepath: brackets without an end or content, a backslash at the end. */
export function globFault(pattern: string): string | undefined {
  let at = 0
  while (at < pattern.length) {
    const char = pattern[at]
    if (char === '\\') at += 2
    else if (char === '[') {
      const end = endOfClass(pattern, at + 1)
      if (end === undefined) return `${JSON.stringify(pattern)} has a [ that is not closed, or has nothing in it.`
      at = end
    } else at++
  }
  return at > pattern.length ? `${JSON.stringify(pattern)} ends with a backslash.` : undefined
}

/** Behind the closing bracket; undefined where the class is malformed. */
function endOfClass(pattern: string, start: number): number | undefined {
  let at = pattern[start] === '^' ? start + 1 : start
  for (let ranges = 0; ; ranges++) {
    if (pattern[at] === ']' && ranges > 0) return at + 1
    const afterFirst = endOfMember(pattern, at)
    if (afterFirst === undefined) return undefined
    at = afterFirst
    if (pattern[at] !== '-') continue
    const afterLast = endOfMember(pattern, at + 1)
    if (afterLast === undefined) return undefined
    at = afterLast
  }
}

function endOfMember(pattern: string, at: number): number | undefined {
  const char = pattern[at]
  if (char === undefined || char === '-' || char === ']') return undefined
  const end = char === '\\' ? at + 2 : at + 1
  // something must follow: at least the bracket
  return end >= pattern.length ? undefined : end
}
