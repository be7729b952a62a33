import { RE2JS } from 're2js'

interface TemplatePart {
  readonly text: string
  /** A number, or the name of a group; undefined for plain text. */
  readonly group: string | undefined
}

/** An RE2 expression that matches a whole text (`.` matches newline too) and whose groups are put into templates. */
export interface CapturingRegex {
  test(text: string): boolean
  /** The template with the groups of a match in their places; undefined where the text does not match. */
  expand(text: string, template: ExpandTemplate): string | undefined
}

/** A template of Go's `Expand`: `$1`, `$name`, `${name}`, `$$`. A name is the longest run of letters, digits and `_`. */
export class ExpandTemplate {
  readonly parts: readonly TemplatePart[]

  constructor(source: string) {
    this.parts = parseTemplate(source)
  }
}

/** Compiles as Prometheus's relabelling does: anchored at both ends. Throws re2js's error, with Go's message, for a bad expression. */
export function compileCapturingRegex(pattern: string): CapturingRegex {
  const compiled = RE2JS.compile(`^(?s:${pattern})$`)
  const named: Readonly<Record<string, number>> = compiled.namedGroups()
  const isAnything = pattern === '(.*)' || pattern === '.*'
  return {
    test: (text) => isAnything || compiled.matches(text),
    expand(text, template) {
      const { parts } = template
      const matcher = compiled.matcher(text)
      if (!matcher.matches()) return undefined
      let result = ''
      for (const part of parts) result += part.group === undefined ? part.text : groupText(part.group)
      return result

      function groupText(group: string): string {
        const number = /^\d+$/.test(group) ? Number(group) : named[group]
        if (number === undefined || number > matcher.groupCount()) return ''
        return matcher.group(number) ?? ''
      }
    },
  }
}

function parseTemplate(source: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  const reference = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu
  let at = 0
  for (const match of source.matchAll(reference)) {
    parts.push({ text: source.slice(at, match.index), group: undefined })
    const group = match[1] ?? match[2]
    parts.push(group === undefined ? { text: '$', group } : { text: '', group })
    at = match.index + match[0].length
  }
  parts.push({ text: source.slice(at), group: undefined })
  return parts.filter((part) => part.text !== '' || part.group !== undefined)
}
