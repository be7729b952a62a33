// The one way out for channels: bounded, timed, never following a redirect with a secret in its headers.
import { AppError } from '@tidewatch/core/error.ts'
import type { OutgoingHttp, SendResult } from './port.ts'

const defaultTimeoutMs = 10_000
/** As much of a receiver's answer as the delivery log shows. */
const maxAnswerBytes = 4096

export function createOutgoingHttp(options: { readonly userAgent: string }): OutgoingHttp {
  return {
    async post(url, { body, headers = {}, signal, timeoutMs = defaultTimeoutMs }): Promise<SendResult> {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', 'user-agent': options.userAgent, ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      }).catch((cause: unknown) => {
        throw unreachable(url, cause)
      })
      return { status: response.status, answer: await readSome(response) }
    },
  }
}

function unreachable(url: string, cause: unknown): AppError {
  const { origin } = new URL(url)
  const inner =
    cause instanceof Error && cause.cause instanceof Error
      ? cause.cause.message
      : cause instanceof Error
        ? cause.message
        : String(cause)
  return new AppError('notify.failed', `${origin} was not reached: ${inner}.`, { cause })
}

async function readSome(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  const reader = response.body?.getReader()
  while (reader !== undefined && bytes < maxAnswerBytes) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(value)
    bytes += value.length
  }
  await reader?.cancel()
  return Buffer.concat(parts).subarray(0, maxAnswerBytes).toString('utf8')
}
