const escapeCode = 0x1b
const shortIntroducer = 0x9b

/** The text without ANSI's sequences for colours and cursors (ECMA-48: CSI, OSC up to its end, and two-character escapes). */
export function stripColors(text: string): string {
  if (!text.includes('\u001b') && !text.includes('\u009b')) return text
  let result = ''
  let kept = 0
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code !== escapeCode && code !== shortIntroducer) {
      at++
      continue
    }
    result += text.slice(kept, at)
    at = sequenceEnd(text, at, code)
    kept = at
  }
  return result + text.slice(kept)
}

function sequenceEnd(text: string, start: number, code: number): number {
  const next = text[start + 1]
  if (code === shortIntroducer) return controlEnd(text, start + 1)
  if (next === '[') return controlEnd(text, start + 2)
  if (next === ']') return commandEnd(text, start + 2)
  // ESC ( B and the like choose a character set
  return Math.min(text.length, start + (next === '(' || next === ')' || next === '#' ? 3 : 2))
}

/** Parameters and intermediates, then one final character. */
function controlEnd(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) >= 0x20 && text.charCodeAt(at) <= 0x3f) at++
  return at < text.length && text.charCodeAt(at) >= 0x40 && text.charCodeAt(at) <= 0x7e ? at + 1 : at
}

/** A command of the system ends with BEL or ESC \. */
function commandEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text.charCodeAt(at) === 7) return at + 1
    if (text.charCodeAt(at) === escapeCode && text[at + 1] === '\\') return at + 2
  }
  return text.length
}
