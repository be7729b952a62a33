// A real S3 server of another project (s3rver), which checks signatures, in this process.
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** It has no types of its own. */
interface S3rver {
  run(): Promise<AddressInfo>
  close(): Promise<void>
}
interface Canonical {
  readonly uri: string
}
interface Signatures {
  getStringToSign: (request: Canonical, signature: unknown) => string
}
interface Account {
  createKeyPair(id: string, key: string): void
}

export interface BucketServer extends AsyncDisposable {
  readonly url: string
}

const require = createRequire(import.meta.url)

/** It takes the slash behind a bucket's name off before it looks at the signature; with S3 the path counts as it was sent. */
function mendSignatures(bucket: string): void {
  const signatures = require('@20minutes/s3rver/lib/signature/v4.js') as Signatures
  const asItIs = signatures.getStringToSign
  signatures.getStringToSign = (request, signature) =>
    asItIs({ ...request, uri: request.uri === `/${bucket}` ? `/${bucket}/` : request.uri }, signature)
}

/** With one empty bucket and one pair of keys. */
export async function startBucketServer(options: {
  readonly keyId: string
  readonly key: string
  readonly bucket: string
  /** Kept where it is given. */
  readonly directory?: string
}): Promise<BucketServer> {
  const Server = require('@20minutes/s3rver') as new (settings: object) => S3rver
  const { DUMMY_ACCOUNT } = require('@20minutes/s3rver/lib/models/account.js') as { readonly DUMMY_ACCOUNT: Account }
  mendSignatures(options.bucket)
  DUMMY_ACCOUNT.createKeyPair(options.keyId, options.key)
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'tidewatch-bucket-'))
  const server = new Server({
    ...{ port: 0, address: '127.0.0.1', silent: true, directory },
    configureBuckets: [{ name: options.bucket }],
  })
  const { port } = await server.run()
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await server.close()
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true })
    },
  }
}
