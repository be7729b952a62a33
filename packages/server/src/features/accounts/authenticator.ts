// Who calls, asked for every request: answers are remembered for a few seconds, so that senders cost no look into the database each time.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import type { Kysely } from 'kysely'
import type { AuthenticatedRequest, Authenticator, Identity, Permission } from '../../http/port.ts'
import { hashSecret, keyOf, kindOf, type SecretKind, sessionOf } from './credentials.ts'
import type { Keys } from './keys.ts'
import { parseScopes, permissionsOfRole, permissionsOfToken } from './permissions.ts'
import type { Sessions } from './sessions.ts'
import type { AccountsTables } from './state.ts'

/** A change made elsewhere (the command line, another process) counts after this long at the latest. */
const rememberMs = 5000
const maxRemembered = 2000

export interface AccountsAuthenticator extends Authenticator {
  /** After a change to users, keys or sessions. */
  forget(): void
  /** Writes down when keys and sessions were last used. */
  flushUse(): Promise<void>
}

export interface AuthenticatorOptions {
  readonly db: Kysely<AccountsTables>
  readonly clock: Clock
  readonly keys: Keys
  readonly sessions: Sessions
  /** False for `--no-auth`: who names no key is the local user and may do everything. */
  readonly auth: boolean
}

/** What a secret stands for, as the database has it. */
interface Found {
  readonly identity: Identity | AppError
  readonly expiresAtMs: number
  readonly use: { readonly kind: 'key' | 'session'; readonly id: string; readonly createdAtMs: number } | undefined
}

interface Remembered {
  readonly found: Promise<Found>
  readonly untilMs: number
}

const local: Identity = {
  kind: 'local',
  name: 'local',
  permissions: permissionsOfRole.admin,
  projects: 'all',
  project: defaultProject,
}

export function createAuthenticator(options: AuthenticatorOptions): AccountsAuthenticator {
  const { clock, auth } = options
  const remembered = new Map<string, Remembered>()
  const uses = new Map<
    string,
    { readonly kind: 'key' | 'session'; readonly createdAtMs: number; readonly atMs: number }
  >()

  const look = (hash: string, kind: SecretKind): Promise<Found> => {
    const known = remembered.get(hash)
    if (known !== undefined && known.untilMs > clock.monotonicMs()) return known.found
    const found = find(options, hash, kind)
    remembered.delete(hash)
    remembered.set(hash, { found, untilMs: clock.monotonicMs() + rememberMs })
    found.catch(() => remembered.delete(hash))
    const oldest = remembered.size > maxRemembered ? remembered.keys().next().value : undefined
    if (oldest !== undefined) remembered.delete(oldest)
    return found
  }
  const resolve = async (secret: string, kind: SecretKind): Promise<Identity | AppError> => {
    const hash = hashSecret(secret)
    const nowMs = clock.nowMs()
    let found = await look(hash, kind)
    if (found.expiresAtMs <= nowMs) {
      // its end may have been moved since: a machine that slept wakes up with what it remembered
      remembered.delete(hash)
      found = await look(hash, kind)
    }
    const { identity, expiresAtMs, use } = found
    if (expiresAtMs <= nowMs) return kind === 'session' ? signedOut() : badKey('it has expired')
    if (use !== undefined) uses.set(use.id, { kind: use.kind, createdAtMs: use.createdAtMs, atMs: nowMs })
    return identity
  }
  return {
    async identify(request) {
      const key = keyIn(request)
      if (key instanceof AppError) return auth || request.crossOrigin ? key : local
      const session = key === undefined ? sessionOf(request.headers) : undefined
      if (key !== undefined) {
        const identity = await resolve(key.secret, key.kind)
        return auth || request.crossOrigin ? identity : localWith(identity)
      }
      if (session !== undefined && kindOf(session) === 'session') {
        const identity = await resolve(session, 'session')
        if (auth) return identity
      }
      return auth || request.crossOrigin ? signedOut() : local
    },
    forget: () => remembered.clear(),
    async flushUse() {
      const all = [...uses]
      uses.clear()
      for (const [id, { kind, createdAtMs, atMs }] of all) {
        await (kind === 'key' ? options.keys.used(id, atMs) : options.sessions.touch(id, createdAtMs, atMs))
      }
    },
  }
}

/** Without signing in, a key still says for which project it brings data. */
function localWith(identity: Identity | AppError): Identity {
  return identity instanceof AppError ? local : { ...local, project: identity.project }
}

function keyIn({
  headers,
  url,
}: AuthenticatedRequest): { readonly secret: string; readonly kind: SecretKind } | AppError | undefined {
  const key = keyOf(headers, url)
  if (key === undefined) return undefined
  const kind = kindOf(key.secret)
  // some APIs have a parameter `key` of their own
  if (key.isInUrl && kind === undefined) return undefined
  if (key.isInUrl && kind !== 'ingest_key')
    return badKey('only ingest keys may stand in a URL, since URLs are written to logs')
  if (kind !== 'token' && kind !== 'ingest_key')
    return badKey('it is neither a token (twt_…) nor an ingest key (twi_…)')
  return { secret: key.secret, kind }
}

function badKey(reason: string): AppError {
  return new AppError('access.bad_credentials', `the key of this request is not valid: ${reason}.`, {
    where: { key: 'authorization' },
    fix: 'Send a token or ingest key that is listed under Settings, as: Authorization: Bearer KEY',
  })
}

function signedOut(): AppError {
  return new AppError('access.signed_out', 'nobody is signed in.', {
    fix: 'Sign in, or send a token: Authorization: Bearer TOKEN',
  })
}

function find(options: AuthenticatorOptions, hash: string, kind: SecretKind): Promise<Found> {
  return kind === 'session' ? findSession(options, hash) : findKey(options, hash)
}

async function findSession({ db }: AuthenticatorOptions, hash: string): Promise<Found> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select([
      'sessions.id',
      'sessions.created_at_ms',
      'sessions.expires_at_ms',
      'users.id as user_id',
      'users.name',
      'users.role',
      'users.disabled',
    ])
    .where('sessions.secret_hash', '=', hash)
    .executeTakeFirst()
  if (row === undefined || row.disabled !== 0)
    return { identity: signedOut(), expiresAtMs: Number.POSITIVE_INFINITY, use: undefined }
  const identity: Identity = {
    kind: 'session',
    name: row.name,
    userId: row.user_id,
    permissions: permissionsOfRole[row.role],
    projects: 'all',
    project: defaultProject,
  }
  return {
    identity,
    expiresAtMs: row.expires_at_ms,
    use: { kind: 'session', id: row.id, createdAtMs: row.created_at_ms },
  }
}

async function findKey({ db }: AuthenticatorOptions, hash: string): Promise<Found> {
  const row = await db
    .selectFrom('access_keys')
    .leftJoin('users', 'users.id', 'access_keys.user_id')
    .selectAll('access_keys')
    .select(['users.role', 'users.disabled'])
    .where('secret_hash', '=', hash)
    .executeTakeFirst()
  if (row === undefined)
    return {
      identity: badKey('it is not known, or was revoked'),
      expiresAtMs: Number.POSITIVE_INFINITY,
      use: undefined,
    }
  const use = { kind: 'key', id: row.id, createdAtMs: row.created_at_ms } as const
  const expiresAtMs = row.expires_at_ms ?? Number.POSITIVE_INFINITY
  if (row.disabled === 1) return { identity: badKey('its owner is disabled'), expiresAtMs, use: undefined }
  const project = row.project as ProjectId
  if (row.kind === 'ingest_key') {
    const permissions = new Set<Permission>(['public', 'ingest'])
    return {
      identity: { kind: 'ingest_key', name: `key:${row.name}`, permissions, projects: new Set(), project },
      expiresAtMs,
      use,
    }
  }
  const identity: Identity = {
    kind: 'token',
    name: `token:${row.name}`,
    ...(row.user_id === null ? {} : { userId: row.user_id }),
    permissions: permissionsOfToken(parseScopes(row.scopes), row.role ?? undefined),
    projects: 'all',
    project,
  }
  return { identity, expiresAtMs, use }
}
