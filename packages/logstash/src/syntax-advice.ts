// What a broken place in a pipeline file most likely is, in words: people come from other configuration languages.

interface Advice {
  readonly message: string
  readonly fix: string
}

/** `at` is where reading ended, `expected` what would have gone on there. */
export function explain(text: string, at: number, expected: readonly string[]): Advice {
  const rest = text.slice(at, at + 40)
  const before = text.slice(Math.max(0, at - 200), at)
  return (
    explainEnd(text, at, expected) ??
    explainSign(rest, before, expected) ?? {
      message: `${shown(rest)} is not what can stand here`,
      fix: `Here may stand ${expected.slice(0, 8).join(', ')}.`,
    }
  )
}

function explainEnd(text: string, at: number, expected: readonly string[]): Advice | undefined {
  if (text.trim() === '')
    return { message: 'there is no section in the file', fix: 'Write input { }, filter { } or output { }.' }
  if (at < text.length) return undefined
  if (expected.some((what) => what.startsWith('the closing')))
    return { message: 'a text is opened and not closed', fix: 'Close it with the quote it began with.' }
  return { message: 'a closing brace is missing', fix: 'Close each { with a }.' }
}

function explainSign(rest: string, before: string, expected: readonly string[]): Advice | undefined {
  const wants = (what: string): boolean => expected.includes(what)
  if (/^(&&|\|\|)/.test(rest))
    return { message: `${rest.slice(0, 2)} is not known`, fix: rest.startsWith('&') ? 'Write and.' : 'Write or.' }
  if (wants('"=="') && /^=[^=~>]/.test(rest)) return { message: '= compares nothing', fix: 'Write ==.' }
  if (wants('"=>"')) return { message: '=> is missing behind the name of a setting', fix: 'Write name => value.' }
  if (wants('"input"') && rest.startsWith('}'))
    return { message: 'here is a closing brace too many', fix: 'Remove it.' }
  if (/^input|^filter|^output/.test(rest) && wants('"{"'))
    return { message: 'a section has another name', fix: 'Only input, filter and output are sections.' }
  if (/\belse?if\s*$/.test(before)) return { message: 'elsif is not known', fix: 'Write else if.' }
  if (wants('"{"') && rest.startsWith('}'))
    return { message: 'a plugin needs braces even without settings', fix: 'Write name { }.' }
  if (wants('"("') && /\bnot\s*$/.test(before))
    return { message: 'not stands behind the field', fix: 'Write [field] not in [other], or !([field] in [other]).' }
  if (wants('"("')) return { message: 'the name of a field stands without brackets', fix: 'Write [name].' }
  if (rest.startsWith(','))
    return { message: 'settings and entries are not parted by commas', fix: 'Remove the comma.' }
  if (wants('","')) return { message: 'a comma is missing between two elements', fix: 'Write ["a", "b"].' }
  if (wants('a number') && rest.startsWith('}')) return { message: 'a value is missing', fix: 'Write name => value.' }
  return undefined
}

function shown(rest: string): string {
  const word = /^\S{1,20}/.exec(rest)?.[0] ?? rest.slice(0, 1)
  return JSON.stringify(word)
}
