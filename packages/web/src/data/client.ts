// The one way out to the server: every answer is parsed, every failure is an ApiFailure that a person can act on.
import { errorAnswer } from '@tidewatch/api/error.ts'
import { prometheusError, prometheusSuccess } from '@tidewatch/api/prometheus.ts'
import { z } from 'zod'
import type { ProblemText } from '../ui/problem-box.tsx'

// zod compiles its checks with `new Function`, which the content security policy forbids and the console would show
z.config({ jitless: true })

export type FailureKind = 'unreachable' | 'signed_out' | 'denied' | 'refused' | 'busy' | 'failed' | 'unreadable'

/** Why a call failed, in words for a person. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  readonly kind: FailureKind
  readonly status: number
  readonly problem: ProblemText
  /** The span of a query that is wrong, counted from 0, end exclusive. */
  readonly span: { readonly start: number; readonly end: number } | undefined

  constructor(
    kind: FailureKind,
    problem: ProblemText,
    detail: { status?: number; span?: { start: number; end: number } | undefined; cause?: unknown } = {},
  ) {
    super(problem.what, { cause: detail.cause })
    this.kind = kind
    this.problem = problem
    this.status = detail.status ?? 0
    this.span = detail.span
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return this.kind === 'unreachable' || this.kind === 'busy' || this.kind === 'failed'
  }
}

interface CallOptions<Schema extends z.ZodType> {
  readonly schema: Schema
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as a form, as Prometheus's API wants it. */
  readonly form?: URLSearchParams
  readonly signal?: AbortSignal
  /** Of the answer that is known: the server says 304 where it is still so. */
  readonly etag?: string | undefined
}

/** Calls our own API, below `/api/tidewatch/v1`. */
export async function callOurs<Schema extends z.ZodType>(
  path: string,
  options: CallOptions<Schema>,
): Promise<z.infer<Schema>> {
  return read(await send(`/api/tidewatch/v1${path}`, options), options.schema)
}

/** The answer of our own API while it still comes: for what is read piece by piece. */
export const openOurs = (path: string, options: { readonly signal: AbortSignal }): Promise<Response> =>
  send(`/api/tidewatch/v1${path}`, options)

/** Answers that are asked for again and again, with their tags; the oldest goes. */
const remembered = new Map<string, { readonly etag: string; readonly value: unknown }>()
const mostRemembered = 30

/** The same for what is asked every few seconds: where nothing changed, nothing travels, and the former answer stays. */
export async function callOursIfChanged<Schema extends z.ZodType>(
  path: string,
  options: Pick<CallOptions<Schema>, 'schema' | 'signal'>,
): Promise<z.infer<Schema>> {
  const url = `/api/tidewatch/v1${path}`
  const known = remembered.get(url)
  const response = await send(url, { ...options, etag: known?.etag })
  remembered.delete(url)
  if (known !== undefined && response.status === 304) {
    remembered.set(url, known)
    return parse(response, options.schema, known.value)
  }
  const value = await read(response, options.schema)
  const etag = response.headers.get('etag')
  if (etag !== null) remembered.set(url, { etag, value })
  const [oldest] = remembered.keys()
  if (oldest !== undefined && remembered.size > mostRemembered) remembered.delete(oldest)
  return value
}

/** Calls Alertmanager's API, below `/api/v2`. */
export async function callAlertmanager<Schema extends z.ZodType>(
  path: string,
  options: CallOptions<Schema>,
): Promise<z.infer<Schema>> {
  return read(await send(`/api/v2${path}`, options), options.schema)
}

export interface PrometheusAnswer<Data> {
  readonly data: Data
  readonly warnings: readonly string[]
  readonly infos: readonly string[]
  /** From sending to the last byte. */
  readonly tookMs: number
}

/** Calls a path of Prometheus's API with its parameters; long queries travel as a form. */
export async function callPrometheus<Schema extends z.ZodType>(
  path: string,
  parameters: URLSearchParams,
  options: { schema: Schema; signal?: AbortSignal },
): Promise<PrometheusAnswer<z.infer<Schema>>> {
  const startedMs = performance.now()
  const text = parameters.toString()
  const asForm = text.length > 1500 && formPaths.has(path)
  const url = asForm || text === '' ? `/api/v1${path}` : `/api/v1${path}?${text}`
  const response = await send(url, asForm ? { ...options, method: 'POST', form: parameters } : options)
  const answer = await read(response, prometheusSuccess(z.unknown()))
  return {
    data: parse(response, options.schema, answer.data),
    warnings: answer.warnings ?? [],
    infos: answer.infos ?? [],
    tookMs: performance.now() - startedMs,
  }
}

const formPaths = new Set(['/query', '/query_range', '/series', '/labels'])

async function send(
  url: string,
  { method = 'GET', body, form, signal, etag }: Omit<CallOptions<z.ZodType>, 'schema'>,
): Promise<Response> {
  const init: RequestInit = { method, headers: { accept: 'application/json' }, credentials: 'same-origin' }
  if (signal !== undefined) init.signal = signal
  if (form !== undefined) init.body = form
  if (etag !== undefined) init.headers = { accept: 'application/json', 'if-none-match': etag }
  if (body !== undefined) {
    init.headers = { accept: 'application/json', 'content-type': 'application/json' }
    init.body = JSON.stringify(body)
  }
  let response: Response
  try {
    response = await fetch(url, init)
  } catch (cause) {
    if (signal?.aborted === true) throw cause
    const problem = { what: 'Tidewatch does not answer', fix: 'Check that it runs and that this device reaches it' }
    throw new ApiFailure('unreachable', problem, { cause })
  }
  const isKnown = response.status === 304 && etag !== undefined
  if (!response.ok && !isKnown) throw failureOf(response, await response.text().catch(() => ''))
  return response
}

async function read<Schema extends z.ZodType>(response: Response, schema: Schema): Promise<z.infer<Schema>> {
  const isEmpty = response.status === 204 || response.headers.get('content-length') === '0'
  const value: unknown = isEmpty
    ? undefined
    : await response.json().catch((cause: unknown) => unreadable(response, cause))
  return parse(response, schema, value)
}

function parse<Schema extends z.ZodType>(response: Response, schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  return parsed.success ? parsed.data : unreadable(response, parsed.error)
}

function unreadable(response: Response, cause: unknown): never {
  if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
  const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined
  const where = issue === undefined ? undefined : `${issue.path.join('.')}: ${issue.message}`
  const problem = {
    what: 'The answer cannot be read',
    where,
    fix: 'Reload: page and server may be of different versions',
    requestId: requestIdOf(response),
  }
  throw new ApiFailure('unreadable', problem, { status: response.status, cause })
}

const requestIdOf = (response: Response): string | undefined => response.headers.get('x-request-id') ?? undefined

/** A bad answer in one of the APIs' shapes, a text in Alertmanager's, or in none, as a proxy gives it. */
export function failureOf(response: Response, body: string): ApiFailure {
  const { status } = response
  const kind = kindOf(status)
  const value = parseJson(body)
  const ours = errorAnswer.safeParse(value)
  if (ours.success) {
    const { message, where, fix, requestId } = ours.data.error
    return new ApiFailure(kind, { what: message, where: where?.key, fix, requestId }, { status, span: where?.span })
  }
  const prometheus = prometheusError.safeParse(value)
  if (prometheus.success) {
    const what = prometheus.data.error.replace(/^invalid parameter "query": /, '')
    return new ApiFailure(
      kind,
      { what, fix: fixes[prometheus.data.errorType], requestId: requestIdOf(response) },
      { status },
    )
  }
  const what =
    status === 401
      ? 'You are signed out'
      : typeof value === 'string' && value !== ''
        ? value
        : `The server answers ${status}${response.statusText === '' ? '' : ` ${response.statusText}`}`
  return new ApiFailure(kind, { what, requestId: requestIdOf(response) }, { status })
}

/** By Prometheus's error type, the way out. */
const fixes: Readonly<Record<string, string | undefined>> = {
  timeout: 'Ask for a shorter range or fewer series',
  canceled: 'Ask again',
  execution: 'Change the query or the range',
  unavailable: 'Try again in a moment',
}

function kindOf(status: number): FailureKind {
  if (status === 401) return 'signed_out'
  if (status === 403) return 'denied'
  if (status === 429 || status === 503 || status === 504 || status === 502) return 'busy'
  return status >= 500 ? 'failed' : 'refused'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // a proxy's page, not an answer of ours
    return undefined
  }
}

/** Anything caught, as words for a person. */
export function problemOf(caught: unknown): ProblemText {
  if (caught instanceof ApiFailure) return caught.problem
  return { what: caught instanceof Error ? caught.message : String(caught), fix: 'Reload the page' }
}
