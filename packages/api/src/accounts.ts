// Signing in, users, tokens, ingest keys and the audit log, below /api/tidewatch/v1/.
import { z } from 'zod'

/** What a person may do; each role has what the ones before it have. */
export const role = z.enum(['viewer', 'editor', 'admin'])
export type Role = z.infer<typeof role>

/** What an API token may do: `read` queries, `write` only brings data, `edit` also changes, `admin` everything. */
export const tokenScope = z.enum(['read', 'write', 'edit', 'admin'])
export type TokenScope = z.infer<typeof tokenScope>

/** How people are called: it stands in the audit log, in alerts and in links, so it has no spaces. Letter case does not matter. */
export const userName = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63}$/u,
    'must be 1 to 64 letters, digits or . _ @ + - and begin with a letter or digit',
  )

export const newPassword = z
  .string()
  .min(12, 'must have at least 12 characters')
  .max(256, 'must have at most 256 characters')

const itemName = z.string().trim().min(1, 'must not be empty').max(100, 'must have at most 100 characters')
const atMs = z.int().min(0).max(8.64e15)
const id = z.string().min(1).max(64)
export const idParams = z.strictObject({ id })

/** `POST /session` and `POST /session/link`: who has signed in. */
export const signedInAnswer = z.object({
  user: z.object({ id: z.string().nullable(), name: z.string(), role, hasPassword: z.boolean() }),
  /** False where the server runs with `--no-auth`: there is nothing to sign in to. */
  authRequired: z.boolean(),
})
export type SignedInAnswer = z.infer<typeof signedInAnswer>

/** `GET /session`: who is signed in. Null where nobody is: no error, as the page asks before it shows the sign-in. */
export const sessionAnswer = z.object({ ...signedInAnswer.shape, user: signedInAnswer.shape.user.nullable() })
export type SessionAnswer = z.infer<typeof sessionAnswer>

/** `POST /session`. */
export const signIn = z.strictObject({ name: z.string().min(1).max(64), password: z.string().min(1).max(256) })
/** `POST /session/link`: the token behind `#token=` of a one-time link. */
export const redeemLink = z.strictObject({ token: z.string().min(1).max(200) })
/** `PUT /session/password`: one's own. `current` is needed where there is one. */
export const changePassword = z.strictObject({ current: z.string().max(256).optional(), password: newPassword })

export const session = z.object({
  id: z.string(),
  current: z.boolean(),
  createdAtMs: atMs,
  lastSeenAtMs: atMs,
  expiresAtMs: atMs,
  address: z.string(),
  agent: z.string(),
})
export const sessionList = z.object({ sessions: z.array(session) })
export type Session = z.infer<typeof session>

export const user = z.object({
  id: z.string(),
  name: z.string(),
  role,
  disabled: z.boolean(),
  hasPassword: z.boolean(),
  createdAtMs: atMs,
  lastSignInAtMs: atMs.nullable(),
})
export type User = z.infer<typeof user>
export const userList = z.object({ users: z.array(user) })
export const createUser = z.strictObject({ name: userName, role, password: newPassword.optional() })
export const changeUser = z.strictObject({ role: role.optional(), disabled: z.boolean().optional() })
/** A one-time sign-in link; shown once. */
export const signInLink = z.object({ url: z.string(), expiresAtMs: atMs })
export const createdUser = z.object({ user, link: signInLink.nullable() })

export const token = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(tokenScope),
  /** Whose it is; null for one made on the command line. */
  owner: z.string().nullable(),
  /** The first characters, to tell tokens apart. */
  prefix: z.string(),
  createdAtMs: atMs,
  expiresAtMs: atMs.nullable(),
  lastUsedAtMs: atMs.nullable(),
})
export type Token = z.infer<typeof token>
export const tokenList = z.object({ tokens: z.array(token) })
export const createToken = z.strictObject({
  name: itemName,
  scopes: z.array(tokenScope).min(1, 'name at least one of read, write, edit, admin').max(4),
  /** Null or left out: never. */
  expiresAtMs: atMs.nullable().optional(),
})
/** `secret` is shown here and never again. */
export const createdToken = z.object({ token, secret: z.string() })

export const ingestKey = z.object({
  id: z.string(),
  name: z.string(),
  project: z.int(),
  prefix: z.string(),
  createdAtMs: atMs,
  lastUsedAtMs: atMs.nullable(),
})
export type IngestKey = z.infer<typeof ingestKey>
export const ingestKeyList = z.object({ keys: z.array(ingestKey) })
export const createIngestKey = z.strictObject({ name: itemName, project: z.int().min(0).max(0xffff_ffff).optional() })
/** `secret` is shown here and never again. */
export const createdIngestKey = z.object({ key: ingestKey, secret: z.string() })

export const auditEntry = z.object({
  id: z.string(),
  atMs,
  who: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.unknown(),
})
export type AuditEntry = z.infer<typeof auditEntry>
/** `GET /audit`: newest first; `before` is the `id` of the last entry of the page before. */
export const auditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  before: z.string().max(64).optional(),
})
export const auditList = z.object({ entries: z.array(auditEntry) })
