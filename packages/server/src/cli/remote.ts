// Commands that talk to a running server.
import { AppError } from '@tidewatch/core/error.ts'
import type { Flag } from '../config/flags.ts'
import type { CommandCall } from './command.ts'

export const remoteFlags: readonly Flag[] = [
  { name: 'url', argument: 'URL', help: 'the server to ask (TIDEWATCH_URL)', fallback: 'http://127.0.0.1:4900' },
  { name: 'token', argument: 'TOKEN', help: 'an API token (TIDEWATCH_TOKEN); tidewatch token create makes one' },
]

const timeoutMs = 130_000

/** GETs JSON of Prometheus's API. Throws what the server said, or that it was not reached. */
export async function getPrometheus(
  call: CommandCall,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<PrometheusAnswer> {
  const base = call.flags.get('url') ?? call.env.TIDEWATCH_URL ?? 'http://127.0.0.1:4900'
  const token = call.flags.get('token') ?? call.env.TIDEWATCH_TOKEN
  if (!URL.canParse(base))
    throw new AppError('config.invalid', '--url is not a URL.', { fix: 'Write one such as http://127.0.0.1:4900' })
  const url = new URL(`${path}?${new URLSearchParams(query)}`, base)
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) }).catch((cause: unknown) => {
    throw new AppError('store.unavailable', `${url.origin} was not reached.`, {
      cause,
      fix: 'Is it running there? Name it with --url.',
    })
  })
  const text = await response.text()
  if (response.status === 401) {
    throw new AppError('access.signed_out', 'the server wants to know who asks.', {
      fix: 'Make a token with: tidewatch token create, and give it with --token or TIDEWATCH_TOKEN.',
    })
  }
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch (cause) {
    throw new AppError('http.invalid', `${url.origin} answered ${response.status} and no JSON.`, {
      cause,
      fix: 'Is that a Tidewatch or a Prometheus?',
    })
  }
  if (isError(answer)) throw new AppError('query.execution', answer.error)
  return answer as PrometheusAnswer
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
