import type { Readable } from 'node:stream'

export interface OutgoingRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Uint8Array
}

/** The head of an answer and its body, which is to be read or discarded. */
export interface StreamedAnswer {
  readonly status: number
  readonly body: Readable
  /** The first value of a header. */
  header(name: string): string | undefined
}

/** What Node's TLS takes. */
export interface TlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
  readonly rejectUnauthorized?: boolean
}

export interface BytesAnswer {
  readonly status: number
  readonly body: Uint8Array
  header(name: string): string | undefined
}

/** Asks servers by one http_config. Owned by whoever opened it; disposing lets requests under way come to their end. */
export interface HttpClient extends AsyncDisposable {
  /** Any status is an answer. Throws `collect.unreachable`, `config.unreadable`, and the signal's reason. */
  send(url: URL, request: OutgoingRequest & { readonly signal: AbortSignal }): Promise<StreamedAnswer>
  /** The whole body, inflated; `collect.timeout` and `collect.limit` beside the others. */
  fetch(
    url: URL,
    request: OutgoingRequest & { readonly timeoutMs: number; readonly maxBytes: number; readonly signal?: AbortSignal },
  ): Promise<BytesAnswer>
}
