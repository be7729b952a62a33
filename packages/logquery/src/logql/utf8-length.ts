/** Bytes that the text takes in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    // the two halves of a pair make four bytes together, a lone half becomes U+FFFD with three
    bytes += code < 0x800 ? 1 : 2
    if (code >= 0xd800 && code <= 0xdbff && text.charCodeAt(i + 1) >= 0xdc00 && text.charCodeAt(i + 1) <= 0xdfff) i++
  }
  return bytes
}
