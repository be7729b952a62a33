// Shortening formatted text without leaving a mark open: Telegram refuses a message whose entities do not close.

/** Room for the ellipsis. */
const ellipsis = '…'

/** At most so many visible characters of Telegram's HTML; tags that are open where it ends are closed. An entity such as `&lt;` is one character. */
export function cutHtml(text: string, most: number): string {
  const open: string[] = []
  let seen = 0
  let fitting = ''
  let atLimit: string | undefined
  for (const [token] of text.matchAll(
    /<\/?[a-zA-Z][^<>]*>|&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});|[\s\S]/gu,
  )) {
    const isTag = token.length > 1 && token.startsWith('<')
    if (isTag) followTag(token, open)
    else {
      if (seen === most - 1) atLimit ??= fitting + ellipsis + closing(open)
      seen++
      if (seen > most) return atLimit ?? fitting
    }
    fitting += token
  }
  return text
}

function followTag(token: string, open: string[]): void {
  const name = /^<\/?([a-zA-Z][a-zA-Z0-9-]*)/.exec(token)?.[1]?.toLowerCase() ?? ''
  if (!token.startsWith('</')) {
    open.push(name)
    return
  }
  const at = open.lastIndexOf(name)
  if (at >= 0) open.splice(at)
}

const closing = (open: readonly string[]): string =>
  [...open]
    .reverse()
    .map((name) => `</${name}>`)
    .join('')

/** Longer marks first. `_` and `__` and the rest are of both of Telegram's Markdowns; what one of them does not know does no harm. */
const marks = ['```', '||', '__', '*', '_', '~', '`'] as const

/** At most so many characters of Telegram's Markdown, marks counted too; marks that are open where it ends are closed, half a link is left out. */
export function cutMarkdown(text: string, most: number): string {
  const points = [...text]
  if (points.length <= most) return text
  const open: string[] = []
  let linkAt: number | undefined
  // room for the ellipsis and for closing what can be open
  const end = most - ellipsis.length - marks.join('').length - 1
  let i = 0
  while (i < end) {
    const inCode = open.at(-1)?.startsWith('`') === true
    if (points[i] === '\\' && !inCode) {
      i += 2
      continue
    }
    const rest = points.slice(i, i + 3).join('')
    const mark = marks.find((one) => rest.startsWith(one) && (!inCode || one === open.at(-1)))
    if (mark !== undefined) {
      const at = open.lastIndexOf(mark)
      if (at >= 0) open.splice(at)
      else open.push(mark)
      i += mark.length
      continue
    }
    if (!inCode && points[i] === '[') linkAt = i
    if (!inCode && (points[i] === ')' || (points[i] === ']' && points[i + 1] !== '('))) linkAt = undefined
    i++
  }
  const kept = points.slice(0, linkAt ?? Math.min(i, end)).join('')
  return `${kept}${ellipsis}${[...open].reverse().join('')}`
}
