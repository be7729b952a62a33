// RE2 expressions that look anywhere in a text, as Go's regexp package does (`match` and `reReplaceAll` of templates).
import { RE2JS } from 're2js'
import { ExpandTemplate } from './regexp-capture.ts'

/** Whether the expression matches somewhere in the text. Throws re2js's error, with Go's message, for a bad expression. */
export function matchesSomewhere(pattern: string, text: string): boolean {
  return RE2JS.compile(pattern).matcher(text).find()
}

/** The text with every match replaced; `$1`, `$name` and `${name}` are groups of the match. As Go's `ReplaceAllString`. */
export function replaceMatches(pattern: string, replacement: string, text: string): string {
  const compiled = RE2JS.compile(pattern)
  const named: Readonly<Record<string, number>> = compiled.namedGroups()
  const { parts } = new ExpandTemplate(replacement)
  const matcher = compiled.matcher(text)
  const group = (name: string): string => {
    const number = /^\d+$/.test(name) ? Number(name) : named[name]
    return number === undefined || number > matcher.groupCount() ? '' : (matcher.group(number) ?? '')
  }
  let result = ''
  let lastEnd = 0
  while (matcher.find()) {
    const start = matcher.start()
    const end = matcher.end()
    result += text.slice(lastEnd, start)
    // an empty match just behind another one would replace twice
    const counts = end > lastEnd || start === 0
    if (counts) for (const part of parts) result += part.group === undefined ? part.text : group(part.group)
    lastEnd = end
  }
  return result + text.slice(lastEnd)
}
