// Events as lumberjack brings them.

const metadataKey = Buffer.from('"@metadata":{')
/** Beats write it first, behind the time. */
const lookBytes = 200
const quote = 0x22
const backslash = 0x5c
const braceOpen = 0x7b
const braceClose = 0x7d
const comma = 0x2c
const blank = 0x20

/**
 * `@metadata` is for who passes an event on, and is no part of it: blanks stand in its place. Left as it is where it stands elsewhere than a Beat
 * writes it, or is not flat.
 */
export function blankMetadata(event: Uint8Array): void {
  const view = Buffer.from(event.buffer, event.byteOffset, event.length)
  const found = view.subarray(0, lookBytes).indexOf(metadataKey)
  if (found < 0) return
  let at = found + metadataKey.length
  let isText = false
  for (; at < event.length; at++) {
    const byte = event[at]
    if (byte === backslash || (byte === braceOpen && !isText)) return
    if (byte === quote) isText = !isText
    if (byte === braceClose && !isText) break
  }
  const before = event[found - 1]
  if (event[at + 1] === comma && (before === comma || before === braceOpen)) event.fill(blank, found, at + 2)
  else if (event[at + 1] === braceClose && before === comma) event.fill(blank, found - 1, at + 1)
}

/** An event of version 1: names and values, one after the other. `line` is what logstash-forwarder calls the message. */
export async function readPairs(
  count: number,
  next: () => Promise<Uint8Array>,
): Promise<{ readonly object: Readonly<Record<string, string>>; readonly bytes: number; readonly hashed: Uint8Array }> {
  const pairs = new Map<string, string>()
  const all: Uint8Array[] = []
  let bytes = 0
  for (let pair = 0; pair < count; pair++) {
    const name = await next()
    const value = await next()
    bytes += name.length + value.length
    all.push(name, separator, value, separator)
    pairs.set(textOf(name), textOf(value))
  }
  const line = pairs.get('line')
  if (line !== undefined && !pairs.has('message')) {
    pairs.delete('line')
    pairs.set('message', line)
  }
  return { object: Object.fromEntries(pairs), bytes, hashed: Buffer.concat(all) }
}

const separator = new Uint8Array(1)
const utf8 = new TextDecoder()
const textOf = (bytes: Uint8Array): string => utf8.decode(bytes)
