// `archive` of tidewatch.yml: where whole days of logs are written before they go.
import { isAbsolute } from 'node:path'
import { Secret } from '@tidewatch/core/secret.ts'
import { z } from 'zod'
import { defineConfigSection, durationFrom } from '../../config/port.ts'

export interface BucketSettings {
  readonly bucket: string
  readonly region: string
  /** Undefined: AWS itself. */
  readonly endpoint: string | undefined
  /** Ends with a slash where there is one. */
  readonly prefix: string
  /** Undefined: as AWS's own programs find them (environment, profile, role). */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: Secret } | undefined
}

export interface LogArchiveSettings {
  readonly to: { readonly folder: string } | { readonly s3: BucketSettings }
  /** After the end of a day, ms. */
  readonly afterMs: number
  /** How long days are held back from retention while archiving fails, ms; undefined: however long. */
  readonly holdMs: number | undefined
}

const hourMs = 3_600_000

const duration = (fallbackMs: number, leastMs: number) => durationFrom(leastMs, '6h or 14d').default(fallbackMs)

const s3 = z
  .strictObject({
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'not a name of a bucket: 3 to 63 of a-z, 0-9, . and -'),
    region: z.string().min(1).max(100).default('us-east-1'),
    endpoint: z
      .string()
      .refine(
        (text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol),
        'not a URL. Write one such as https://minio.example:9000',
      )
      .optional(),
    prefix: z
      .string()
      .max(500)
      .regex(/^(?!\/)[\w!.*'()/=-]*$/, "letters, digits, / and !-_.*'()= alone, no / first")
      .default(''),
    access_key_id: z.string().min(1).optional(),
    secret_access_key: z
      .string()
      .min(1)
      .transform((text) => new Secret(text))
      .optional(),
  })
  .refine(({ access_key_id: id, secret_access_key: secret }) => (id === undefined) === (secret === undefined), {
    message:
      'write both access_key_id and secret_access_key, or none: then AWS’s own variables, profile or role count.',
  })
  .transform(
    ({ bucket, region, endpoint, prefix, access_key_id: accessKeyId, secret_access_key: secret }): BucketSettings => ({
      ...{ bucket, region, endpoint },
      prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
      credentials:
        accessKeyId === undefined || secret === undefined ? undefined : { accessKeyId, secretAccessKey: secret },
    }),
  )

const logs = z
  .strictObject({
    folder: z.string().refine(isAbsolute, 'not the whole path of a folder: begin it with /').optional(),
    s3: s3.optional(),
    after: duration(6 * hourMs, 0),
    hold: z.union([
      z.literal('off'),
      z.literal(false).transform(() => 'off' as const),
      duration(14 * 24 * hourMs, hourMs),
    ]),
  })
  .transform(({ folder, s3: bucket, after, hold }, context): LogArchiveSettings => {
    if ((folder === undefined) === (bucket === undefined)) {
      context.addIssue({ code: 'custom', message: 'say where to: either folder or s3.' })
      return z.NEVER
    }
    return {
      to: bucket === undefined ? { folder: folder as string } : { s3: bucket },
      afterMs: after,
      holdMs: hold === 'off' ? undefined : hold,
    }
  })

export interface ArchiveSettings {
  readonly logs?: LogArchiveSettings | undefined
}

export const archiveSection = defineConfigSection<ArchiveSettings>({
  key: 'archive',
  schema: z.strictObject({ logs: logs.optional() }).default({}),
})
