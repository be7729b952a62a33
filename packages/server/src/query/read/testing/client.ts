// A caller of remote read: of ours, or of a Prometheus.
import { compressSync, uncompressSync } from 'snappy'
import type { SelectorWindow } from '../../protocol.ts'
import { decodeFrames, decodeSampled, type ReadFrame, type ReadSeries } from './decode.ts'
import { encodeReadRequest } from './encode-request.ts'

/** Posts the request; `accepted` are numbers of `ReadRequest.ResponseType`. */
export function postRead(
  url: string,
  queries: readonly SelectorWindow[],
  { accepted = [], signal }: { readonly accepted?: readonly number[]; readonly signal?: AbortSignal } = {},
): Promise<Response> {
  return fetch(`${url}/api/v1/read`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body: new Uint8Array(compressSync(Buffer.from(encodeReadRequest(queries, accepted)))),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** The series of each query. */
export async function readSampled(url: string, queries: readonly SelectorWindow[]): Promise<ReadSeries[][]> {
  const body = await bodyOf(await postRead(url, queries, { accepted: [0] }), 'application/x-protobuf')
  return decodeSampled(Buffer.from(uncompressSync(Buffer.from(body))))
}

export async function readStreamed(url: string, queries: readonly SelectorWindow[]): Promise<ReadFrame[]> {
  const type = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse'
  return decodeFrames(await bodyOf(await postRead(url, queries, { accepted: [1, 0] }), type))
}

async function bodyOf(response: Response, type: string): Promise<Uint8Array> {
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
  const got = response.headers.get('content-type')
  if (got !== type) throw new Error(`the answer is ${got}`)
  return new Uint8Array(await response.arrayBuffer())
}
