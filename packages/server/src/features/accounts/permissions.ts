// What roles and scopes allow.
import type { Role, TokenScope } from '@tidewatch/api/accounts.ts'
import type { Permission } from '../../http/port.ts'

export const permissionsOfRole: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set<Permission>(['public', 'view']),
  editor: new Set<Permission>(['public', 'view', 'ingest', 'edit']),
  admin: new Set<Permission>(['public', 'view', 'ingest', 'edit', 'admin']),
}

const permissionsOfScope: Readonly<Record<TokenScope, readonly Permission[]>> = {
  read: ['view'],
  write: ['ingest'],
  edit: ['view', 'edit'],
  admin: ['view', 'ingest', 'edit', 'admin'],
}

export const allScopes: readonly TokenScope[] = ['read', 'write', 'edit', 'admin']

/** What a token may do: no more than its scopes say and no more than its owner may now. */
export function permissionsOfToken(scopes: readonly TokenScope[], owner: Role | undefined): ReadonlySet<Permission> {
  const allowed = permissionsOfRole[owner ?? 'admin']
  const asked = scopes.flatMap((scope) => permissionsOfScope[scope])
  return new Set<Permission>(['public', ...asked.filter((permission) => allowed.has(permission))])
}

/** Whether somebody with these permissions may make a token with this scope. */
export function mayGrant(permissions: ReadonlySet<Permission>, scope: TokenScope): boolean {
  return permissionsOfScope[scope].every((permission) => permissions.has(permission))
}

export const parseScopes = (text: string): TokenScope[] => allScopes.filter((scope) => text.split(',').includes(scope))
