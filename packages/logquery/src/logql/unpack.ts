// `| unpack`: a line that Promtail packed, its labels in a JSON object and the line itself under `_entry`.
import { type JsonVisitor, visitJson } from './json-scan.ts'
import { labelName } from './line-labels.ts'
import type { StageRun } from './stage.ts'

const entryName = '_entry'

export function compileUnpack(): StageRun {
  return (state) => {
    const { labels, line } = state
    if (line === '') return true
    const found: [string, string][] = []
    let entry: string | undefined
    const visitor: JsonVisitor = {
      // packed labels are texts at the top; whatever is nested is no label
      leaf(prefix, name, value) {
        if (prefix !== '') return
        if (name === entryName) entry = value
        else found.push([name, value])
      },
      nest: (prefix, name) => `${prefix}/${name}`,
    }
    const fault = visitJson(line, visitor)
    if (fault !== undefined) {
      labels.fail('JSONParserErr', fault)
      return true
    }
    for (const [name, value] of found) {
      const label = labelName(name)
      if (label !== '') labels.extract(label, value)
    }
    if (entry !== undefined) state.line = entry
    return true
  }
}
