// Commands that talk to a running server.
import { errorAnswer } from '@tidewatch/api/error.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Flag } from '../config/flags.ts'
import type { CommandCall } from './command.ts'

export const remoteFlags: readonly Flag[] = [
  { name: 'url', argument: 'URL', help: 'the server to ask (TIDEWATCH_URL)', fallback: 'http://127.0.0.1:4900' },
  { name: 'token', argument: 'TOKEN', help: 'an API token (TIDEWATCH_TOKEN); tidewatch token create makes one' },
]

const timeoutMs = 130_000

/** POSTs JSON to our own API; its answer. Throws what the server said, or that it was not reached. */
export async function postJson(call: CommandCall, path: string, body: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  return ownAnswer(await askJson(call, path, { method: 'POST', body, headers }))
}

/** PUTs JSON to our own API; its answer. Throws as `postJson`. */
export async function putJson(call: CommandCall, path: string, body: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  return ownAnswer(await askJson(call, path, { method: 'PUT', body, headers }))
}

/** DELETEs by our own API. Throws as `postJson`. */
export async function deleteOwn(call: CommandCall, path: string): Promise<void> {
  ownAnswer(await askJson(call, path, { method: 'DELETE' }))
}

/** GETs from our own API. Throws what the server said, or that it was not reached. */
export async function getOwn(call: CommandCall, path: string): Promise<unknown> {
  return ownAnswer(await askJson(call, path, {}))
}

function ownAnswer({ origin, status, answer }: Asked): unknown {
  if (status < 300) return answer
  const said = errorAnswer.safeParse(answer)
  if (!said.success) throw new AppError('http.invalid', `${origin} answered ${status}.`)
  const { message, fix } = said.data.error
  throw new AppError('http.invalid', message, fix === undefined ? {} : { fix })
}

/** Where the server is. Throws `config.invalid`. */
export function baseUrl({ flags, env }: CommandCall): string {
  const base = flags.get('url') ?? env.TIDEWATCH_URL ?? 'http://127.0.0.1:4900'
  if (URL.canParse(base)) return base
  throw new AppError('config.invalid', '--url is not a URL.', { fix: 'Write one such as http://127.0.0.1:4900' })
}

/** The header that says who asks, where there is a token. */
export function bearer({ flags, env }: CommandCall): Record<string, string> {
  const token = flags.get('token') ?? env.TIDEWATCH_TOKEN
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

/** GETs JSON of Prometheus's query API. Throws what the server said, or that it was not reached. */
export function getPrometheus(
  call: CommandCall,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<PrometheusAnswer> {
  return getJson(call, path, query)
}

/** The same for any address of Prometheus's API. */
export async function getJson<Answer>(
  call: CommandCall,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { answer } = await askJson(call, `${path}?${new URLSearchParams(query)}`, {})
  if (isError(answer)) throw new AppError('query.execution', answer.error)
  return answer as Answer
}

interface Asked {
  readonly origin: string
  readonly status: number
  readonly answer: unknown
}

/** Throws where nobody answers, nobody is let in, or the answer is no JSON. */
async function askJson(
  call: CommandCall,
  path: string,
  asked: { readonly method?: string; readonly body?: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<Asked> {
  const url = new URL(path, baseUrl(call))
  const headers = { ...asked.headers, ...bearer(call) }
  const response = await fetch(url, { ...asked, headers, signal: AbortSignal.timeout(timeoutMs) }).catch(
    (cause: unknown) => {
      throw new AppError('store.unavailable', `${url.origin} was not reached.`, {
        cause,
        fix: 'Is it running there? Name it with --url.',
      })
    },
  )
  const text = await response.text()
  if (response.status === 204) return { origin: url.origin, status: 204, answer: undefined }
  if (response.status === 401) {
    throw new AppError('access.signed_out', 'the server wants to know who asks.', {
      fix: 'Make a token with: tidewatch token create, and give it with --token or TIDEWATCH_TOKEN.',
    })
  }
  try {
    return { origin: url.origin, status: response.status, answer: JSON.parse(text) as unknown }
  } catch (cause) {
    throw new AppError('http.invalid', `${url.origin} answered ${response.status} and no JSON.`, {
      cause,
      fix: 'Is that a Tidewatch or a Prometheus?',
    })
  }
}

function isError(answer: unknown): answer is { readonly error: string } {
  return typeof answer === 'object' && answer !== null && 'status' in answer && answer.status === 'error'
}

export interface PrometheusAnswer {
  readonly data: PrometheusData
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

type Point = readonly [number, string]
type Metric = Readonly<Record<string, string>>

export type PrometheusData =
  | { readonly resultType: 'scalar'; readonly result: Point }
  | { readonly resultType: 'string'; readonly result: Point }
  | {
      readonly resultType: 'vector'
      readonly result: readonly {
        readonly metric: Metric
        readonly value?: Point
        readonly histogram?: readonly [number, unknown]
      }[]
    }
  | {
      readonly resultType: 'matrix'
      readonly result: readonly {
        readonly metric: Metric
        readonly values?: readonly Point[]
        readonly histograms?: readonly unknown[]
      }[]
    }
