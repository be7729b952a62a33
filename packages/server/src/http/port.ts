import type { AppError } from '@tidewatch/core/error.ts'
import type { ErrorCode } from '@tidewatch/core/error-codes.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { z } from 'zod'

/** Who may call a route. `ingest` is all an ingest key has; each role has what the ones before it have: view, edit, admin. */
export type Permission = 'public' | 'ingest' | 'view' | 'edit' | 'admin'

/** The shape of errors that the protocol's clients understand. */
export type ErrorShape = 'tidewatch' | 'prometheus' | 'text'

/** A failure on its way to the caller: what only we can act on is no longer in it. */
export interface Failure {
  readonly status: number
  readonly code: ErrorCode
  /** What, where and the way out, in one line. */
  readonly message: string
  readonly requestId: string
}

/** The body of errors of a protocol whose clients say by their headers which form they read. */
export type ErrorBody = (
  failure: Failure,
  requestHeaders: RequestContext['headers'],
) => { readonly headers: Readonly<Record<string, string>>; readonly body: unknown }

/** Who is calling. */
export interface Identity {
  readonly kind: 'anonymous' | 'session' | 'token' | 'ingest_key' | 'local'
  /** The user behind a session or a user's token. */
  readonly userId?: string
  /** For the audit log and fairness between users: stable, no secret. */
  readonly name: string
  readonly permissions: ReadonlySet<Permission>
  readonly projects: 'all' | ReadonlySet<ProjectId>
  /** What an ingest key stamps on what it brings. */
  readonly project: ProjectId
}

export interface RequestContext<Params = unknown, Query = unknown, Body = unknown> {
  readonly id: string
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly identity: Identity
  readonly remoteAddress: string
  /** Fires when the caller goes away, the route's time is over or the server stops. */
  readonly signal: AbortSignal
}

/** `body` is sent as JSON unless it is bytes, text or a stream. */
export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** How a request's body arrives: parsed JSON or form, or the inflated bytes themselves. */
export type BodyKind = 'none' | 'json' | 'form' | 'bytes'

export interface BodyLimits {
  readonly maxBytes: number
  readonly maxInflatedBytes: number
}

/** One route of ours or of a protocol. Listed in app/routes.ts; the golden route table shows it in review. */
export interface Route<Params = unknown, Query = unknown, Body = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS'
  /** Fastify's syntax: `/api/v1/label/:name/values`. */
  readonly path: string
  readonly permission: Permission
  readonly errors: ErrorShape
  /** In place of a shape that is the same for all callers. */
  readonly errorBody?: ErrorBody
  /** One line for OpenAPI and the route table. */
  readonly summary: string
  readonly params?: z.ZodType<Params>
  readonly query?: z.ZodType<Query>
  /** For `json` and `form`. Repeated form and query keys arrive as arrays; a form's body holds the query's keys too, after its own. */
  readonly body?: z.ZodType<Body>
  readonly bodyKind?: BodyKind
  readonly limits?: Partial<BodyLimits>
  /**
   * Content encodings beside identity: gzip, deflate, br, zstd are always there; snappy's block format only where a protocol has it. There an
   * `application/x-protobuf` body that names no encoding is taken as snappy too, as Prometheus does; say `identity` for a plain one.
   * The body's bytes are the handler's until it is done; then their memory is another request's.
   */
  readonly snappy?: boolean
  /**
   * After so many ms the signal fires and the caller gets `http.timeout`. 120 s when left out. Infinity: a stream that callers follow; its
   * signal fires when they leave and when the server begins to stop.
   */
  readonly timeoutMs?: number
  /** The answer's schema: ours only; the page reads by it. */
  readonly response?: z.ZodType
  /** Cross-origin use without credentials, where a protocol needs it. */
  readonly cors?: boolean
  handle(context: RequestContext<Params, Query, Body>): Promise<Answer> | Answer
}

/** Keeps a route's types together and lets routes of different types stand in one list. */
export function defineRoute<Params = unknown, Query = unknown, Body = unknown>(
  route: Route<Params, Query, Body>,
): Route {
  return route as unknown as Route
}

/** Who opens a WebSocket, and how. */
export type SocketContext = Pick<RequestContext, 'query' | 'headers' | 'identity' | 'remoteAddress' | 'signal'>

/** A path that callers follow by WebSocket: we send texts, they only listen. */
export interface SocketRoute {
  readonly path: string
  readonly permission: Permission
  /** What is wrong with the request is thrown before the connection becomes a socket; what comes back is given the socket. */
  open(context: SocketContext): Promise<(socket: TextSocket) => void> | ((socket: TextSocket) => void)
}

export interface TextSocket {
  send(text: string): void
  /** Bytes that were sent and wait for the caller to take them: who sends more than it takes has to stop. */
  readonly bufferedBytes: number
  close(reason: string): void
  /** Fires when the caller has gone, or the server stops. */
  readonly signal: AbortSignal
}

/** Answers whether a change by this identity is written to the audit log. Declared here, implemented by features/accounts. */
export interface AuditLog {
  record(entry: {
    readonly who: string
    readonly action: string
    readonly subject: string
    readonly detail?: unknown
  }): Promise<void>
}

/** Turns what a request carries (cookie, Bearer, Basic, ApiKey, ?key=) into an identity. Declared here, implemented by features/accounts. */
export interface Authenticator {
  identify(request: AuthenticatedRequest): Promise<Identity | AppError>
}

export interface AuthenticatedRequest {
  readonly headers: RequestContext['headers']
  readonly url: string
  readonly remoteAddress: string
  /** A browser sent it for another site's page: what it adds by itself (cookies, being on this machine) does not count. */
  readonly crossOrigin: boolean
}
