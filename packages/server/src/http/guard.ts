// Who may call a route.
import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import type { AuthenticatedRequest, Authenticator, Identity, Permission } from './port.ts'

export const anonymous: Identity = {
  kind: 'anonymous',
  name: 'anonymous',
  permissions: new Set<Permission>(['public']),
  projects: new Set(),
  project: defaultProject,
}

const needs: Readonly<Record<Permission, string>> = {
  public: '',
  ingest: 'Use an ingest key or a token with the scope write.',
  view: 'Sign in, or use a token with the scope read.',
  edit: 'Ask an administrator for the role editor, or use a token with the scope edit.',
  admin: 'Ask an administrator, or use a token with the scope admin.',
}

/** The caller's identity. Throws `access.signed_out` or `access.denied`; on a public route nobody is refused. */
export async function guard(
  authenticator: Authenticator,
  permission: Permission,
  request: AuthenticatedRequest,
): Promise<Identity> {
  const identity = await authenticator.identify(request)
  if (permission === 'public') return identity instanceof AppError ? anonymous : identity
  if (identity instanceof AppError) throw identity
  if (identity.permissions.has(permission)) return identity
  if (identity.kind === 'anonymous')
    throw new AppError('access.signed_out', 'nobody is signed in.', { fix: needs[permission] })
  throw new AppError('access.denied', `${identity.name} may not do this: it needs the permission ${permission}.`, {
    fix: needs[permission],
  })
}
