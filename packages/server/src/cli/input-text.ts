// Files and standard input that a command is given.
import { readFileSync } from 'node:fs'
import { AppError } from '@tidewatch/core/error.ts'

/** What a file or page may have that comes in this way. */
const maxBytes = 256 * 1024 * 1024

/** A file as text. Throws `config.unreadable`. */
export function readFileText(name: string): string {
  try {
    return readFileSync(name, 'utf8')
  } catch (cause) {
    throw new AppError('config.unreadable', `${name} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** The same; `-` is standard input. */
export const readInputText = async (name: string): Promise<string> =>
  name === '-' ? readStandardInput() : readFileText(name)

/** All of standard input as text. Throws `config.unreadable` above 256 MB. */
export async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin) {
    chunks.push(Buffer.from(chunk))
    bytes += chunks.at(-1)?.length ?? 0
    if (bytes > maxBytes) throw new AppError('config.unreadable', `standard input has more than ${maxBytes} bytes.`)
  }
  return Buffer.concat(chunks).toString('utf8')
}
