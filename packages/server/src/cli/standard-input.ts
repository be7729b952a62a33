import { AppError } from '@tidewatch/core/error.ts'

/** What a file or page may have that comes in this way. */
const maxBytes = 256 * 1024 * 1024

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
