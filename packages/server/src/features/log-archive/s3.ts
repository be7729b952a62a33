// An archive in a bucket of S3, or of what speaks as it does (MinIO, Ceph, R2).
import { createReadStream } from 'node:fs'
import { AppError } from '@tidewatch/core/error.ts'
import type { BucketSettings } from './config.ts'
import type { ArchiveTarget } from './target.ts'

/** One request, the file's way included. */
const requestMs = 10 * 60_000

const putAttempts = 3

/** The client is loaded only where there is a bucket: it takes 30 MB. */
export async function createBucketTarget(settings: BucketSettings): Promise<ArchiveTarget> {
  const { bucket, region, endpoint, prefix, credentials } = settings
  const s3 = await import('@aws-sdk/client-s3')
  const client = new s3.S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined
      ? {}
      : {
          credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey.reveal() },
        }),
    maxAttempts: 4,
    // ours come as headers: servers other than AWS's do not all take trailers
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const place = `s3://${bucket}/${prefix}`
  const keyOf = (name: string) => ({ Bucket: bucket, Key: `${prefix}${name}` })
  const limited = ({ signal }: { readonly signal: AbortSignal }) => ({
    abortSignal: AbortSignal.any([signal, AbortSignal.timeout(requestMs)]),
  })
  const asked = async <T>(request: Promise<T>, { signal }: { readonly signal: AbortSignal }): Promise<T> => {
    try {
      return await request
    } catch (error) {
      signal.throwIfAborted()
      throw bucketError(error, place)
    }
  }
  return {
    place,
    async put(name, { path, bytes, sha256 }, options) {
      const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64')
      const sent = async (attempt: number): Promise<void> => {
        const put = { ...keyOf(name), Body: createReadStream(path), ContentLength: bytes, ChecksumSHA256 }
        try {
          await asked(client.send(new s3.PutObjectCommand(put), limited(options)), options)
        } catch (error) {
          // the client sends no stream again by itself
          if (attempt === putAttempts || options.signal.aborted || isFinal(error)) throw error
          await sent(attempt + 1)
        }
      }
      await sent(1)
    },
    async putText(name, text, options) {
      const put = { ...keyOf(name), Body: text, ContentType: 'application/json' }
      await asked(client.send(new s3.PutObjectCommand(put), limited(options)), options)
    },
    async *read(name, options) {
      const { Body } = await asked(client.send(new s3.GetObjectCommand(keyOf(name)), limited(options)), options)
      try {
        yield* Body as unknown as AsyncIterable<Uint8Array>
      } catch (error) {
        options.signal.throwIfAborted()
        throw bucketError(error, place)
      }
    },
    async *list(start, options) {
      let ContinuationToken: string | undefined
      do {
        const list = new s3.ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}${start}`, ContinuationToken })
        const found = await asked(client.send(list, limited(options)), options)
        for (const { Key } of found.Contents ?? []) if (Key !== undefined) yield Key.slice(prefix.length)
        ContinuationToken = found.NextContinuationToken
      } while (ContinuationToken !== undefined)
    },
    async remove(name, options) {
      await asked(client.send(new s3.DeleteObjectCommand(keyOf(name)), limited(options)), options)
    },
    [Symbol.dispose]: () => client.destroy(),
  }
}

/** The bucket said no. */
function isFinal(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  const metadata = cause instanceof Error && '$metadata' in cause ? cause.$metadata : undefined
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? Number(metadata.httpStatusCode)
      : 0
  return status >= 400 && status < 500 && status !== 408 && status !== 429
}

/** What a bucket said, by its own name for it. */
function bucketError(error: unknown, place: string): AppError {
  const name = error instanceof Error ? error.name : 'Error'
  if (name === 'NoSuchKey')
    return new AppError('state.not_found', `That file is not in the archive ${place}.`, { cause: error })
  const said = error instanceof Error ? error.message : String(error)
  return new AppError('archive.unavailable', `The archive ${place} cannot be used: ${name}: ${said.slice(0, 500)}`, {
    cause: error,
    fix: 'See that archive.logs.s3 names the bucket, its region and endpoint, and keys that may list, read, write and delete there',
  })
}
