// Texts that every match holds: where one of them is missing, nothing need be tried.
import type { RegexpNode } from './syntax.ts'

const maxTexts = 4

/** Up to four, the longest first: they are rarest. */
export function requiredTexts(root: RegexpNode): string[] {
  const texts = new Set<string>()
  const last = collect(root, '', texts)
  texts.add(last)
  texts.delete('')
  const longestFirst = [...texts].sort((a, b) => b.length - a.length)
  // what stands within another is told by that
  return longestFirst
    .filter((text, at) => !longestFirst.slice(0, at).some((longer) => longer.includes(text)))
    .slice(0, maxTexts)
}

/** `before`: the characters that certainly stand right before the node. Returns those right behind it, and adds what is complete. */
function collect(node: RegexpNode, before: string, texts: Set<string>): string {
  switch (node.kind) {
    case 'char':
      return before + String.fromCodePoint(node.code)
    case 'sequence':
      return node.parts.reduce((text, part) => collect(part, text, texts), before)
    case 'capture':
    case 'atomic':
      return collect(node.body, before, texts)
    case 'assert':
    case 'look':
    case 'keep':
      return before
    case 'repeat':
      texts.add(before)
      // one turn is certain; what stands behind the last one is not what stood behind the first
      if (node.min > 0) texts.add(collect(node.body, '', texts))
      return ''
    default:
      texts.add(before)
      return ''
  }
}
